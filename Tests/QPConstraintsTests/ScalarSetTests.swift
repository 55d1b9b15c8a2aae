import Testing

@testable import QPConstraints

@Suite("Scalar sets")
struct ScalarSetTests {
    @Test("Every scalar of a set, and no other, is encoded by exactly one of its sequences")
    func sequencesEncodeTheSet() {
        let sets: [ScalarSet] = [
            .all, ScalarSet([0x41...0x5A]), ScalarSet([0x7E...0x81]), ScalarSet([0x7FE...0x1234, 0xD000...0xE100]),
            ScalarSet([0xFFFE...0x10001, 0x10FFFF...0x10FFFF]), ScalarSet([0x3B1...0x3C9]).complement,
        ]
        for set in sets {
            let sequences = set.utf8Sequences
            for value in stride(from: UInt32(0), through: 0x10FFFF, by: 1) {
                guard let scalar = Unicode.Scalar(value) else { continue }
                guard value < 0x3000 || value > 0x10F000 || value % 61 == 0 || (0xD000...0xE200).contains(value) else {
                    continue
                }
                let bytes = Array(String(Character(scalar)).utf8)
                let matches = sequences.count { ranges in
                    ranges.count == bytes.count && zip(ranges, bytes).allSatisfy { $0.contains($1) }
                }
                #expect(matches == (set.contains(value) ? 1 : 0), "U+\(String(value, radix: 16))")
            }
        }
    }
}
