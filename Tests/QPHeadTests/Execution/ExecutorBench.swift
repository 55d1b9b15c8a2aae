import QPCore
import QPKernels
import QPPlanner

@testable import QPHead

/// A small head with a cost model, random steps over it, and what dense says of them.
struct ExecutorBench {
    static let V = 600
    static let d = 24
    let head: Head
    private let truth: [Int: Workspace]

    init(_ library: KernelLibrary, seed: UInt64 = 11, largestBatch: Int = 4) throws {
        let shape = try HeadShape(vocabularySize: Self.V, hiddenSize: Self.d, elementType: .f16)
        head = try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: seed)))
        let head = head
        truth = Dictionary(
            uniqueKeysWithValues: try (1...largestBatch).map { ($0, try Workspace(head, batch: $0)) })
    }

    /// A scan costs 1 ms for any batch, a gathered row 10 µs, compaction 50 µs more.
    var model: CostModel {
        func curve(_ step: StepName, _ from: Int, _ to: Int) -> CostCurve {
            CostCurve(
                step: step, batch: 1, pattern: .uniform,
                points: [(1, from), (Self.V, to)].map {
                    .init(allowedTokenCount: $0, nanoseconds: $1, lowNanoseconds: $1, highNanoseconds: $1)
                })
        }
        return CostModel(
            head: head.shape,
            curves: [
                curve(.dense, 1_000_000, 1_000_000), curve(.sparse, 10_000, 6_000_000),
                curve(.sparseFromMask, 60_000, 6_050_000),
            ], bytesPerNanosecond: nil)
    }

    static func mask(_ K: Int, _ generator: inout PhiloxGenerator) -> TokenMask {
        IndexPattern.uniform.tokens(K, vocabularySize: V, using: &generator)
    }

    static func state(_ generator: inout PhiloxGenerator) -> [Float] {
        (0..<d).map { _ in Float.random(in: -1...1, using: &generator) }
    }

    func step(_ masks: [TokenMask]) throws -> DecodeStep {
        try DecodeStep(head: head.shape, rows: masks.map { .init(allowedTokenCount: $0.count) })
    }

    func dense(_ hidden: [[Float]], _ masks: [TokenMask]) throws -> [StepRecord] {
        try truth[masks.count]!.run(.dense, hidden: hidden, allowed: masks)
    }

    /// A step's input with its answer, known beforehand: asking dense while steps are in flight would wait for them.
    struct Case {
        let masks: [TokenMask]
        let hidden: [[Float]]
        let expected: [StepRecord]
    }

    func cases(
        _ count: Int, rows: ClosedRange<Int> = 1...4, K choices: [Int], _ generator: inout PhiloxGenerator
    ) throws -> [Case] {
        try (0..<count).map { _ in
            let masks = (0..<Int.random(in: rows, using: &generator)).map { _ in
                Self.mask(choices.randomElement(using: &generator)!, &generator)
            }
            let hidden = masks.map { _ in Self.state(&generator) }
            return Case(masks: masks, hidden: hidden, expected: try dense(hidden, masks))
        }
    }
}
