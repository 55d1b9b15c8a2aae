import QPCore
import QPDevice
import QPShaders
import QPTestSupport
import Testing

@testable import QPKernels

/// Screens in blocks: what is written and how it is scored, against plain host code.
@Suite struct BlockScreenTests {
    static let formats: [ScreenFormat] = [.bits6, .bits5]
    static let sizes = [1, 31, 32, 33, 63, 64, 65, 96, 200, 640]

    /// Rows whose blocks differ in size by orders; some are zero, some tiny, one holds a NaN.
    private static func rows(V: Int, shape: HeadShape, seed: UInt64) -> [[Float]] {
        var generator = PhiloxGenerator(seed: seed)
        return (0..<V).map { v in
            var row = (0..<shape.hiddenSize).map { column in
                let size: Float = [1, 0x1p-12, 3, 0][(v + column / 32) % 4]
                return size * Float.random(in: -1...1, using: &generator)
            }
            if v % 13 == 7 { row = row.map { $0 * 0x1p-110 } }
            if v % 13 == 9 { row[v % row.count] = .nan }
            return row
        }
    }

    /// A step of a format at most, where a quotient lies between two integers; the same in nearly all places.
    @Test(arguments: formats, sizes) func rowsAreTheReferences(_ format: ScreenFormat, _ d: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let shape = try HeadShape(vocabularySize: 67, hiddenSize: d, elementType: .f32)
        let rows = Self.rows(V: 67, shape: shape, seed: seed)
        try validated { library in
            let weights = try HeadWeights(library, shape: shape, maximumWindowBytes: 33 * shape.bytesPerRow) {
                EncodedRow(rows[$0], shape: shape)
            }
            let copy = try ScreenCopy(
                library, of: weights, format: format, lanesPerRow: 2,
                maximumWindowBytes: 32 * format.unitsPerRow(hiddenSize: d) * 16)
            var unequal = 0
            for (v, row) in rows.enumerated() {
                let expected = BlockCoding.decode(BlockCoding.encode(row, format), format, hiddenSize: d)
                let found = try copy.readWeights(v)
                for column in 0..<d where found[column] != expected[column] {
                    if found[column].isNaN, expected[column].isNaN { continue }
                    unequal += 1
                    let block = row.dropFirst(column / 32 * 32).prefix(32).map(\.magnitude).max()!
                    let step = Double(block) / (format == .bits6 ? 31 : 15) * 1.02
                    #expect(
                        (found[column] - expected[column]).magnitude <= step,
                        "row \(v), column \(column): \(found[column]) for \(expected[column]), seed \(seed)")
                }
            }
            #expect(unequal <= 67 * d / 100, "\(unequal) elements differ, seed \(seed)")
        }
    }

    /// Scores of scan and gather, for whole and partial tiles of columns and several windows, are those of the stored
    /// rows within the bound that the certificate charges; a gather gives the bits of the scan.
    @Test(arguments: formats, [1, 33, 64, 200, 640]) func scoresAreTheReferences(
        _ format: ScreenFormat, _ d: Int
    ) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let V = 77
        let shape = try HeadShape(vocabularySize: V, hiddenSize: d, elementType: .bf16)
        let rows = Self.rows(V: V, shape: shape, seed: seed)
        try validated { library in
            let weights = try HeadWeights(library, shape: shape) { EncodedRow(rows[$0], shape: shape) }
            for (batch, source) in [(1, WeightSource.texels), (3, .storage), (8, .texels)] {
                let lanes = min(batch, library.subgroupSize)
                let variant = ScoreVariant(
                    lanesPerRow: lanes.nextPowerOfTwo, rowsPerLaneGroup: 8 / lanes.nextPowerOfTwo,
                    workgroupSize: library.subgroupSize * (batch == 3 ? 2 : 1), source: source)
                let copy = try ScreenCopy(
                    library, of: weights, format: format, lanesPerRow: 1, variant: variant,
                    maximumWindowBytes: 32 * format.unitsPerRow(hiddenSize: d) * 16)
                let stored = try (0..<V).map { try copy.readWeights($0) }
                let rounding = ScreenCopy.rounding(format, shape: shape, lanesPerRow: variant.lanesPerRow)
                let hidden = try HiddenStates(library.device, shape: shape, batch: batch)
                var generator = PhiloxGenerator(seed: seed)
                let states = (0..<batch).map { _ in (0..<d).map { _ in Float.random(in: -2...2, using: &generator) } }
                for (row, state) in states.enumerated() { try hidden.write(state, row: row) }
                let scanned = try RowValues(library, vocabularySize: V, setCount: batch)
                let gathered = try RowValues(library, vocabularySize: V, setCount: batch)
                let ids = (0..<batch).map { _ in (0..<V).filter { _ in Bool.random(using: &generator) }.map(UInt32.init)
                }
                try Self.score(library, copy, hidden, ids, scanned, gathered)
                for row in 0..<batch {
                    let what = "batch row \(row) of \(batch), \(source), seed \(seed)"
                    let scan = try scanned.read(set: row)
                    let length = Reference.norm(states[row].map(Double.init))
                    for v in 0..<V {
                        let exact = zip(stored[v], states[row]).reduce(0.0) { $0 + $1.0 * Double($1.1) }
                        let size = Reference.norm(stored[v])
                        let bound =
                            Double(rounding.gamma) * size * length
                            + Double(rounding.flushed) * (1 + size + length)
                        let isRight = exact.isNaN ? scan[v].isNaN : (Double(scan[v]) - exact).magnitude <= bound
                        #expect(isRight, "row \(v): \(scan[v]) for \(exact), \(what)")
                    }
                    let gather = try gathered.read(set: row)
                    for id in ids[row].map({ Int($0) }) {
                        #expect(
                            gather[id].bitPattern == scan[id].bitPattern || gather[id].isNaN && scan[id].isNaN,
                            "row \(id), \(what)")
                    }
                    // Nothing is written beside the list.
                    let listed = Set(ids[row].map { Int($0) })
                    #expect((0..<V).allSatisfy { listed.contains($0) || gather[$0].bitPattern == .max }, "\(what)")
                }
            }
        }
    }

    private static func score(
        _ library: KernelLibrary, _ copy: ScreenCopy, _ hidden: HiddenStates, _ ids: [[UInt32]],
        _ scanned: RowValues, _ gathered: RowValues
    ) throws {
        let all: [UInt32] = Array(ids.joined()) + [0]
        let list = try Buffer(library.device, byteCount: all.count * 4)
        try list.write(all)
        var table: [UInt32] = []
        var offset: UInt32 = 0
        for row in ids {
            table += [offset, UInt32(row.count)]
            offset += UInt32(row.count)
        }
        let lists = try Buffer(library.device, byteCount: table.count * 4)
        try lists.write(table)
        let none = BoundResource.storage(list)
        let scan = try copy.kernel(library, .scan, batch: ids.count)
            .bind(hidden: hidden, allowed: none, lists: .storage(lists), result: scanned.resource)
        let gather = try copy.kernel(library, .gather, batch: ids.count)
            .bind(hidden: hidden, allowed: .storage(list), lists: .storage(lists), result: gathered.resource)
        let longest = ids.map(\.count).max()!
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                gathered.recordClear(into: &recorder)
                recorder.barrier()
                scan.record(into: &recorder, .rows(0..<scanned.vocabularySize), resultStride: scanned.stride)
                gather.record(into: &recorder, .listed(max(1, longest)), resultStride: gathered.stride)
                recorder.barrier()
                recorder.barrierToHost()
            })
    }

    @Test func aRowTakesItsShareOfHalf() {
        func share(_ format: ScreenFormat, _ d: Int) -> Double {
            Double(format.bytesReadPerRow(hiddenSize: d)) / Double(2 * d)
        }
        #expect(share(.bits8, 1024) == 0.501953125)
        #expect(share(.bits6, 1024) == 0.40625)
        #expect(share(.bits5, 1024) == 0.34375)
        #expect([640, 896, 4096].allSatisfy { share(.bits6, $0) < 0.42 && share(.bits5, $0) < 0.355 })
    }

    @Test(arguments: formats, [WeightSource.texels, .storage])
    func everyVariantCompilesAndValidates(_ format: ScreenFormat, _ source: WeightSource) throws {
        let compiler = ShaderCompiler(files: ShaderSources.files, cache: CacheFolder(path: nil))
        for (rows, columns) in [(1, 1), (2, 8), (8, 1), (8, 8)] {
            for selection in [RowSelection.scan, .gather] where selection == .scan || columns == 1 {
                let variant = ScoreVariant(
                    lanesPerRow: 1, rowsPerLaneGroup: rows, columnsPerPass: columns, workgroupSize: 32, source: source)
                let macros = ScoreKernel.blockMacros(format, variant, selection)
                #expect(try !compiler.compile("score_blocks.comp", macros: macros).isEmpty)
            }
        }
        for type in ElementType.allCases {
            let macros = QuantizeKernel.macros(format, type)
            #expect(try !compiler.compile(QuantizeKernel.file(format), macros: macros).isEmpty)
        }
    }
}

extension Int {
    fileprivate var nextPowerOfTwo: Int {
        var power = 1
        while power < self { power *= 2 }
        return power
    }
}
