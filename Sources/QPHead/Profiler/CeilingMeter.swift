internal import QPCore
public import QPDevice
public import QPKernels
public import QPPlanner

/// Measures what the device and its command path can do at best.
public struct CeilingMeter {
    private let library: KernelLibrary
    private let stopwatch: Stopwatch

    public init(_ library: KernelLibrary) throws(DeviceError) {
        self.library = library
        stopwatch = try Stopwatch(library.device)
    }

    /// W smaller than this could be read from a cache.
    private static let smallestRead = 128 << 20

    /// All ceilings, by the best of several kernels where it matters. `weights` gives the bytes to read, unless there
    /// are too few of them.
    public func measure(_ weights: HeadWeights, seconds: Double, seed: UInt64) throws(DeviceError) -> [Profile.Ceiling]
    {
        let kernels = CeilingKernels(library)
        let weights = try weights.byteCount >= Self.smallestRead ? weights : scratch(seed)
        let share = seconds / 5
        let reads = try [WeightSource.texels, .storage].map { source throws(DeviceError) in
            let read = try kernels.read(weights, source: source)
            let samples = try sample(seconds: share / 2) { recorder throws(DeviceError) in
                read.record(into: &recorder)
            }
            return samples.map { Double(read.byteCount) / $0 }
        }
        let bandwidth = reads.max { (Statistics.median($0) ?? 0) < (Statistics.median($1) ?? 0) }!
        let arithmetic = try kernels.arithmetic()
        let rate = try sample(seconds: share) { recorder throws(DeviceError) in arithmetic.record(into: &recorder) }
            .map { Double(arithmetic.multiplyAddCount) / $0 }
        let nothing = try kernels.nothing()
        let empty = try library.device.record { _ throws(DeviceError) in }
        var submissions: [Double] = []
        let start = Stopwatch.seconds()
        while submissions.count < 20 || (Stopwatch.seconds() - start < share / 2 && submissions.count < 2000) {
            let before = Stopwatch.seconds()
            try library.device.run(empty)
            submissions.append((Stopwatch.seconds() - before) * 1e6)
        }
        return [
            ceiling(.readBandwidth, "GB/s", bandwidth, seed),
            ceiling(.arithmeticRate, "Gfma/s", rate, seed),
            ceiling(.emptySubmission, "µs", submissions, seed),
            ceiling(.extraDispatch, "µs", try slope(nothing, indirect: false, seconds: share), seed),
            ceiling(.indirectDispatch, "µs", try slope(nothing, indirect: true, seconds: share), seed),
        ]
    }

    private func scratch(_ seed: UInt64) throws(DeviceError) -> HeadWeights {
        // Cannot throw: both sizes lie in range.
        let shape =
            (try? HeadShape(
                vocabularySize: Self.smallestRead / 4096, hiddenSize: 1024, elementType: .f32))!
        return try HeadWeights(library, synthetic: SyntheticRows(shape: shape, seed: seed))
    }

    /// Nanoseconds of each run; the first, which compiles, is dropped.
    private func sample(
        seconds: Double, _ body: (inout CommandRecorder) throws(DeviceError) -> Void
    ) throws(DeviceError) -> [Double] {
        let commands = try stopwatch.record(body)
        _ = try stopwatch.time(commands)
        let start = Stopwatch.seconds()
        var samples: [Double] = []
        while samples.count < 5 || (Stopwatch.seconds() - start < seconds && samples.count < 500) {
            samples.append(try stopwatch.time(commands).duration.nanoseconds)
        }
        return samples
    }

    /// Microseconds of one more dispatch: the slope between few and many, since one alone is below the clock's floor.
    private func slope(
        _ nothing: CeilingKernels.Nothing, indirect: Bool, seconds: Double
    ) throws(DeviceError) -> [Double] {
        let few = 1
        let many = 65
        let short = try sample(seconds: seconds / 2) { recorder throws(DeviceError) in
            nothing.record(into: &recorder, count: few, indirect: indirect)
        }
        let long = try sample(seconds: seconds / 2) { recorder throws(DeviceError) in
            nothing.record(into: &recorder, count: many, indirect: indirect)
        }
        let floor = Statistics.median(short) ?? 0
        return long.map { max(0, ($0 - floor) / Double(many - few) / 1000) }
    }

    private func ceiling(
        _ name: Profile.Ceiling.Name, _ unit: String, _ samples: [Double], _ seed: UInt64
    ) -> Profile.Ceiling {
        let series = SampleSeries(
            subject: .kernel(.scan), batch: 1, pattern: .uniform, allowedTokenCount: 1, role: .fit, coldRows: true,
            durationsMicroseconds: samples, blocks: Array(samples.indices), droppedCount: 0)
        let median = Statistics.median(samples) ?? 0
        let interval = BlockBootstrap(seed: seed).interval(of: [series]) { $0[0] }
        return Profile.Ceiling(
            name: name, value: median, unit: unit, low: interval?.lowerBound ?? median,
            high: interval?.upperBound ?? median, sampleCount: samples.count)
    }
}
