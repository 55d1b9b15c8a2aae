import QPCore
import QPPlanner

/// A profile as a small machine would give it: deterministic, with the shapes of real curves, for looking at
/// reports and for testing them. No figure in it was measured.
enum SyntheticProfile {
    /// Two heads at batch 1 and 8.
    static func make() -> Profile {
        var profile = empty()
        for preset in [HeadPreset.named("Gemma-3-270M")!, HeadPreset.named("Qwen2.5-0.5B")!] {
            var builder = SyntheticHead(
                name: preset.name, vocabularySize: preset.vocabularySize, hiddenSize: preset.hiddenSize,
                headShareOfWeights: preset.headShareOfWeights)
            profile.heads.append(builder.build(batches: [1, 8]))
        }
        return profile
    }

    /// Everything but heads.
    static func empty() -> Profile {
        Profile(
            program: .init(name: "qp-gpu", version: "0.1.0"), date: "2025-11-02T09:14:05Z",
            device: .init(
                name: "llvmpipe (LLVM 15.0.6, 256 bits)", uuid: "6d657361-3232-2e33-2e36-000000000000",
                driver: "llvmpipe, Mesa 22.3.6 (LLVM 15.0.6)", apiVersion: "1.3.230", isSoftware: true, subgroupSize: 8,
                deviceMemoryBytes: 2_147_483_648, hostProcessor: "Example CPU @ 2.50GHz", hostCoreCount: 2,
                timing: .init(method: "deviceTimestamp", tickNanoseconds: 1, validBits: 64)),
            settings: .init(
                seed: 42, quick: false, timeBudgetSeconds: 480, confidenceTarget: 0.02,
                stoppedBecause: "confidence target"),
            ceilings: [
                .init(name: .readBandwidth, value: 41.24, unit: "GB/s", low: 40.1, high: 42.3, sampleCount: 48),
                .init(name: .arithmeticRate, value: 63.8, unit: "Gfma/s", low: 62.9, high: 64.2, sampleCount: 48),
                .init(name: .emptySubmission, value: 13.2, unit: "µs", low: 12.6, high: 14.9, sampleCount: 200),
                .init(name: .extraDispatch, value: 11.4, unit: "µs", low: 11, high: 12.3, sampleCount: 64),
                .init(name: .indirectDispatch, value: 0.213, unit: "µs", low: 0.198, high: 0.231, sampleCount: 64),
            ],
            heads: [],
            noise: .init(
                verdict: .quiet,
                explanation: "The reference kernel held still within 3 % in 96 % of the blocks.",
                keptBlockCount: 412, droppedBlockCount: 18, droppedSharedSampleCount: 73, referenceSpread: 0.0112))
    }
}

/// Makes the samples, curves, fits and crossovers of one head from a few constants of a machine.
struct SyntheticHead {
    var name: String?
    var vocabularySize: Int
    var hiddenSize: Int
    var headShareOfWeights: Double?
    var noise = PhiloxGenerator(seed: 7)

    init(name: String?, vocabularySize: Int, hiddenSize: Int, headShareOfWeights: Double?) {
        self.name = name
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.headShareOfWeights = headShareOfWeights
    }

    var shape: HeadShape {
        try! HeadShape(vocabularySize: vocabularySize, hiddenSize: hiddenSize, elementType: .f16)
    }

    mutating func build(batches: [Int]) -> HeadProfile {
        var head = HeadProfile(
            name: name, shape: shape, headShareOfWeights: headShareOfWeights, tunings: [], samples: [])
        for batch in batches {
            head.tunings.append(tuning(batch))
            for step in StepName.allCases {
                let counts = grid
                let times = counts.map { microseconds(step, $0, batch) }
                for (count, time) in zip(counts, times) {
                    head.samples.append(series(.step(step), batch, count, time, .fit))
                }
                head.samples.append(
                    series(
                        .step(step), batch, vocabularySize / 3, microseconds(step, vocabularySize / 3, batch), .heldOut)
                )
                head.curves.append(curve(step, batch, counts, times))
            }
            for kernel in [KernelName.scan, .gather, .topTwo, .scanTopTwo, .gatherTopTwo, .compactMask] {
                head.fits.append(fit(kernel, batch))
            }
            head.crossovers += crossovers(batch)
        }
        return head
    }

    /// Powers of two and V.
    var grid: [Int] {
        (0..<30).map { 1 << $0 }.filter { $0 < vocabularySize } + [vocabularySize]
    }

    /// Time of one row of a scan, one hidden state: 13.5 GB/s in f16.
    var rowMicroseconds: Double { Double(shape.bytesReadPerRow) / 13_500 }

    func microseconds(_ step: StepName, _ count: Int, _ batch: Int) -> Double {
        let k = Double(count)
        let v = Double(vocabularySize)
        let work = 0.45 + 0.55 * Double(batch)
        let scan = v * rowMicroseconds * work
        let gather = k * rowMicroseconds * 1.28 * Double(batch) * (batch > 1 ? 0.82 : 1)
        let compaction = v / 32 * 0.0021 * Double(batch)
        switch step {
        case .dense: return 62 + scan
        case .denseSkipping:
            // Blocks of eight rows: a block is scored once anything in it is allowed.
            let touched = 1 - power(1 - k / (v + 1), 8)
            return 66 + compaction * 0.4 + scan * (0.03 + 1.0 * touched)
        case .sparse: return 48 + gather
        case .sparseFromMask: return 74 + compaction + gather * 1.01
        case .sparseRouted: return 81 + compaction + gather * 1.01
        case .screenedRerank: return 160 + gather * 0.7
        case .amortizedRerank: return 300 + 0.002 * k
        case .fullRecompute: return 70 + scan * 1.04
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { product, _ in product * base }
    }

    private mutating func series(
        _ subject: TimedSubject, _ batch: Int, _ count: Int, _ time: Double, _ role: SampleSeries.Role
    ) -> SampleSeries {
        let durations = (0..<16).map { _ in
            let wobble = (noise.uniform() + noise.uniform() + noise.uniform() - 1.5) * 0.05
            let hiccup = noise.uniform() > 0.95 ? 1 + 0.3 * noise.uniform() : 1
            return time * (1 + wobble) * hiccup
        }
        return SampleSeries(
            subject: subject, batch: batch, pattern: .uniform, allowedTokenCount: count, role: role, coldRows: true,
            durationsMicroseconds: durations, blocks: Array(0..<16), droppedCount: 1)
    }

    private func curve(_ step: StepName, _ batch: Int, _ counts: [Int], _ times: [Double]) -> CostCurve {
        CostCurve(
            step: step, batch: batch, pattern: .uniform,
            points: zip(counts, times).map { count, time in
                let spread = count < 64 ? 0.09 : 0.03
                return CostCurve.Point(
                    allowedTokenCount: count, nanoseconds: Int(time * 1000),
                    lowNanoseconds: Int(time * 1000 * (1 - spread)), highNanoseconds: Int(time * 1000 * (1 + spread)))
            })
    }
}
