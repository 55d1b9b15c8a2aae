import QPCore
import QPDevice
import QPShaders
import QPTestSupport
import Testing

@testable import QPKernels

/// What a certificate multiplies: never too small, and not much too large.
@Suite struct FilterKernelTests {
    static let sizes = [1, 7, 8, 9, 31, 32, 33, 200]

    /// Rows of many lengths; every ninth has something that is not finite, or is too long.
    private static func rows(V: Int, shape: HeadShape, seed: UInt64) -> [EncodedRow] {
        var generator = PhiloxGenerator(seed: seed)
        return (0..<V).map { v in
            let scale = Float([1, 1e-3, 1e3, 1e-30].randomElement(using: &generator)! as Double)
            var row = (0..<shape.hiddenSize).map { _ in scale * Float.random(in: -1...1, using: &generator) }
            if v % 9 == 3 { row[v % shape.hiddenSize] = .nan }
            if v % 9 == 5 { row[v % shape.hiddenSize] = -.infinity }
            if v % 9 == 7, shape.elementType != .f16 { row[v % shape.hiddenSize] = 0x1p64 }
            return EncodedRow(row, shape: shape)
        }
    }

    private func isBounded(_ row: EncodedRow, _ shape: HeadShape) -> Bool {
        Reference.norm(row.weights(shape: shape)) < 0x1p63
    }

    /// Squares below 2⁻¹²⁶ may be lost: a floor of the bound.
    private func floor(_ shape: HeadShape) -> Double { Double(shape.hiddenSize + 16).squareRoot() * 0x1p-62 }

    @Test(arguments: ElementType.allCases, sizes) func normsAreRoundedUp(_ type: ElementType, _ d: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let shape = try HeadShape(vocabularySize: 67, hiddenSize: d, elementType: type)
        let rows = Self.rows(V: 67, shape: shape, seed: seed)
        try validated { library in
            let weights = try HeadWeights(library, shape: shape, maximumWindowBytes: 33 * shape.bytesPerRow) {
                rows[$0]
            }
            let norms = try RowNorms(library, of: weights).read()
            for (v, row) in rows.enumerated() {
                guard isBounded(row, shape) else {
                    #expect(norms[v] == .infinity, "row \(v), seed \(seed)")
                    continue
                }
                let exact = Reference.norm(row.weights(shape: shape))
                #expect(Double(norms[v]) >= exact, "row \(v), seed \(seed)")
                #expect(Double(norms[v]) <= exact * 1.001 + floor(shape), "row \(v), seed \(seed)")
            }
        }
    }

