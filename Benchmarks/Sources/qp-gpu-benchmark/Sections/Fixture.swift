import QPCore
import QPDevice
import QPHead
import QPKernels
import QPPlanner

/// One head on the device, with all that its kernels read and write.
final class Fixture {
    let library: KernelLibrary
    let rows: SyntheticRows
    let weights: HeadWeights
    let hiddenValues: [Float]
    let hidden: HiddenStates
    /// `[V]` binary32.
    let scores: Buffer
    let stopwatch: Stopwatch
    /// Bound where a kernel has nothing to read.
    let none: Buffer
    var shape: HeadShape { weights.shape }
    var V: Int { shape.vocabularySize }

    init(_ library: KernelLibrary, _ shape: HeadShape, interleaved: Bool, seed: UInt64) throws {
        self.library = library
        rows = SyntheticRows(shape: shape, seed: seed)
        weights = try HeadWeights(library, synthetic: rows, interleaved: interleaved)
        var generator = PhiloxGenerator(seed: seed ^ 0x68)
        hiddenValues = (0..<shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }
        hidden = try HiddenStates(library.device, shape: shape, batch: 1)
        try hidden.write(hiddenValues, row: 0)
        scores = try Buffer(library.device, byteCount: shape.vocabularySize * 4)
        stopwatch = try Stopwatch(library.device)
        none = try Buffer(library.device, byteCount: 16)
    }

    /// Whether CPU time over wall time tells if device work had its cores.
    var load: Candidate.Load { library.device.physical.isSoftware ? .allCores : .device }

    // MARK: Kernels

    func scan(_ variant: ScoreVariant) throws(DeviceError) -> BoundScoreKernel {
        try ScoreKernel(library, weights, variant: variant, selection: .scan, output: .scores)
            .bind(hidden: hidden, allowed: .storage(none), lists: .storage(none), result: .storage(scores))
    }

    /// Times `body`, recorded once with `count` repetitions in it.
    func candidate(
        _ name: String, detail: String = "", byteCount: Int? = nil, load: Candidate.Load? = nil, repetitions: Int = 1,
        prepare: @escaping () -> Void = {},
        _ body: (inout CommandRecorder, Int) throws(DeviceError) -> Void
    ) throws -> Candidate {
        let commands = try stopwatch.record { recorder throws(DeviceError) in
            for repetition in 0..<repetitions {
                try body(&recorder, repetition)
                recorder.barrier()
            }
        }
        let stopwatch = stopwatch
        return Candidate(
            name: name, detail: detail, byteCount: byteCount, load: load ?? self.load, repetitionCount: repetitions,
            prepare: prepare
        ) {
            let reading = try stopwatch.time(commands)
            return Reading(
                microseconds: reading.duration.nanoseconds / 1000, hostMicroseconds: reading.hostNanoseconds / 1000,
                coresUsed: reading.coresUsed)
        }
    }

    /// The dense projection `[V, d]·[d] → [V]`.
    func scanCandidate(
        _ name: String, _ variant: ScoreVariant, prepare: @escaping () -> Void = {}
    ) throws -> Candidate {
        let bound = try scan(variant)
        let V = V
        return try candidate(name, detail: variant.brief, byteCount: shape.weightBytes, prepare: prepare) {
            recorder, _ in bound.record(into: &recorder, .rows(0..<V), resultStride: V)
        }
    }

    /// The device's own plain read of W's first binding, by the better of two sources.
    func readCandidate(_ name: String, prepare: @escaping () -> Void = {}) throws -> Candidate {
        let kernels = CeilingKernels(library)
        var best: (candidate: Candidate, bandwidth: Double)?
        for source in [WeightSource.texels, .storage] {
            let read = try kernels.read(weights, source: source)
            let made = try candidate(name, detail: source.rawValue, byteCount: read.byteCount, prepare: prepare) {
                recorder, _ in read.record(into: &recorder)
            }
            var readings: [Double] = []
            for turn in 0..<4 {
                prepare()
                let reading = try made.run()
                // The first compiles.
                if turn > 0 { readings.append(reading.microseconds) }
            }
            let bandwidth = Double(read.byteCount) / (readings.min() ?? .infinity)
            if bandwidth > best?.bandwidth ?? 0 { best = (made, bandwidth) }
        }
        return best!.candidate
    }

    /// The scores of one run of a scan.
    func readScores(_ variant: ScoreVariant) throws -> [Float] {
        let bound = try scan(variant)
        let V = V
        try scores.write([Float](repeating: .nan, count: V))
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                bound.record(into: &recorder, .rows(0..<V), resultStride: V)
                recorder.barrierToHost()
            })
        return try scores.read(count: V)
    }
}

/// A list of ids on the device, as a gather reads it.
struct IDList {
    let count: Int
    let ids: Buffer
    let lists: Buffer

    init(_ device: Device, _ values: [UInt32]) throws(DeviceError) {
        count = values.count
        ids = try Buffer(device, byteCount: values.count * 4, use: .upload)
        lists = try Buffer(device, byteCount: 8, use: .upload)
        try ids.write(values)
        try lists.write([0, UInt32(values.count)])
    }
}

/// The variants that won on this machine for one shape.
struct Tuned {
    /// Scan and gather that are fastest together.
    let pair: VariantPair
    /// The fastest scan of the row-major copy, whatever its gather.
    let rowMajor: ScoreVariant
    /// The fastest scan of the interleaved copy, where there is one.
    let interleaved: ScoreVariant?

    init(_ fixture: Fixture, seconds: Double, seed: UInt64) throws {
        // Nil only when cancelled, which nobody can here.
        let result = try Tuner(fixture.library, fixture.weights).tune(batch: 1, seconds: seconds, seed: seed)!
        let candidates = ScoreVariant.candidates(
            fixture.library, shape: fixture.shape, batch: 1, interleaved: fixture.weights.hasInterleavedCopy)
        func fastest(_ layout: WeightLayout) -> ScoreVariant? {
            let timed = candidates.filter { $0.layout == layout }.compactMap { variant in
                // The tuner names its candidates "scan variant / gather variant".
                result.tuning.candidates.first { $0.variant.hasPrefix("\(variant) / ") }
                    .map { (variant: variant, microseconds: $0.scanMicroseconds) }
            }
            return timed.min { $0.microseconds < $1.microseconds }?.variant
        }
        pair = result.pair
        rowMajor = fastest(.rowMajor) ?? result.pair.gather
        interleaved = fastest(.interleaved)
    }
}

extension ScoreVariant {
    /// The variant without what is the same in all of a batch of one.
    var brief: String {
        "lanes \(lanesPerRow) · rows \(rowsPerLaneGroup) · workgroup \(workgroupSize) · \(source.rawValue)"
            + (layout == .interleaved ? " · interleaved" : "")
    }
}
