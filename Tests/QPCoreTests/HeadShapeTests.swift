import QPCore
import Testing

@Suite struct HeadShapeTests {
    /// For each d and type: 16-byte units of a row, d as padded, bytes that scoring the row reads.
    @Test(arguments: [
        (1, ElementType.f32, 1, 4, 16), (4, .f32, 1, 4, 16), (5, .f32, 2, 8, 32), (640, .f32, 160, 640, 2560),
        (1, .f16, 1, 8, 16), (7, .f16, 1, 8, 16), (8, .f16, 1, 8, 16), (9, .f16, 2, 16, 32),
        (9, .bf16, 2, 16, 32), (4096, .bf16, 512, 4096, 8192),
        (1, .int8, 1, 16, 20), (15, .int8, 1, 16, 20), (16, .int8, 1, 16, 20), (17, .int8, 2, 32, 36),
    ])
    func rowsArePaddedToWholeUnits(
        hiddenSize: Int, type: ElementType, unitsPerRow: Int, paddedHiddenSize: Int, bytesReadPerRow: Int
    ) throws {
        let shape = try HeadShape(vocabularySize: 33, hiddenSize: hiddenSize, elementType: type)
        #expect(shape.unitsPerRow == unitsPerRow)
        #expect(shape.paddedHiddenSize == paddedHiddenSize)
        #expect(shape.bytesPerRow == unitsPerRow * 16)
        #expect(shape.bytesReadPerRow == bytesReadPerRow)
        #expect(shape.weightBytes == 33 * bytesReadPerRow)
    }

    @Test(arguments: ElementType.allCases, [UInt64](1...8))
    func paddingIsTheLeastThatHolds(type: ElementType, seed: UInt64) throws {
        var generator = PhiloxGenerator(seed: seed)
        for _ in 0..<64 {
            let d = Int.random(in: 1...HeadShape.maximumHiddenSize, using: &generator)
            let shape = try HeadShape(vocabularySize: 1, hiddenSize: d, elementType: type)
            let what: Comment = "d \(d), \(type), seed \(seed)"
            #expect(shape.paddedHiddenSize >= d && shape.paddedHiddenSize - d < type.elementsPerUnit, what)
            #expect(shape.bytesPerRow == shape.paddedHiddenSize * type.bytesPerElement, what)
            #expect(shape.bytesPerRow % HeadShape.bytesPerUnit == 0, what)
        }
    }

    @Test(arguments: [(1, 1), (31, 1), (32, 1), (33, 2), (64, 2), (65, 3), (1 << 30, 1 << 25)])
    func maskHasAWordForEach32Tokens(vocabularySize: Int, words: Int) throws {
        #expect(
            try HeadShape(vocabularySize: vocabularySize, hiddenSize: 1, elementType: .f16).maskWordCount == words)
    }

    @Test func limitsThemselvesAreServed() throws {
        let shape = try HeadShape(
            vocabularySize: HeadShape.maximumVocabularySize, hiddenSize: HeadShape.maximumHiddenSize, elementType: .f32)
        // Sizes stay exact at the limits: 2³⁰ rows of 2¹⁸ bytes.
        #expect(shape.weightBytes == 1 << 48)
    }

    @Test(arguments: [
        (0, 1, "vocabulary size V is 0; it must lie in 1…1073741824"),
        (-1, 1, "vocabulary size V is -1; it must lie in 1…1073741824"),
        (1_073_741_825, 1, "vocabulary size V is 1073741825; it must lie in 1…1073741824"),
        (Int.max, 1, "vocabulary size V is 9223372036854775807; it must lie in 1…1073741824"),
        (1, 0, "hidden size d is 0; it must lie in 1…65536"),
        (1, -7, "hidden size d is -7; it must lie in 1…65536"),
        (1, 65_537, "hidden size d is 65537; it must lie in 1…65536"),
        // V is named first when both are wrong.
        (0, 0, "vocabulary size V is 0; it must lie in 1…1073741824"),
    ])
    func sizesOutsideTheLimitsAreRefused(vocabularySize: Int, hiddenSize: Int, text: String) {
        let error = #expect(throws: ShapeError.self) {
            try HeadShape(vocabularySize: vocabularySize, hiddenSize: hiddenSize, elementType: .f16)
        }
        #expect(error?.description == text)
    }

    @Test func isDescribedByItsSizesAndType() throws {
        let shape = try HeadShape(vocabularySize: 128_256, hiddenSize: 4096, elementType: .f16)
        #expect(shape.description == "128256×4096 f16")
    }
}

@Suite struct ElementTypeTests {
    @Test(arguments: [
        (ElementType.f32, "f32", 4, 4, false), (.f16, "f16", 2, 8, false), (.bf16, "bf16", 2, 8, false),
        (.int8, "int8", 1, 16, true),
    ])
    func sizes(type: ElementType, name: String, bytes: Int, perUnit: Int, hasRowScale: Bool) {
        #expect(type.rawValue == name)
        #expect(ElementType(rawValue: name) == type)
        #expect(type.bytesPerElement == bytes)
        #expect(type.elementsPerUnit == perUnit)
        #expect(type.hasRowScale == hasRowScale)
    }

    @Test func thereAreNoOthers() {
        #expect(ElementType.allCases == [.f32, .f16, .bf16, .int8])
        #expect(ElementType(rawValue: "F16") == nil)
    }
}
