import Foundation
import QPFuzz
import QPTestInputs
import Testing

/// Seeds and past crashes of the fuzzer, and seeded mutations of both. `Fuzz/run` looks for new ones by coverage.
@Suite("Parsers on bad input")
struct ReplayTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fuzz")

    static func inputs(_ target: FuzzTarget) throws -> [[UInt8]] {
        try ["Seeds", "Crashes"].flatMap { kind -> [[UInt8]] in
            let place = folder.appending(path: kind).appending(path: target.rawValue)
            let files = (try? FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)) ?? []
            return try files.sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
        }
    }

    @Test("Seeds, past crashes and 400 mutations of each are survived", arguments: FuzzTarget.allCases)
    func replay(target: FuzzTarget) throws {
        let inputs = try Self.inputs(target)
        #expect(!inputs.isEmpty, "Fuzz/Seeds/\(target.rawValue) is empty")
        for input in inputs { target.run(input) }
        // A crash prints no seed, so it is fixed: the same mutations in every run.
        var random = Mutator(seed: 1)
        for input in inputs {
            for _ in 0..<(400 / inputs.count + 1) { target.run(random.mutated(input, with: inputs)) }
        }
    }
}

/// Mutations as fuzzers make them: bytes flipped, removed, repeated, and pieces of other inputs put in.
struct Mutator {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed: seed) }

    private mutating func next(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &random) }

    mutating func mutated(_ input: [UInt8], with others: [[UInt8]]) -> [UInt8] {
        var bytes = input
        for _ in 0...next(4) {
            let place = next(bytes.count + 1)
            switch next(6) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8(next(8))
            case 1 where place < bytes.count: bytes[place] = UInt8(next(256))
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + next(8)))
            case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + next(16))], at: place)
            case 4:
                let other = others[next(others.count)]
                let start = next(other.count + 1)
                bytes.insert(contentsOf: other[start..<min(other.count, start + 1 + next(24))], at: place)
            default: bytes.removeSubrange(place...)
            }
        }
        return bytes
    }
}
