import QPCore
import Testing

@testable import QPDevice

@Suite struct BufferTests {
    private static let uses: [MemoryUse] = [.device, .upload, .readback]

    private func randomBytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var generator = PhiloxGenerator(seed: seed)
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    @Test(arguments: [false, true], [UInt64](1...4))
    func randomWritesAndReadsAgreeWithAnArray(isAlwaysStaged: Bool, seed: UInt64) throws {
        try withValidatedDevice { device in
            var generator = PhiloxGenerator(seed: seed)
            let buffer = try Buffer(device, byteCount: 1000, use: .device, isAlwaysStaged: isAlwaysStaged)
            if isAlwaysStaged { #expect(!buffer.isMapped) }
            var model = randomBytes(1000, seed: seed)
            try buffer.write(model)
            for turn in 0..<40 {
                let start = Int.random(in: 0...1000, using: &generator)
                let count = Int.random(in: 0...(1000 - start), using: &generator)
                if Bool.random(using: &generator) {
                    let bytes = randomBytes(count, seed: generator.next())
                    try buffer.write(bytes, at: start)
                    model.replaceSubrange(start..<(start + count), with: bytes)
                } else {
                    let bytes = try buffer.read(UInt8.self, count: count, at: start)
                    #expect(bytes == Array(model[start..<(start + count)]), "turn \(turn), seed \(seed)")
                }
            }
            #expect(try buffer.read(count: 1000) == model, "seed \(seed)")
        }
    }

    /// Staged in chunks: more than one, and one that is not full.
    @Test func stagedTransferCrossesChunks() throws {
        try withValidatedDevice { device in
            let count = Buffer.stagingBytes * 2 + 12
            let buffer = try Buffer(device, byteCount: count + 8, use: .device, isAlwaysStaged: true)
            let words = (0..<UInt32(count / 4)).map { $0 &* 2_654_435_761 }
            try buffer.write(words, at: 8)
            let same = try buffer.read(UInt32.self, count: words.count, at: 8) == words
            #expect(same)
            let end = try buffer.read(UInt32.self, count: 3, at: 8 + count - 12)
            #expect(end == Array(words.suffix(3)))
        }
    }

    @Test(arguments: [(1, 4), (4, 4), (5, 8), (4097, 4100)])
    func sizeIsRoundedUpToWords(asked: Int, byteCount: Int) throws {
        try withValidatedDevice { device in
            let buffer = try Buffer(device, byteCount: asked)
            #expect(buffer.byteCount == byteCount)
        }
    }

    @Test(arguments: uses)
    func smallBuffersOfOneBlockDoNotOverlap(use: MemoryUse) throws {
        try withValidatedDevice { device in
            let buffers = try (0..<50).map { try Buffer(device, byteCount: 4 + $0 * 4, use: use) }
            for (index, buffer) in buffers.enumerated() {
                try buffer.write([UInt8](repeating: UInt8(index), count: buffer.byteCount))
            }
            for (index, buffer) in buffers.enumerated() {
                let bytes = try buffer.read(UInt8.self, count: buffer.byteCount)
                #expect(bytes.allSatisfy { $0 == UInt8(index) }, "buffer \(index)")
            }
        }
    }

    @Test func memoryIsGivenBack() throws {
        try withValidatedDevice { device in
            let before = device.allocator.remainingBytes
            do {
                let large = try Buffer(device, byteCount: 64 << 20)
                let small = try Buffer(device, byteCount: 16)
                if !device.limits.hasMemoryBudget {
                    // The large one has its own allocation, the small one a block.
                    let taken = before - device.allocator.remainingBytes
                    #expect(taken == (64 << 20) + MemoryAllocator.blockBytes)
                }
                withExtendedLifetime((large, small)) {}
            }
            if !device.limits.hasMemoryBudget { #expect(device.allocator.remainingBytes == before) }
        }
    }

    @Test func copiesAndFillsRanges() throws {
        try withValidatedDevice { device in
            let source = try Buffer(device, byteCount: 256, use: .upload)
            let target = try Buffer(device, byteCount: 256, use: .readback)
            try source.write((0..<64).map { UInt32($0) })
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    recorder.fill(target, offset: 0, byteCount: 256, with: 0xDEAD_BEEF)
                    recorder.barrier()
                    recorder.copy(from: source, 16, to: target, 32, byteCount: 64)
                    recorder.barrier()
                    recorder.fill(target, offset: 40, byteCount: 8, with: 7)
                    recorder.barrierToHost()
                })
            var expected = [UInt32](repeating: 0xDEAD_BEEF, count: 64)
            for index in 0..<16 { expected[8 + index] = UInt32(4 + index) }
            expected[10] = 7
            expected[11] = 7
            #expect(try target.read(count: 64) == expected)
        }
    }

    @Test func allocationBeyondTheDevicesLargestIsRefused() throws {
        try withValidatedDevice { device in
            let byteCount = device.limits.allocationBytes &+ 4096
            // Where one allocation may be as large as an address, the test has nothing to ask for.
            guard byteCount > 0, byteCount < 1 << 40 else { return }
            let error = try #require(throws: DeviceError.self) { try Buffer(device, byteCount: byteCount) }
            #expect(error.code == .outOfMemory)
            #expect(
                error.description == """
                    an allocation of \(byteCount) bytes exceeds the device's largest, \(device.limits.allocationBytes) bytes
                    This is an error in qp-gpu, which splits larger buffers: please report it.
                    """)
        }
    }

    /// One large buffer after another: each alone is allowed, all together are more than there is. Nothing is
    /// written to them, so no memory is really taken.
    @Test func allocationsBeyondTheMemoryAreRefused() throws {
        try withValidatedDevice { device in
            guard device.physical.isSoftware, !device.limits.hasMemoryBudget else { return }
            let byteCount = min(device.limits.allocationBytes, 2 << 30) - 4096
            var left = device.allocator.remainingBytes
            #expect(left == HostMemory.byteCount)
            var buffers: [Buffer] = []
            while left >= byteCount {
                // The driver may grant less than the host has; then its own refusal is the answer.
                do throws(DeviceError) { buffers.append(try Buffer(device, byteCount: byteCount)) } catch {
                    #expect(error.code == .outOfMemory)
                    #expect(error.message.hasPrefix("vkAllocateMemory of \(byteCount) bytes returned VK_ERROR_OUT_OF_"))
                    return
                }
                left -= byteCount
            }
            let error = try #require(throws: DeviceError.self) { try Buffer(device, byteCount: byteCount) }
            #expect(error.code == .outOfMemory)
            #expect(
                error.description == """
                    \(byteCount) bytes are needed, but memory heap 0 has \(left) bytes left
                    Choose a smaller head or element type, or free memory on the device.
                    """)
            // What was refused left nothing behind.
            buffers.removeAll()
            #expect(device.allocator.remainingBytes == HostMemory.byteCount)
        }
    }

    @Test func whatCannotFitIsRefusedBeforehand() throws {
        try withValidatedDevice { device in
            let left = device.allocator.remainingBytes
            try device.requireMemory(1, for: "a byte")
            let error = try #require(throws: DeviceError.self) {
                try device.requireMemory(1 << 60, for: "the head 1×1 f32")
            }
            #expect(error.code == .outOfMemory)
            guard !device.limits.hasMemoryBudget else { return }
            #expect(
                error.description == """
                    the head 1×1 f32 needs 1152921504606846976 bytes, but \(device.physical.name) has \(left) bytes left
                    Choose a smaller head or element type, or free memory on the device.
                    """)
        }
    }
}
