import QPCore
import QPDevice
import QPHead
import QPKernels
import QPTestSupport
import Testing

@Suite struct StepTests {
    private func workspace(
        _ library: KernelLibrary, V: Int = 100, d: Int = 24, type: ElementType = .f16, batch: Int = 1,
        row: ((Int) -> [Float])? = nil
    ) throws -> Workspace {
        let shape = try HeadShape(vocabularySize: V, hiddenSize: d, elementType: type)
        let weights =
            try row.map { row in
                try HeadWeights(library, shape: shape) { EncodedRow(row($0), shape: shape) }
            } ?? HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 5))
        return try Workspace(try Head(library, weights), batch: batch)
    }

    private func failure(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func badInputIsRefusedByName() throws {
        try validated { library in
            let workspace = try workspace(library)
            let h = [Float](repeating: 0.5, count: 24)
            func run(_ hidden: [[Float]], _ allowed: [[Int]]) -> String? {
                failure { _ = try workspace.run(.sparse, hidden: hidden, allowed: allowed) }
            }
            #expect(
                run([h], [[]])
                    == "no token is allowed in batch row 0; the constraint has reached a dead end before the head runs")
            #expect(
                run([h], [[3, 100]])
                    == "allowed token 100 is outside the vocabulary 0..<100; check that mask and head belong to the same model"
            )
            #expect(
                run([h], [[-1]])
                    == "allowed token -1 is outside the vocabulary 0..<100; check that mask and head belong to the same model"
            )
            #expect(run([h], [[3, 3]]) == "allowed token 3 is given twice; give each id once")
            #expect(
                run([h], [[5, 3]]) == "allowed token 3 follows 5; sort the ids ascending, or give a mask")
            #expect(
                run([h], [Array(0..<101)])
                    == "101 allowed tokens are given for a vocabulary of 100; give each id once")
            #expect(
                run([h, h], [[1]])
                    == "2 hidden states and 1 allowed sets are given for a batch of 1; give one of each for every batch row"
            )
            #expect(
                run([[1, 2]], [[1]]) == "the hidden state of batch row 0 has 2 values, but the head has d = 24")
            let other = TokenMask.all(vocabularySize: 99)
            #expect(
                failure { _ = try workspace.run(.dense, hidden: [h], allowed: [other]) }
                    == "the mask of batch row 0 is over 99 tokens, but the head has V = 100")
            let narrow = try Workspace(workspace.head, batch: 1, maximumTokenCount: 2)
            #expect(
                failure { _ = try narrow.run(.sparse, hidden: [h], allowed: [[1, 2, 3]]) }
                    == "3 tokens are allowed in batch row 0, but the workspace was made for 2; make it with a larger "
                    + "maximumTokenCount")
            // A refused step leaves the workspace usable.
            #expect(run([h], [[1, 2]]) == nil)
        }
    }

    @Test(arguments: StepName.allCases, [Float.nan, .infinity, -.infinity])
    func hiddenStatesMustBeFinite(_ step: StepName, _ value: Float) throws {
        try validated { library in
            let workspace = try workspace(library, batch: 2)
            var h = [Float](repeating: 0.5, count: 24)
            let finite = h
            h[23] = value
            let message = failure { _ = try workspace.run(step, hidden: [finite, h], allowed: [[1, 2], [3, 4]]) }
            #expect(
                message
                    == "the hidden state of batch row 1 holds a NaN or an infinity; every score would be meaningless, "
                    + "so look for the layer that made it")
        }
    }

    @Test(arguments: StepName.allCases, [ElementType.f32, .f16, .bf16, .int8])
    func rowsThatAreNotFiniteNeverWin(_ step: StepName, _ type: ElementType) throws {
        try validated { library in
            let workspace = try workspace(library, V: 70, type: type) { v in
                var row = [Float](repeating: Float(v) / 64, count: 24)
                if v == 69 { row[3] = .nan }
                if v == 68 { row[0] = .infinity }
                if v == 67 { row[23] = -.infinity }
                return row
            }
            let h = [Float](repeating: 1, count: 24)
            let record = try workspace.run(step, hidden: [h], allowed: [Array(0..<70)])[0]
            #expect(record.token == 66)
            #expect(record.runnerUp == 65)
            #expect(record.nonFiniteRowCount == 3)
            #expect(
                record.warning
                    == "3 allowed tokens have no finite score (NaN or infinity in their rows of W); they cannot win")
            let message = failure { _ = try workspace.run(step, hidden: [h], allowed: [[67, 68, 69]]) }
            #expect(
                message
                    == "none of the 3 tokens allowed in batch row 0 has a finite score; "
                    + "their rows of W hold NaN or infinities: check how the weights were loaded")
        }
    }

    @Test(arguments: StepName.allCases)
    func tiesGoToTheLowestID(_ step: StepName) throws {
        try validated { library in
            let workspace = try workspace(library, V: 300) { v in
                [Float](repeating: v % 3 == 0 ? 0.5 : 0.25, count: 24)
            }
            let h = [Float](repeating: 1, count: 24)
            let record = try workspace.run(step, hidden: [h], allowed: [Array(10..<300)])[0]
            #expect(record.token == 12)
            #expect(record.runnerUp == 15)
            #expect(record.margin == 0)
        }
    }

    @Test(arguments: StepName.allCases)
    func oneAllowedTokenHasNoMargin(_ step: StepName) throws {
        try validated { library in
            let workspace = try workspace(library)
            let h = [Float](repeating: 1, count: 24)
            let record = try workspace.run(step, hidden: [h], allowed: [[41]])[0]
            #expect(record.token == 41)
            #expect(record.runnerUp == nil)
            #expect(record.margin == nil)
        }
    }

    /// Half-float subnormals keep their value, by the driver's unpacking and by integers.
    @Test(arguments: [false, true])
    func subnormalHalvesSurvive(_ byIntegers: Bool) throws {
        let device = try TestDevice.library.get().device
        let library = try KernelLibrary(
            device, cache: CacheFolder(path: nil), macros: byIntegers ? ["F16_BY_INTEGERS": "1"] : [:])
        try validated { _ in
            let smallest: Float = 0x1p-24
            let workspace = try workspace(library, V: 64) { v in
                [Float](repeating: Float(v) * smallest, count: 24)
            }
            let record = try workspace.run(
                .sparse, hidden: [[Float](repeating: 1, count: 24)], allowed: [[1, 2, 63]])[0]
            #expect(record.token == 63)
            #expect(record.score == 63 * 24 * smallest)
            #expect(record.runnerUpScore == 2 * 24 * smallest)
        }
    }

    /// On one Mesa release all loops of an invocation end silently after 65,535 iterations in total.
    @Test func longRowsAreNotCutShort() throws {
        try validated { library in
            let d = HeadShape.maximumHiddenSize
            let workspace = try workspace(library, V: 600, d: d, type: .f32) { v in
                [Float](repeating: v == 77 ? 2 : 1, count: d)
            }
            let h = [Float](repeating: 1, count: d)
            for step in StepName.allCases {
                let record = try workspace.run(step, hidden: [h], allowed: [Array(0..<600)])[0]
                #expect(record.token == 77, "\(step)")
                #expect(record.score == Float(2 * d), "\(step)")
                #expect(record.runnerUpScore == Float(d), "\(step)")
            }
        }
    }

    /// A head that overflows a binding of a GiB or more would take as much memory itself.
    private static var hasSmallBindings: Bool {
        ((try? TestDevice.library.get())?.device.limits.storageBindingBytes ?? .max) < 1 << 30
    }

    @Test(.enabled(if: hasSmallBindings, "the device's storage bindings hold a GiB or more"))
    func aBatchTooWideForOneBindingIsRefused() throws {
        try validated { library in
            let limit = library.device.limits.storageBindingBytes
            let shape = try HeadShape(vocabularySize: limit / 16, hiddenSize: 1, elementType: .int8)
            let head = try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 1)))
            let message = failure { _ = try Workspace(head, batch: 8) }
            #expect(
                message
                    == "8 hidden states over \(limit / 16) tokens need a binding of \(limit * 2) bytes, but this device "
                    + "binds \(limit) at most\nTake a batch of 4 or less.")
        }
    }
}
