import Testing

@testable import QPDevice

@Suite struct UploadTests {
    /// Writes reach memory that the host sees at once, and staged memory when the copies have run; again and again.
    @Test func writesArriveEitherWay() throws {
        try withValidatedDevice { device in
            let uploads = Uploads(device)
            let mapped = try Buffer(device, byteCount: 400, use: .upload)
            let staged = try Buffer(device, byteCount: 400_000, use: .device, isAlwaysStaged: true)
            for round in UInt32(0)..<3 {
                uploads.begin()
                // More than the first staging buffer takes, in the last round.
                let large = [UInt32](repeating: round, count: round == 2 ? 50_000 : 100)
                try uploads.write([round, round + 1], to: mapped, at: 8)
                #expect(try mapped.read(UInt32.self, count: 2, at: 8) == [round, round + 1])
                #expect(try uploads.commands() == nil)
                try uploads.write(large, to: staged, at: 100)
                try uploads.write([round + 7], to: staged, at: 40)
                try uploads.write([UInt32](), to: staged, at: 0)
                let commands = try #require(try uploads.commands())
                try device.run(commands)
                #expect(try staged.read(UInt32.self, count: large.count, at: 100) == large)
                #expect(try staged.read(UInt32.self, count: 1, at: 40) == [round + 7])
            }
        }
    }
}
