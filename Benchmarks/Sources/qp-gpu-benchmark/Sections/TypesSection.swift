import QPCore
import QPKernels

/// The row-major scan in every element type, beside the f32 scan and plain reads of as many bytes.
enum TypesSection {
    static func run(_ bench: Bench, _ shape: (V: Int, d: Int)) throws -> Block {
        let types: [ElementType] = [.f32, .f16, .bf16, .int8]
        var candidates: [Candidate] = []
        let host = UnsafeMutableRawBufferPointer.allocate(
            byteCount: try bench.shape(shape, .f32).weightBytes, alignment: 4096)
        defer { host.deallocate() }
        // Touched, or every page would be the same page of zeros.
        host.initializeMemory(as: UInt8.self, repeating: 1)
        for type in types {
            let fixture = try bench.fixture(try bench.shape(shape, type))
            let tuned = try bench.tune(fixture)
            let evict = bench.eviction(byteCount: fixture.shape.weightBytes)
            candidates.append(try fixture.scanCandidate("scan \(type.rawValue)", tuned.rowMajor, prepare: evict))
            // One read for each size: bf16 takes as many bytes as f16.
            if type != .bf16 {
                candidates.append(
                    bench.plainRead(
                        readName(type), UnsafeRawBufferPointer(host), byteCount: fixture.shape.weightBytes))
            }
            if type == .f16 { candidates.append(try fixture.readCandidate("device read", prepare: evict)) }
        }
        let title = "Element types, scan \(shape.V)×\(shape.d)"
        let comparison = try bench.compare(title, candidates)
        let findings = types.flatMap { type in
            let scan = "scan \(type.rawValue)"
            return
                (type == .f32
                ? [] : [comparison.ratio("f32 scan time / \(type.rawValue) scan time", "scan f32", over: scan)]) + [
                    comparison.bandwidthRatio(
                        "\(type.rawValue) scan / plain read, bytes a second", scan, over: readName(type))
                ]
        }
        // The goal for a GPU stands at a large model's head.
        let wanted: Goal? = !bench.isSoftware && shape == (V: 128256, d: 4096) ? .atLeast(0.85) : nil
        return Block(
            section: .types, title: title, series: comparison.series,
            findings: findings + [
                comparison.bandwidthRatio(
                    "f16 scan / device read, bytes a second", "scan f16", over: "device read", goal: wanted)
            ])
    }

    private static func readName(_ type: ElementType) -> String {
        "plain read, \(type == .bf16 ? "f16" : type.rawValue) size"
    }
}