    @Test(arguments: ElementType.allCases, sizes)
    func theCopysCoefficientsCoverItsErrors(_ type: ElementType, _ d: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let shape = try HeadShape(vocabularySize: 67, hiddenSize: d, elementType: type)
        let rows = Self.rows(V: 67, shape: shape, seed: seed)
        try validated { library in
            let weights = try HeadWeights(library, shape: shape, maximumWindowBytes: 33 * shape.bytesPerRow) {
                rows[$0]
            }
            for format in ScreenFormat.allCases {
                let copy = try ScreenCopy(
                    library, of: weights, format: format, lanesPerRow: 2,
                    maximumWindowBytes: 32 * format.unitsPerRow(hiddenSize: d) * 16)
                let coefficients = try copy.coefficients.read()
                let gamma =
                    Double(ScoreRounding(shape: shape, lanesPerRow: 2).gamma)
                    + Double(
                        ScreenCopy.rounding(format, shape: shape, lanesPerRow: copy.variant.lanesPerRow).gamma)
                for (v, row) in rows.enumerated() {
                    let what = "\(format), row \(v), seed \(seed)"
                    guard isBounded(row, shape) else {
                        #expect(coefficients[v] == .infinity, "\(what)")
                        continue
                    }
                    let stored = try copy.readWeights(v)
                    let exact = row.weights(shape: shape)
                    let errors = zip(exact, stored).map { $0 - $1 }
                    let needed = Reference.norm(errors) + gamma * Reference.norm(exact)
                    #expect(Double(coefficients[v]) >= needed, "\(what)")
                    // What the coefficient adds for rounding, and a product rounded where a driver does not fuse it.
                    let roundings = Reference.norm(exact) * (0x1p-21 + 0x1p-23)
                    #expect(
                        Double(coefficients[v]) <= needed * 1.002 + roundings + floor(shape) * 1.1, "\(what)")
                    // As good as its bits can be: half a step, where the group that shares a scale is not all error.
                    let groupSize = format == .bits8 ? d : 32
                    let steps = [ScreenFormat.bits8: 127.0, .bits6: 31, .bits5: 15][format]!
                    for first in stride(from: 0, to: d, by: groupSize) {
                        let group = first..<min(d, first + groupSize)
                        let largest = exact[group].reduce(0) { max($0, $1.magnitude) }
                        guard largest > 1e-29 else { continue }
                        // A bfloat16 scale is rounded up by a 128th at most.
                        let half = largest / steps * (format == .bits8 ? 0.5001 : 0.5001 * (1 + 0x1p-7))
                        #expect(errors[group].allSatisfy { $0.magnitude <= half }, "\(what)")
                    }
                }
            }
        }
    }

    /// The bound of a score is that of the reference, in the three parts that its sources need.
    @Test func roundingIsCountedByTheLongestPath() throws {
        func rounding(_ d: Int, _ type: ElementType, _ lanes: Int) throws -> ScoreRounding {
            ScoreRounding(
                shape: try HeadShape(vocabularySize: 1, hiddenSize: d, elementType: type), lanesPerRow: lanes)
        }
        #expect(try rounding(4, .f32, 1).depth == 4)
        #expect(try rounding(4096, .f32, 8).depth == 3 + 128 + 3)
        #expect(try rounding(4096, .int8, 8).depth == 3 + 128 + 3 + 1)
        #expect(try rounding(1024, .f16, 2).depth == 3 + 128 + 1)
        let gamma = try rounding(1024, .f16, 2).gamma
        // Eight vectors of a block, its scale, and 16 pairs of blocks over 4 lanes.
        #expect(ScoreRounding(blockPairs: 16, lanesPerRow: 4).depth == 3 + 8 + 1 + 8 + 2)
        #expect(Double(gamma) >= 132 * 0x1p-23 / (1 - 132 * 0x1p-23) && gamma < 132.1 * 0x1p-23)
    }

    @Test(arguments: [
        ("lower_ends.comp", [:]), ("lower_ends.comp", ["SOURCE_TEXELS": "1"]), ("mark_survivors.comp", [:]),
        ("mark_survivors.comp", ["SOURCE_TEXELS": "1"]), ("list_survivors.comp", [:]), ("measure_hidden.comp", [:]),
        ("measure_hidden.comp", ["ANCHOR": "1"]), ("reduce_top2.comp", ["MASKED": "1"]),
        ("row_norms.comp", ["ELEMENT_F32": "1"]), ("row_norms.comp", ["ELEMENT_F16": "1"]),
        ("row_norms.comp", ["ELEMENT_F16": "1", "F16_BY_INTEGERS": "1"]), ("row_norms.comp", ["ELEMENT_BF16": "1"]),
        ("row_norms.comp", ["ELEMENT_INT8": "1"]), ("quantize_rows.comp", ["ELEMENT_F32": "1"]),
        ("quantize_rows.comp", ["ELEMENT_F16": "1"]), ("quantize_rows.comp", ["ELEMENT_BF16": "1"]),
        ("quantize_rows.comp", ["ELEMENT_INT8": "1"]),
    ])
    func filterKernelsCompileAndValidate(_ file: String, _ macros: [String: String]) throws {
        let compiler = ShaderCompiler(files: ShaderSources.files, cache: CacheFolder(path: nil))
        #expect(try !compiler.compile(file, macros: macros).isEmpty)
    }
}
