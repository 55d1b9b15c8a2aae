internal import QPCore
internal import QPDevice
public import QPKernels
public import QPPlanner

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Measures heads on a device and returns a ``Profile``.
///
/// Every kernel is checked against its reference before it is timed. Candidates take turns in blocks, a reference
/// kernel around each block; blocks in which it moved are dropped and counted. Held-out K are drawn after the fit.
public struct Profiler {
    public typealias Report = (ProfileProgress) -> Void

    private let library: KernelLibrary
    private let request: ProfileRequest
    private let report: Report
    private let isCancelled: () -> Bool
    private let checkpoint: (Profile) -> Void
    private let start = Stopwatch.seconds()

    /// - Parameters:
    ///   - report: called some times a second with how far the run is.
    ///   - isCancelled: asked between blocks; true ends the run with what was measured.
    ///   - checkpoint: called with a valid profile whenever a head and batch is complete.
    public init(
        _ library: KernelLibrary, _ request: ProfileRequest, report: @escaping Report = { _ in },
        isCancelled: @escaping () -> Bool = { false }, checkpoint: @escaping (Profile) -> Void = { _ in }
    ) {
        self.library = library
        self.request = request
        self.report = report
        self.isCancelled = isCancelled
        self.checkpoint = checkpoint
    }

    /// Shares of a head and batch's time: the rest goes to the curves alone.
    private static let tuningShare = 0.18
    private static let heldOutShare = 0.5
    /// Share of the whole run for the ceilings, and the most it needs.
    private static let ceilingShare = 0.08
    private static let maximumCeilingSeconds = 4.0
    private static let heldOutCount = 20
    /// At least between two checkpoints of one head and batch.
    private static let checkpointSeconds = 20.0

    /// Measures everything asked for, going on from `previous` where given.
    /// - Throws: ``DeviceError``, ``ProfilerError``, ``ProfileError``, ``ShapeError``.
    public func run(resuming previous: Profile? = nil) throws -> Profile {
        var profile = previous ?? emptyProfile()
        var tally = Tally(profile.noise)
        let units = request.heads.flatMap { head in request.batches.map { (head, $0) } }
        let open = units.filter { head, batch in
            !profile.heads.contains { head.isSame(as: $0) && $0.completedBatches.contains(batch) }
        }
        let ceilingSeconds = min(Self.maximumCeilingSeconds, request.timeBudgetSeconds * Self.ceilingShare)
        // What is left after the ceilings, and after as much again for filling W and compiling.
        let seconds = (request.timeBudgetSeconds - 2 * ceilingSeconds) / Double(max(1, units.count))
        var stops: Set<String> = []
        for head in request.heads {
            let batches = request.batches.filter { batch in open.contains { $0.0.label == head.label && $0.1 == batch }
            }
            guard !batches.isEmpty else { continue }
            report(progress("\(head.label): filling W", units.count - open.count, units.count, 0))
            let rows = SyntheticRows(shape: head.shape, seed: request.seed)
            let weights = try HeadWeights(library, synthetic: rows, interleaved: request.interleavedCopy)
            if profile.ceilings.isEmpty {
                profile.ceilings = try CeilingMeter(library)
                    .measure(weights, seconds: ceilingSeconds, seed: request.seed)
            }
            if !profile.heads.contains(where: head.isSame(as:)) {
                profile.heads.append(
                    HeadProfile(
                        name: head.name, shape: head.shape, headShareOfWeights: head.headShareOfWeights, tunings: [],
                        samples: []))
            }
            let place = profile.heads.firstIndex(where: head.isSame(as:))!
            for batch in batches {
                let done = units.firstIndex { $0.0.label == head.label && $0.1 == batch }!
                let unit = Unit(
                    head: head, rows: rows, weights: weights, batch: batch, seconds: seconds,
                    begin: Stopwatch.seconds(),
                    index: done, count: units.count)
                do {
                    // Written every some seconds, so that even a killed process loses little.
                    var saved = Stopwatch.seconds()
                    let snapshot = profile
                    stops.insert(
                        try measure(unit, into: &profile.heads[place], &tally, profile.ceilings) { head in
                            guard Stopwatch.seconds() - saved > Self.checkpointSeconds else { return }
                            saved = Stopwatch.seconds()
                            var partial = snapshot
                            partial.heads[place] = head
                            checkpoint(partial)
                        })
                } catch {
                    // A lost device must not cost what was sampled before it went.
                    profile.noise = tally.noise(isSoftware: library.device.physical.isSoftware)
                    checkpoint(profile)
                    throw error
                }
                profile.heads[place] = try ProfileAnalysis(seed: request.seed)
                    .analysed(profile.heads[place], ceilings: profile.ceilings)
                profile.noise = tally.noise(isSoftware: library.device.physical.isSoftware)
                profile.settings.stoppedBecause = stops.sorted().joined(separator: ", ")
                profile.date = Self.now()
                if isCancelled() { throw ProfilerError.interrupted(profile) }
                if batch == 1, !request.traces.isEmpty { try traces(unit, &profile.heads[place]) }
                if isCancelled() { throw ProfilerError.interrupted(profile) }
                profile.heads[place].completedBatches.append(batch)
                checkpoint(profile)
            }
        }
        return profile
    }

