import QPCore
import QPDevice
import QPTestSupport
import Testing

@testable import QPHead
@testable import QPKernels

@Suite struct FilteredStepTests {
    private func all(_ V: Int, _ batch: Int = 1) -> [TokenMask] {
        Array(repeating: TokenMask.all(vocabularySize: V), count: batch)
    }

    /// The two best rows of the anchor are far apart for their lengths; the third is a hundred times as long.
    @Test func aLongThirdRowOvertakes() throws {
        try validated { library in
            let bench = try FilterBench(library, rows: [[1, 0], [0.99, 0], [0.9, 100]])
            try bench.load([[10, 0]], all(3))
            #expect(try bench.refresh(.scan, all(3))[0].token == 0)
            let norms = try bench.head.rowNorms().read()
            let scores = try bench.anchor.readScores(row: 0)
            #expect(CertificateTests.marginRule(scores, norms, [0, 1, 2], moved: 0.02) == 0)
            try bench.load([[10, 0.02]], all(3))
            let record = try bench.filtered(try bench.workspace.program(.anchor(bench.anchor)), all(3))[0]
            #expect(record.token == 2)
            #expect(record.runnerUp == 0)
            #expect(record.hasSameAnswer(as: try bench.dense()[0]))
        }
    }

    /// The figures of the argument itself, where no head is needed.
    @Test func theReferenceKeepsALongThirdRow() {
        let reach = Reach(x: 0.02, y: 0)
        let kept = Reference.survivors(
            scores: [10, 9.9, 9], coefficients: [1, 0, 100], reach: reach, allowed: [0, 1, 2])
        #expect(kept.ids == [0, 1, 2])
        #expect(kept.contenderCount == 2)
        let short = Reference.survivors(
            scores: [10, 9.9, 9], coefficients: [1, 0, 1], reach: reach, allowed: [0, 1, 2])
        #expect(short.ids == [0, 1])
        #expect(short.contenderCount == 1)
    }

