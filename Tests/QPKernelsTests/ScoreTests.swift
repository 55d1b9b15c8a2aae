import QPCore
import QPDevice
import QPKernels
import QPTestSupport
import Testing

/// One shape with one way to compile the kernel.
struct ScoreCase: CustomTestStringConvertible, Sendable {
    var V: Int
    var d: Int
    var type: ElementType
    var batch = 1
    var lanes = 2
    var rows = 2
    var source = WeightSource.texels
    var layout = WeightLayout.rowMajor
    var windowBytes: Int?
    var partBytes: Int?

    var testDescription: String {
        "V=\(V) d=\(d) \(type) B=\(batch) lanes=\(lanes) rows=\(rows) \(source) \(layout) window=\(windowBytes ?? 0) part=\(partBytes ?? 0)"
    }

    func variant(_ library: KernelLibrary) -> ScoreVariant {
        ScoreVariant(
            lanesPerRow: min(lanes, library.subgroupSize), rowsPerLaneGroup: rows,
            columnsPerPass: ScoreVariant.columns(batch: batch), workgroupSize: library.subgroupSize * 2,
            source: source, layout: layout)
    }

    /// Every element type and size around the units, blocks and words, then each dimension of a variant in turn.
    static let all: [ScoreCase] = {
        var cases: [ScoreCase] = []
        for type in ElementType.allCases {
            for d in [1, 7, 8, 9, 31, 32, 33, 96] { cases.append(ScoreCase(V: 67, d: d, type: type)) }
            for V in [1, 2, 7, 8, 9, 31, 32, 33, 257] { cases.append(ScoreCase(V: V, d: 40, type: type)) }
            for source in [WeightSource.texels, .storage] {
                for (lanes, rows) in [(1, 1), (1, 4), (2, 8), (4, 2), (8, 1)] {
                    cases.append(ScoreCase(V: 131, d: 200, type: type, lanes: lanes, rows: rows, source: source))
                }
                cases.append(ScoreCase(V: 300, d: 72, type: type, source: source, windowBytes: 100 * 72))
            }
            cases.append(ScoreCase(V: 75, d: 48, type: type, lanes: 1, layout: .interleaved))
            cases.append(ScoreCase(V: 300, d: 72, type: type, lanes: 1, layout: .interleaved, windowBytes: 100 * 72))
            cases.append(ScoreCase(V: 300, d: 72, type: type, windowBytes: 40 * 72, partBytes: 150 * 72))
            cases.append(
                ScoreCase(V: 300, d: 72, type: type, batch: 3, lanes: 1, layout: .interleaved, partBytes: 150 * 72))
            for batch in [2, 3, 5, 8, 13, 64] { cases.append(ScoreCase(V: 53, d: 64, type: type, batch: batch)) }
        }
        return cases
    }()
}

@Suite struct ScoreTests {
    /// An id that is not 0, 1, 2 …: gathers in another order, with repetition.
    func shuffledIDs(_ V: Int, _ seed: UInt64) -> [UInt32] {
        var generator = PhiloxGenerator(seed: seed)
        return (0..<UInt32(V)).shuffled(using: &generator) + [0, UInt32(V - 1), 0]
    }

    @Test(arguments: ScoreCase.all)
    func scanAndGatherMatchTheReference(_ test: ScoreCase) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let shape = try HeadShape(vocabularySize: test.V, hiddenSize: test.d, elementType: test.type)
        try validated { library in
            let bench = try Bench(
                library, shape: shape, batch: test.batch, seed: seed, interleaved: test.layout == .interleaved,
                maximumWindowBytes: test.windowBytes, maximumPartBytes: test.partBytes)
            let variant = test.variant(library)
            let scores = try bench.scan(variant)
            for (column, hidden) in bench.hiddenValues.enumerated() {
                for v in 0..<test.V {
                    let row = bench.rows(v)
                    let exact = Reference.score(row, hidden, shape: shape)
                    let bound = Reference.errorBound(row, hidden, shape: shape, lanesPerRow: variant.lanesPerRow)
                    let error = abs(Double(scores[column][v]) - exact.score)
                    #expect(error <= bound, "row \(v) column \(column), seed \(seed)")
                    #expect(error <= 1e-6 * exact.magnitude + 1e-30, "row \(v) column \(column), seed \(seed)")
                }
            }
            let ids = shuffledIDs(test.V, seed)
            let gathered = try bench.gather(variant.gatherTwin, lists: Array(repeating: ids, count: test.batch))
            for column in 0..<test.batch {
                let expected = ids.map { scores[column][Int($0)].bitPattern }
                #expect(gathered[column].map(\.bitPattern) == expected, "bits differ, seed \(seed)")
            }
        }
    }

    @Test(arguments: ScoreCase.all)
    func fusedTopTwoIsTheBestOfTheScores(_ test: ScoreCase) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let shape = try HeadShape(vocabularySize: test.V, hiddenSize: test.d, elementType: test.type)
        try validated { library in
            let bench = try Bench(
                library, shape: shape, batch: test.batch, seed: seed, interleaved: test.layout == .interleaved,
                maximumWindowBytes: test.windowBytes, maximumPartBytes: test.partBytes)
            let variant = test.variant(library)
            let scores = try bench.scan(variant)
            var generator = PhiloxGenerator(seed: seed)
            // A share of the vocabulary in each batch row, from one token to all.
            let lists = (0..<test.batch).map { row -> [UInt32] in
                let K = row == 0 ? max(1, test.V / 2) : Int.random(in: 1...test.V, using: &generator)
                return Array((0..<UInt32(test.V)).shuffled(using: &generator).prefix(K))
            }
            let everything = Array(repeating: Array(0..<UInt32(test.V)), count: test.batch)
            func expected(_ lists: [[UInt32]]) -> [StepRecord] {
                lists.enumerated().map { column, list in
                    Reference.topTwo(list.map { ($0, scores[column][Int($0)]) })
                }
            }
            #expect(try bench.topTwo(variant, .scan, lists: everything) == expected(everything), "seed \(seed)")
            #expect(try bench.topTwo(variant, .gather, lists: lists) == expected(lists), "seed \(seed)")
            for skipping in [false, true] {
                let records = try bench.topTwo(variant, .masked(skipping: skipping), lists: lists)
                #expect(records == expected(lists), "skipping \(skipping), seed \(seed)")
            }
            let masks = try lists.map { try TokenMask(allowing: $0.map(Int.init), vocabularySize: test.V).words }
            let device = try bench.fromMask(variant, masks: masks)
            #expect(device.records == expected(lists), "seed \(seed)")
            #expect(device.lists == lists.map { $0.sorted() }, "seed \(seed)")
        }
    }
}
