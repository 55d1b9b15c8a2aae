/// One thing to time beside others.
struct Candidate {
    /// How to tell whether a sample had its cores to itself.
    enum Load {
        /// Keeps every core busy: CPU time over wall time shows what it got.
        case allCores
        /// Too short or too serial for that: judged by the first `allCores` candidate of the same turn.
        case short
        /// Runs on a device of its own.
        case device
    }

    let name: String
    var detail = ""
    var byteCount: Int?
    let load: Load
    /// Repetitions in one run; a sample is a run divided by this.
    var repetitionCount = 1
    /// Prepares a run, outside the clock: empties the caches.
    var prepare: () -> Void = {}
    /// Runs after the clock has stopped.
    var settle: () -> Void = {}
    let run: () throws -> Reading
}

/// Candidates timed in turns, forwards and backwards (A B C C B A …), so that drift of the machine meets all alike.
struct Comparison {
    let series: [Series]

    /// Share of the cores that a sample must have had: 1.7 of 2.
    static let neededShare = 0.85
    private static let warmUpTurns = 2
    private static let minimumTurns = 8

    /// Takes turns for `seconds`, eight at least; two more before them warm up and are not kept.
    init(_ candidates: [Candidate], seconds: Double, coreCount: Int, progress: (Double) -> Void = { _ in }) throws {
        var samples = [[Sample]](repeating: [], count: candidates.count)
        var start = Clock.seconds()
        var turn = -Self.warmUpTurns
        while turn < Self.minimumTurns || Clock.seconds() - start < seconds {
            if turn == 0 { start = Clock.seconds() }
            for index in turn % 2 == 0 ? Array(candidates.indices) : candidates.indices.reversed() {
                let candidate = candidates[index]
                candidate.prepare()
                let reading = try candidate.run()
                candidate.settle()
                guard turn >= 0 else { continue }
                let count = Double(candidate.repetitionCount)
                samples[index].append(
                    Sample(
                        microseconds: reading.microseconds / count, hostMicroseconds: reading.hostMicroseconds / count,
                        coresUsed: reading.coresUsed,
                        hadItsCores: candidate.load != .allCores
                            || reading.coresUsed >= Self.neededShare * Double(coreCount)))
            }
            turn += 1
            progress(min(1, (Clock.seconds() - start) / seconds))
        }
        if let reference = candidates.firstIndex(where: { $0.load == .allCores }) {
            for index in candidates.indices where candidates[index].load == .short {
                for turn in samples[index].indices {
                    samples[index][turn].hadItsCores = samples[reference][turn].hadItsCores
                }
            }
        }
        series = zip(candidates, samples).map {
            Series(name: $0.name, detail: $0.detail, byteCount: $0.byteCount, samples: $1)
        }
    }

    subscript(_ name: String) -> Series { series.first { $0.name == name }! }

    /// Time of one candidate over that of another, turn by turn: what both met alike cancels.
    func ratio(_ what: String, _ numerator: String, over denominator: String, goal: Goal? = nil) -> Finding {
        let pairs = Array(zip(self[numerator].samples, self[denominator].samples))
        func ratios(_ pairs: [(Sample, Sample)]) -> Summary? {
            Summary(pairs.map { $0.microseconds / $1.microseconds })
        }
        return Finding(
            what: what, unit: "", alone: ratios(pairs.filter { $0.hadItsCores && $1.hadItsCores }), all: ratios(pairs),
            goal: goal)
    }

    /// One candidate's bytes a second over another's.
    func bandwidthRatio(_ what: String, _ numerator: String, over denominator: String, goal: Goal? = nil) -> Finding {
        let bytes = Double(self[numerator].byteCount ?? 0) / Double(self[denominator].byteCount ?? 1)
        return ratio(what, denominator, over: numerator, goal: goal).scaled(by: bytes)
    }
}
