import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner
import QPTestSupport
import Testing

@Suite struct RoutedStepTests {
    private static func curve(_ points: [(K: Int, nanoseconds: Int)]) -> CostCurve {
        CostCurve(
            step: .dense, batch: 1, pattern: .uniform,
            points: points.map {
                .init(
                    allowedTokenCount: $0.K, nanoseconds: $0.nanoseconds, lowNanoseconds: $0.nanoseconds,
                    highNanoseconds: $0.nanoseconds)
            })
    }

    /// Random curves up to the largest times there are, over K to 2³⁰.
    private static func randomCurve(_ generator: inout PhiloxGenerator) -> CostCurve {
        let bits = Int.random(in: 1...40, using: &generator)
        var K = 0
        var time = Int.random(in: 0..<(1 << Int.random(in: 0...bits, using: &generator)), using: &generator)
        var points: [(Int, Int)] = []
        for _ in 0..<Int.random(in: 1...24, using: &generator) {
            K += 1 + Int.random(in: 0..<(1 << Int.random(in: 0...25, using: &generator)), using: &generator)
            points.append((K, min(CostCurve.maximumNanoseconds, time)))
            time += Int.random(in: 0..<(1 << Int.random(in: 0...bits, using: &generator)), using: &generator)
        }
        return curve(points)
    }

    /// Host and device evaluate the same integers: 10⁶ pairs of curve and K, on points, beside them, beyond the last.
    @Test func hostAndDeviceAgreeBitForBit() throws {
        try validated { library in
            let kernel = try RouteKernel(library)
            var checked = 0
            for seed in UInt64(1)...40 {
                var generator = PhiloxGenerator(seed: seed)
                let curves = (0..<5).map { _ in Self.randomCurve(&generator) }
                var counts: [UInt32] = []
                for curve in curves {
                    for point in curve.points {
                        counts += [-1, 0, 1].map { UInt32(max(0, point.allowedTokenCount + $0)) }
                    }
                }
                while counts.count < 5_000 {
                    let bits = Int.random(in: 0...30, using: &generator)
                    counts.append(UInt32.random(in: 0..<(1 << UInt32(bits)), using: &generator))
                }
                let found = try kernel.probe(
                    CostCurve.packed(curves, epoch: seed), curveCount: curves.count, tokenCounts: counts)
                for (K, result) in zip(counts, found) {
                    let expected = curves.map { UInt64($0.nanoseconds(at: Int(K)).nanoseconds) }
                    guard result.nanoseconds == expected, result.choice == CostCurve.cheapest(of: curves, at: Int(K))
                    else {
                        Issue.record("seed \(seed), K = \(K): device \(result), host \(expected)")
                        return
                    }
                    checked += expected.count
                }
            }
            #expect(checked >= 1_000_000)
        }
    }

    private static let types: [(ElementType, Int)] = [(.f16, 1), (.f32, 3), (.int8, 8)]

    /// On either side of the crossover the token and both scores are dense's, and the record says which way it went.
    @Test(arguments: types)
    func aRoutedStepGivesDensesAnswer(type: ElementType, batch: Int) throws {
        try validated { library in
            let V = 700
            let shape = try HeadShape(vocabularySize: V, hiddenSize: 40, elementType: type)
            let head = try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 9)))
            let workspace = try Workspace(head, batch: batch)
            // The gather is cheaper below K = 100.
            let routed = try workspace.routedProgram(
                scan: Self.curve([(1, 1_000), (V, 1_000)]), gather: Self.curve([(1, 10), (100, 1_000), (V, 7_000)]))
            var generator = PhiloxGenerator(seed: 3)
            for K in [1, 2, 31, 99, 100, 101, 350, V] {
                let masks = (0..<batch).map { _ in IndexPattern.uniform.tokens(K, vocabularySize: V, using: &generator)
                }
                let hidden = (0..<batch).map { _ in
                    (0..<40).map { _ in Float.random(in: -1...1, using: &generator) }
                }
                let dense = try workspace.run(.dense, hidden: hidden, allowed: masks)
                try library.device.run(
                    try library.device.record { recorder throws(DeviceError) in
                        routed.record(into: &recorder)
                        recorder.barrierToHost()
                    })
                let records = try workspace.readRecords()
                for row in 0..<batch {
                    #expect(records[row].hasSameAnswer(as: dense[row]), "K = \(K), row \(row)")
                    #expect(records[row].survivorCount == K)
                    // Where both cost the same, the scan is first.
                    #expect(records[row].fellBack == (K >= 100), "K = \(K)")
                }
            }
        }
    }

    /// A correction moves the crossover without recording anew.
    @Test func aCorrectionReachesTheDevice() throws {
        try validated { library in
            let V = 256
            let shape = try HeadShape(vocabularySize: V, hiddenSize: 16, elementType: .f16)
            let head = try Head(library, try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: 9)))
            let workspace = try Workspace(head, batch: 1)
            let scan = Self.curve([(1, 1_000), (V, 1_000)])
            let gather = Self.curve([(1, 500), (V, 500)])
            let routed = try workspace.routedProgram(scan: scan, gather: gather)
            let commands = try library.device.record { recorder throws(DeviceError) in
                routed.record(into: &recorder)
                recorder.barrierToHost()
            }
            var generator = PhiloxGenerator(seed: 3)
            let mask = IndexPattern.uniform.tokens(40, vocabularySize: V, using: &generator)
            let hidden = [[Float](repeating: 0.5, count: 16)]
            let expected = try workspace.run(.dense, hidden: hidden, allowed: [mask])[0]
            for (factor, fellBack) in [(1.0, false), (3.0, true), (1.5, false)] {
                try routed.update(scan: scan, gather: gather.scaled(by: factor), epoch: 1)
                try library.device.run(commands)
                let record = try workspace.readRecords()[0]
                #expect(record.hasSameAnswer(as: expected) && record.fellBack == fellBack, "factor \(factor)")
            }
        }
    }
}