    /// One head and batch.
    private struct Unit {
        let head: ProfileRequest.HeadRequest
        let rows: SyntheticRows
        let weights: HeadWeights
        let batch: Int
        let seconds: Double
        let begin: Double
        let index: Int
        let count: Int

        var used: Double { Stopwatch.seconds() - begin }
    }

    private func progress(_ phase: String, _ done: Int, _ count: Int, _ share: Double) -> ProfileProgress {
        ProfileProgress(
            phase: phase, fraction: (Double(done) + min(1, share)) / Double(max(1, count)),
            elapsedSeconds: Stopwatch.seconds() - start)
    }

    /// Tunes, verifies, and times one head and batch; why sampling stopped.
    private func measure(
        _ unit: Unit, into head: inout HeadProfile, _ tally: inout Tally, _ ceilings: [Profile.Ceiling],
        save: (HeadProfile) -> Void
    ) throws -> String {
        func say(_ phase: String) {
            report(
                progress(
                    "\(unit.head.label), batch \(unit.batch): \(phase)", unit.index, unit.count,
                    unit.used / unit.seconds))
        }
        guard let pair = try tune(unit, &head, say) else { return "interruption" }
        let device = try Head(library, unit.weights, pairs: [unit.batch: pair])
        let bench = try ProbeBench(device, batch: unit.batch)
        say("verifying")
        let hasScreen = hasScreen(device, batch: unit.batch)
        var generator = PhiloxGenerator(seed: request.seed &+ 7)
        let hidden = (0..<unit.batch).map { _ in
            (0..<unit.head.shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }
        }
        for (row, values) in hidden.enumerated() { try bench.workspace.hidden.write(values, row: row) }
        try Verifier(head: device, rows: unit.rows, label: unit.head.label)
            .verify(
                bench.workspace, hidden: hidden, steps: StepName.allCases.filter { $0 != .screenedRerank || hasScreen },
                seed: request.seed)

        let firstBlock = (head.samples.flatMap(\.blocks).max() ?? -1) + 1
        var measurement = try BatchMeasurement(
            bench, batch: unit.batch, seed: request.seed &+ UInt64(firstBlock), firstBlock: firstBlock,
            hostCoreCount: Self.hostCoreCount)
        let before = head.samples
        func collect() -> [SampleSeries] { Self.joined(before, measurement.series(tolerance: request.tolerance)) }
        func keep() {
            var partial = head
            partial.samples = collect()
            save(partial)
        }
        defer {
            head.samples = collect()
            tally.add(measurement, tolerance: request.tolerance)
        }

        say("warming up")
        for (subject, pattern, K) in Grid.fit(
            unit.head.shape, patterns: request.patterns, quick: request.quick, hasScreen: hasScreen)
        {
            if isCancelled() { return "interruption" }
            try measurement.add(subject, pattern: pattern, tokenCount: K, role: .fit)
        }
        let untilHeldOut = unit.seconds * (1 - Self.heldOutShare)
        var turns = 0
        var refined = false
        var stop = "time budget"
        var turnSeconds = 0.0
        // A turn is begun if at least half of it fits.
        while turns < 3 || unit.used + turnSeconds / 2 < untilHeldOut {
            say("curves, turn \(turns + 1)")
            let begin = unit.used
            defer { turnSeconds = unit.used - begin }
            guard try measurement.turn(where: { $0.role == .fit }, shouldStop: isCancelled) else {
                return "interruption"
            }
            turns += 1
            keep()
            if turns >= 3, !refined {
                refined = true
                head.samples = collect()
                for (subject, K) in Grid.refined(
                    try ProfileAnalysis(seed: request.seed, replicateCount: 20)
                        .crossovers(of: head), batch: unit.batch, V: unit.head.shape.vocabularySize)
                {
                    try measurement.add(subject, pattern: .uniform, tokenCount: K, role: .fit)
                }
            }
            let steps = measurement.probes.filter { if case .step = $0.subject { $0.role == .fit } else { false } }
            if turns >= 8, steps.allSatisfy({ $0.relativeHalfWidth <= request.confidenceTarget }) {
                stop = "confidence target"
                break
            }
        }
        // Drawn only now: nothing above has seen these K.
        let fitted = Set(measurement.probes.filter { $0.role == .fit }.map(\.tokenCount))
        say("held-out K")
        for (subject, K) in Grid.heldOut(
            unit.head.shape.vocabularySize, count: Self.heldOutCount, seed: request.seed &+ 13, excluding: fitted,
            hasScreen: hasScreen)
        {
            if isCancelled() { return "interruption" }
            try measurement.add(subject, pattern: .uniform, tokenCount: K, role: .heldOut)
        }
        turns = 0
        turnSeconds = 0
        while turns < 3 || unit.used + turnSeconds / 2 < unit.seconds {
            say("held-out K, turn \(turns + 1)")
            let begin = unit.used
            defer { turnSeconds = unit.used - begin }
            guard try measurement.turn(where: { $0.role == .heldOut }, shouldStop: isCancelled) else {
                return "interruption"
            }
            turns += 1
            if turns >= 12, stop == "confidence target" { break }
            // The grid goes on in turns with them: a machine that drifts would otherwise be compared with its past.
            guard unit.used + turnSeconds < unit.seconds else { continue }
            guard try measurement.turn(where: { $0.role == .fit }, shouldStop: isCancelled) else {
                return "interruption"
            }
            keep()
        }
        if request.regimes ?? !library.device.physical.isSoftware {
            say("regimes")
            head.regimes.removeAll { $0.batch == unit.batch }
            head.regimes += try RegimeMeter(bench: bench).measure(seed: request.seed, isCancelled: isCancelled)
        }
        return stop
    }