    /// Lists on the device are those of the reference, given the same scores, coefficients and reach.
    @Test(arguments: [1, 7, 8, 9, 31, 32, 33, 257, 4099])
    func survivorsAreTheReferences(_ V: Int) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let batch = 5
        try validated { library in
            let rows = (0..<V).map { RowFamily.fewLong.row($0, d: 24, seed: seed) }
            let bench = try FilterBench(library, batch: batch, type: .f16, rows: rows)
            var generator = PhiloxGenerator(seed: seed)
            let masks = try (0..<batch).map { row in
                try TokenMask.random(
                    row == 0 ? V : Int.random(in: 1...V, using: &generator), vocabularySize: V, using: &generator)
            }
            let before = (0..<batch).map { _ in RowFamily.gaussian.state(d: 24, using: &generator) }
            try bench.load(before, masks)
            _ = try bench.refresh(.gather, masks)
            let allowed = Array(masks.reversed())
            let after = before.map { $0.map { $0 + 0.003 * RowFamily.hump(&generator) } }
            try bench.load(after, allowed)
            let program = try bench.workspace.program(.anchor(bench.anchor), survivorCapacity: V)
            let records = try bench.filtered(program, allowed)
            let lists = try program.buffers.readLists()
            let norms = try bench.head.rowNorms().read()
            for (row, reach) in try program.buffers.readReaches().enumerated() {
                let moved = Reference.norm(zip(after[row], before[row]).map { Double($0) - Double($1) })
                #expect(Double(reach.x) >= moved && Double(reach.x) < moved * 1.01 + 1e-3, "seed \(seed)")
                let expected = Reference.survivors(
                    scores: try bench.anchor.readScores(row: row), coefficients: norms, reach: reach,
                    allowed: allowed[row].tokens)
                #expect(lists[row] == expected.ids, "row \(row), seed \(seed)")
                #expect(records[row].survivorCount == expected.ids.count, "row \(row), seed \(seed)")
                #expect(records[row].contenderCount == expected.contenderCount, "row \(row), seed \(seed)")
            }
        }
    }

    /// Survivors beyond the list's capacity: all allowed rows are scored, in the same submission.
    @Test(arguments: [1, 3]) func overflowScoresAllRows(_ batch: Int) throws {
        try validated { library in
            let rows = (0..<100).map { RowFamily.gaussian.row($0, d: 16, seed: 3) }
            let bench = try FilterBench(library, batch: batch, rows: rows, windowBytes: 40 * 64)
            var generator = PhiloxGenerator(seed: 4)
            let states = (0..<batch).map { _ in RowFamily.gaussian.state(d: 16, using: &generator) }
            try bench.load(states, all(100, batch))
            let dense = try bench.dense()
            // A new anchor knows nothing, so every row survives.
            for (capacity, fallsBack) in [(99, true), (100, false)] {
                let program = try bench.workspace.program(.anchor(bench.anchor), survivorCapacity: capacity)
                let records = try bench.filtered(program, all(100, batch))
                #expect(records.allSatisfy { $0.fellBack == fallsBack && $0.survivorCount == 100 })
                #expect(zip(records, dense).allSatisfy { $0.hasSameAnswer(as: $1) })
            }
            // The next step is not bound to the last one's route.
            _ = try bench.refresh(.scan, all(100, batch))
            let program = try bench.workspace.program(.anchor(bench.anchor), survivorCapacity: 99)
            let records = try bench.filtered(program, all(100, batch))
            #expect(records.allSatisfy { !$0.fellBack && $0.survivorCount < 10 && $0.contenderCount == 1 })
            #expect(zip(records, dense).allSatisfy { $0.hasSameAnswer(as: $1) })
        }
    }

    /// Planned steps screen by the head's format; each format is made once.
    @Test(arguments: ScreenFormat.allCases) func aHeadScreensByItsFormat(_ format: ScreenFormat) throws {
        try validated { library in
            let shape = try HeadShape(vocabularySize: 64, hiddenSize: 40, elementType: .f16)
            let weights = try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 5))
            let head = try Head(library, weights, screenFormat: format)
            let copy = try head.screenCopy()
            let again = try head.screenCopy(format: format)
            #expect(copy.format == format && copy === again)
            let workspace = try Workspace(head, batch: 1)
            let state = (0..<40).map { Float($0) / 8 - 2 }
            let record = try workspace.run(.screenedRerank, hidden: [state], allowed: all(64))[0]
            let dense = try workspace.run(.dense, hidden: [state], allowed: all(64))[0]
            #expect(record.hasSameAnswer(as: dense))
            #expect(record.survivorCount >= 2)
        }
    }

    /// Where one row alone may win, the token comes without a score; where another may, it is scored.
    @Test func aProvenTokenNeedsNoScore() throws {
        try validated { library in
            let bench = try FilterBench(library, rows: [[1, 0], [0.5, 0], [0.99, 0], [.nan, 0]])
            let program = try bench.workspace.program(.anchor(bench.anchor), tokenOnly: true, survivorCapacity: 3)
            func record(_ state: [Float], _ tokens: [Int]) throws -> StepRecord {
                let mask = [try TokenMask(allowing: tokens, vocabularySize: 4)]
                try bench.load([state], mask)
                return try bench.filtered(program, mask)[0]
            }
            try bench.load([[10, 0]], all(4))
            _ = try bench.refresh(.scan, all(4))
            let proven = try record([10.5, 0], [0, 1])
            #expect(proven.token == 0 && proven.proof == .tokenUnscored && proven.contenderCount == 1)
            #expect(proven.score == -.infinity && proven.runnerUp == nil && proven.nonFiniteRowCount == 0)
            let scored = try record([10.5, 0], [0, 1, 2])
            #expect(scored.token == 0 && scored.proof == .token && scored.contenderCount == 2)
            #expect(scored.score == 10.5 && scored.runnerUp == nil)
            // One row of which nothing is known proves nothing, though it is alone.
            let unknown = try record([10.5, 0], [3])
            #expect(unknown.token == nil && unknown.proof == .token && unknown.contenderCount == 0)
            #expect(unknown.nonFiniteRowCount == 1)
            let overflowing = try record([-1, 0], [0, 1, 2, 3])
            #expect(overflowing.token == 1 && overflowing.fellBack && overflowing.proof == .topTwo)
        }
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func statesThatAreNotFiniteAreFlagged(_ value: Float) throws {
        try validated { library in
            let rows = (0..<50).map { RowFamily.gaussian.row($0, d: 20, seed: 3) }
            let bench = try FilterBench(library, type: .f16, rows: rows)
            var state = [Float](repeating: 0.5, count: 20)
            try bench.load([state], all(50))
            _ = try bench.refresh(.scan, all(50))
            state[19] = value
            try bench.load([state], all(50))
            for (name, filter) in try bench.filters() {
                let record = try bench.filtered(try bench.workspace.program(filter), all(50))[0]
                #expect(!record.hiddenIsFinite, "\(name)")
                #expect(record.survivorCount == 50, "\(name)")
            }
        }
    }

    @Test func filtersOfAnotherHeadAreRefusedByName() throws {
        try validated { library in
            let rows = (0..<40).map { RowFamily.gaussian.row($0, d: 8, seed: 3) }
            let bench = try FilterBench(library, rows: rows)
            let other = try FilterBench(library, rows: rows)
            let pair = try FilterBench(library, batch: 2, rows: rows)
            func failure(_ filter: RowFilter) -> String? {
                do {
                    _ = try bench.workspace.run(filter, hidden: [rows[0]], allowed: all(40))
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            #expect(
                failure(.anchor(other.anchor))
                    == "the anchor holds scores of another head; refresh one that was made for this head")
            #expect(
                failure(.anchor(try Anchor(bench.head, batch: 2)))
                    == "the anchor holds 2 hidden states, but the workspace has a batch of 1; make one of each for the "
                    + "same batch")
            #expect(
                failure(.screen(try pair.head.screenCopy(), access: .scan))
                    == "the screen copy was made of another head's weights; take this head's screenCopy()")
            let lanes = bench.head.lanesPerRow
            let foreign = try ScreenCopy(library, of: bench.head.weights, lanesPerRow: lanes * 2)
            #expect(
                failure(.screen(foreign, access: .gather))
                    == "the screen copy covers the rounding of \(lanes * 2) lanes a row, but this head adds with "
                    + "\(lanes); take this head's screenCopy()")
            // Those that fit answer, by either access, and a refresh feeds the anchor.
            let dense = try bench.workspace.run(.dense, hidden: [rows[7]], allowed: all(40))[0]
            let refreshed = try bench.workspace.run(refreshing: bench.anchor, hidden: [rows[7]], allowed: all(40))[0]
            #expect(refreshed.hasSameAnswer(as: dense))
            for (name, filter) in try bench.filters() {
                let record = try bench.workspace.run(filter, hidden: [rows[7]], allowed: all(40))[0]
                #expect(record.hasSameAnswer(as: dense), "\(name)")
                #expect(!record.fellBack && record.survivorCount >= 2, "\(name)")
            }
        }
    }
}
