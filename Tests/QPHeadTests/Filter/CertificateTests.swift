import QPCore
import QPDevice
import QPHead
import QPKernels
import QPTestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Filtered plans give the dense plan's token and both best scores, bit by bit, over random heads, states, anchors and
/// allowed sets. `QPGPU_FILTER_STEPS` sets how many steps (a row of a batch under one filter is one step).
@Suite struct CertificateTests {
    static let stepCount = getenv("QPGPU_FILTER_STEPS").flatMap { Int(String(cString: $0)) } ?? 24_000
    static let batch = 64

    /// One head and the rounds over it.
    struct Tally {
        var stepCount = 0
        var mismatches: [String] = []
        /// Rows that each filter left, and what they were of.
        var survivors: [String: (left: Int, allowed: Int)] = [:]
        var fallBackCount = 0
        /// Steps that the wrong rule would have answered without scoring, and those that it got wrong.
        var reusedByMargin = 0
        var wrongByMargin = 0
        /// Steps whose token the anchor alone proves.
        var provenCount = 0
        /// Steps without a single row scored.
        var unscoredCount = 0
    }

    @Test func filteredPlansGiveTheDensePlansAnswer() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var tally = Tally()
        var head = 0
        // Above 1024 rows selecting takes more than one slab of mask words.
        let sizes = [1, 2, 7, 8, 9, 31, 32, 33, 67, 130, 1025, 1500, 4099]
        try validated { library in
            while tally.stepCount < Self.stepCount {
                let family = RowFamily.allCases[head % RowFamily.allCases.count]
                // Denormals and overflow need binary32's or bfloat16's range.
                let types: [ElementType] =
                    family == .denormal || family == .extreme ? [.f32, .bf16] : [.f32, .f16, .bf16, .int8]
                let (V, d) = (
                    sizes[(head / 8 + head) % sizes.count],
                    family == .tied || family == .tiedInBlocks ? 130 : sizes[(head / 3) % 8]
                )
                try Self.check(
                    library, family, V: V, d: d, type: types[(head / 2) % types.count], seed: seed &+ UInt64(head),
                    rounds: max(2, Self.stepCount / 40_000), windowed: head % 4 == 3 && V < 1000, &tally)
                head += 1
            }
        }
        let first = tally.mismatches.first ?? ""
        #expect(tally.mismatches.count == 0, "\(tally.mismatches.count) of \(tally.stepCount), seed \(seed): \(first)")
        // The filters do filter, and the steps are not so easy that a wrong rule passes.
        for (name, rows) in tally.survivors {
            // Few bits leave much of rows that differ little, in vectors as short as these.
            let isFine = name.hasPrefix("anchor") || name.hasPrefix("8 bits")
            #expect(rows.left < (isFine ? rows.allowed * 9 / 10 : rows.allowed), "\(name), seed \(seed)")
        }
        #expect(tally.provenCount > 0, "seed \(seed)")
        #expect(tally.fallBackCount > 0, "seed \(seed)")
        #expect(tally.wrongByMargin > 0, "\(tally.reusedByMargin) steps reused by margin, seed \(seed)")
        if getenv("QPGPU_FILTER_STEPS") != nil { print("certificates, seed \(seed): \(tally)") }
    }

    /// Rows that tie in exact arithmetic, so that a filter which does not charge for rounding drops a winner.
    @Test(arguments: [(RowFamily.tied, ElementType.f32), (.tied, .int8), (.tiedInBlocks, .f32)])
    func roundingAloneMayDecide(_ family: RowFamily, _ type: ElementType) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var tally = Tally()
        try validated { library in
            try Self.check(
                library, family, V: 200, d: 400, type: type, seed: seed, rounds: 8, windowed: false, &tally)
        }
        let first = tally.mismatches.first ?? ""
        #expect(tally.mismatches.count == 0, "\(tally.mismatches.count) of \(tally.stepCount), seed \(seed): \(first)")
    }

    static func check(
        _ library: KernelLibrary, _ family: RowFamily, V: Int, d: Int, type: ElementType, seed: UInt64, rounds: Int,
        windowed: Bool, _ tally: inout Tally
    ) throws {
        let rows = (0..<V).map { family.row($0, d: d, seed: seed) }
        let bench = try FilterBench(
            library, batch: batch, type: type, rows: rows, windowBytes: windowed ? 32 * 16 : nil)
        var generator = PhiloxGenerator(seed: seed ^ 0xF117)
        let filters = try bench.filters()
        // One of each with a list that is often too short.
        let programs =
            try filters.map { ($0.name, try bench.workspace.program($0.filter, survivorCapacity: V)) }
            + [("anchor, short list", try bench.workspace.program(filters[0].filter, survivorCapacity: max(1, V / 3)))]
        let tokenOnly = try [filters[0], filters[1], filters[filters.count - 1]].map {
            ("\($0.name), token only", try bench.workspace.program($0.filter, tokenOnly: true, survivorCapacity: V))
        }
        let norms = try bench.head.rowNorms().read()
        for round in 0..<rounds {
            func masks() throws -> [TokenMask] {
                try (0..<batch).map { row in
                    let K = [1, min(2, V), V, Int.random(in: 1...V, using: &generator)][row % 4]
                    return try TokenMask.random(K, vocabularySize: V, using: &generator)
                }
            }
            let before = (0..<batch).map { _ in family.state(d: d, using: &generator) }
            let anchorMasks = try masks()
            try bench.load(before, anchorMasks)
            let access: RowAccess = round % 3 == 1 ? .gather : .scan
            let refreshed = try bench.refresh(access, anchorMasks)
            let expected = try bench.dense()
            for row in 0..<batch where !refreshed[row].hasSameAnswer(as: expected[row]) {
                tally.mismatches.append("refresh by \(access), \(family) \(V)×\(d) \(type), head seed \(seed)")
            }
            let after = before.map { state -> [Float] in
                let share = [0, 1e-7, 1e-6, 1e-4, 1e-2, 0.1, 1].randomElement(using: &generator)! as Float
                let other = family.move(d: d, using: &generator)
                return zip(state, other).map { $0 + share * $1 }
            }
            let allowed = try masks()
            try bench.load(after, allowed)
            let dense = try bench.dense()
            for (name, program) in programs {
                let records = try bench.filtered(program, allowed)
                for row in 0..<batch {
                    tally.stepCount += 1
                    tally.survivors[name, default: (0, 0)].left += records[row].survivorCount
                    tally.survivors[name, default: (0, 0)].allowed += allowed[row].count
                    if records[row].fellBack { tally.fallBackCount += 1 }
                    if !records[row].hasSameAnswer(as: dense[row]) {
                        tally.mismatches.append(
                            "\(name), \(family) \(V)×\(d) \(type), head seed \(seed), round \(round), row \(row): "
                                + "\(records[row]) for \(dense[row])")
                    }
                    if name == "anchor", records[row].contenderCount == 1 { tally.provenCount += 1 }
                }
            }
            for (name, program) in tokenOnly {
                let records = try bench.filtered(program, allowed)
                for row in 0..<batch {
                    tally.stepCount += 1
                    let (record, expected) = (records[row], dense[row])
                    if record.proof == .tokenUnscored { tally.unscoredCount += 1 }
                    let isRight =
                        record.token == expected.token && record.hiddenIsFinite == expected.hiddenIsFinite
                        && record.nonFiniteRowCount == expected.nonFiniteRowCount && record.runnerUp == nil
                        && (record.proof == .tokenUnscored
                            || record.score.bitPattern == expected.score.bitPattern)
                    if !isRight {
                        tally.mismatches.append(
                            "\(name), \(family) \(V)×\(d) \(type), head seed \(seed), round \(round), row \(row): "
                                + "\(record) for \(expected)")
                    }
                }
            }
            for row in 0..<batch where dense[row].token != nil {
                let moved = Reference.norm(zip(after[row], before[row]).map { Double($0) - Double($1) })
                guard
                    let token = marginRule(
                        try bench.anchor.readScores(row: row), norms, allowed[row].tokens, moved: moved)
                else { continue }
                tally.reusedByMargin += 1
                if token != dense[row].token { tally.wrongByMargin += 1 }
            }
        }
    }

    /// The wrong rule: the anchor's best allowed row is taken when the margin to its runner-up exceeds what these two
    /// can make up. A third, longer row may overtake both.
    static func marginRule(_ scores: [Float], _ norms: [Float], _ allowed: [UInt32], moved: Double) -> UInt32? {
        let top = Reference.topTwo(allowed.map { ($0, scores[Int($0)]) })
        guard let best = top.token, let second = top.runnerUp else { return nil }
        let reach = (Double(norms[Int(best)]) + Double(norms[Int(second)])) * moved
        return Double(top.score) - Double(top.runnerUpScore) > reach ? best : nil
    }
}