    /// Whether the 8-bit copy, and what a screened step writes, fit beside W; the copy is then there.
    private func hasScreen(_ head: Head, batch: Int) -> Bool {
        let V = head.shape.vocabularySize
        let bytes = V * (ScreenFormat.bits8.bytesReadPerRow(hiddenSize: head.shape.hiddenSize) + 4 + 12 * batch)
        guard (try? library.device.requireMemory(bytes, for: "a screen")) != nil else { return false }
        return (try? head.screenCopy()) != nil
    }

    private func traces(_ unit: Unit, _ head: inout HeadProfile) throws {
        let winner = head.tunings.first { $0.batch == 1 }?.winner
        let device = try Head(library, unit.weights, pairs: winner.map { [1: $0] } ?? [:])
        let meter = TraceMeter(bench: try ProbeBench(device, batch: 1), head: head)
        var results: [TraceResult] = []
        for (index, trace) in request.traces.enumerated() {
            report(
                progress(
                    "\(unit.head.label): trace \(index + 1) of \(request.traces.count), \(trace.name)", unit.index,
                    unit.count, 1))
            guard
                let result = try meter.measure(
                    trace, vocabularySize: request.traceVocabularySize, seed: request.seed, isCancelled: isCancelled)
            else { continue }
            results.append(result)
        }
        head.traces = results
    }

    /// The pair to measure with; nil when cancelled.
    private func tune(_ unit: Unit, _ head: inout HeadProfile, _ say: (String) -> Void) throws -> VariantPair? {
        if let known = head.tunings.first(where: { $0.batch == unit.batch })?.winner,
            known.runs(library, unit.weights, batch: unit.batch)
        {
            return known
        }
        say("tuning")
        // Every batch size shares the first one's reduction order, so that a score does not depend on the batch.
        let lanes = head.tunings.compactMap(\.winner).first?.scan.lanesPerRow
        let tuned = try Tuner(library, unit.weights).tune(
            batch: unit.batch, lanesPerRow: lanes, seconds: unit.seconds * Self.tuningShare, seed: request.seed,
            progress: { _ in say("tuning") }, isCancelled: isCancelled)
        guard let result = tuned else { return nil }
        head.tunings.removeAll { $0.batch == unit.batch }
        head.tunings.append(result.tuning)
        library.device.savePipelineCache()
        return result.pair
    }

    /// Earlier series with the new readings behind them; a resumed run goes on with the same series.
    private static func joined(_ old: [SampleSeries], _ new: [SampleSeries]) -> [SampleSeries] {
        var result = old
        for series in new {
            if let index = result.firstIndex(where: {
                $0.subject == series.subject && $0.batch == series.batch && $0.pattern == series.pattern
                    && $0.allowedTokenCount == series.allowedTokenCount && $0.role == series.role
            }) {
                result[index].durationsMicroseconds += series.durationsMicroseconds
                result[index].blocks += series.blocks
                result[index].droppedCount += series.droppedCount
                result[index].disturbedCount += series.disturbedCount
            } else {
                result.append(series)
            }
        }
        return result
    }
}

extension Profiler {
    /// Cores that this process may use: those it may run on, or fewer by the quota of its control group.
    static var hostCoreCount: Int {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let quota = FileManager.default.contents(atPath: "/sys/fs/cgroup/cpu.max")
            .map { String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isWhitespace).compactMap { Int($0) } }
        guard let quota, quota.count == 2, quota[1] > 0 else { return cores }
        return max(1, min(cores, quota[0] / quota[1]))
    }

    private static func now() -> String {
        Date.now.formatted(.iso8601)
    }

    /// The context of a run, nothing measured yet.
    private func emptyProfile() -> Profile {
        let physical = library.device.physical
        let limits = physical.limits
        let isTimestamped = limits.timestampValidBits > 0
        return Profile(
            program: Profile.Program(name: "qp-gpu", version: qpGPUVersion), date: Self.now(),
            device: Profile.DeviceContext(
                name: physical.name, uuid: physical.uuid, driver: physical.driver,
                apiVersion: physical.apiVersion.description, isSoftware: physical.isSoftware,
                subgroupSize: limits.subgroupSize, deviceMemoryBytes: limits.memory.deviceLocalBytes,
                hostProcessor: Self.hostProcessor, hostCoreCount: Self.hostCoreCount,
                timing: Profile.Timing(
                    method: (isTimestamped ? TimingMethod.deviceTimestamp : .hostClock).rawValue,
                    tickNanoseconds: isTimestamped ? limits.timestampPeriod : nil,
                    validBits: isTimestamped ? limits.timestampValidBits : nil)),
            settings: Profile.Settings(
                seed: request.seed, quick: request.quick, timeBudgetSeconds: request.timeBudgetSeconds,
                confidenceTarget: request.confidenceTarget, stoppedBecause: ""),
            ceilings: [], heads: [],
            noise: Profile.Noise(
                verdict: .unusable, explanation: "Nothing has been measured yet.", keptBlockCount: 0,
                droppedBlockCount: 0, droppedSharedSampleCount: 0, referenceSpread: 0))
    }

    /// The host's processor as the kernel names it.
    public static var hostProcessor: String {
        let text =
            FileManager.default.contents(atPath: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
        return line.flatMap { $0.split(separator: ":").last }.map { String($0.drop { $0 == " " }) } ?? "unknown"
    }
}
