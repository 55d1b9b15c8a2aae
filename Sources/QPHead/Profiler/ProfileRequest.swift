public import QPCore
public import QPPlanner

/// What to profile.
public struct ProfileRequest: Sendable {
    /// One head to measure.
    public struct HeadRequest: Sendable {
        /// The preset's name, if it is one.
        public var name: String?
        public var shape: HeadShape
        public var headShareOfWeights: Double?

        public init(name: String?, shape: HeadShape, headShareOfWeights: Double?) {
            self.name = name
            self.shape = shape
            self.headShareOfWeights = headShareOfWeights
        }

        /// For example `Gemma-3-270M 262144×640 f16`.
        public var label: String { (name.map { $0 + " " } ?? "") + shape.description }

        func isSame(as profile: HeadProfile) -> Bool {
            profile.vocabularySize == shape.vocabularySize && profile.hiddenSize == shape.hiddenSize
                && profile.elementType == shape.elementType
        }
    }

    public var heads: [HeadRequest]
    /// Batch sizes, each measured for every head.
    public var batches: [Int]
    /// Index patterns; uniform is always measured.
    public var patterns: [IndexPattern]
    public var seed: UInt64
    public var quick: Bool
    /// Wall-clock seconds of the whole run.
    public var timeBudgetSeconds: Double
    /// Half-width of the 95 % interval of a step's median, relative, at which sampling may stop.
    public var confidenceTarget: Double
    /// Keep a second, interleaved copy of W for scans, and tune with it.
    public var interleavedCopy: Bool
    /// Also time single steps after pauses; nil does so on hardware, whose clocks ramp, and not on a CPU rasteriser.
    public var regimes: Bool?
    /// K sequences whose steps are timed at batch 1, after everything else and beyond the time budget.
    public var traces: [TraceFile.Trace]
    /// V that those K were counted over.
    public var traceVocabularySize: Int
    /// How far the reference kernel may move within a block, relative.
    public var tolerance: Double

    public init(
        heads: [HeadRequest], batches: [Int], patterns: [IndexPattern] = IndexPattern.allCases, seed: UInt64 = 1,
        quick: Bool = false, timeBudgetSeconds: Double, confidenceTarget: Double = 0.02, interleavedCopy: Bool = false,
        tolerance: Double = 0.03, regimes: Bool? = nil, traces: [TraceFile.Trace] = [], traceVocabularySize: Int = 1
    ) {
        self.regimes = regimes
        self.traces = traces
        self.traceVocabularySize = traceVocabularySize
        self.heads = heads
        self.batches = batches
        self.patterns = patterns
        self.seed = seed
        self.quick = quick
        self.timeBudgetSeconds = timeBudgetSeconds
        self.confidenceTarget = confidenceTarget
        self.interleavedCopy = interleavedCopy
        self.tolerance = tolerance
    }
}

/// How far a run is.
public struct ProfileProgress: Sendable {
    /// What is being done, for example `Gemma-3-270M 262144×640 f16, batch 8: curves`.
    public var phase: String
    /// 0…1 of the whole run.
    public var fraction: Double
    public var elapsedSeconds: Double

    /// Takes every field as it is.
    public init(phase: String, fraction: Double, elapsedSeconds: Double) {
        self.phase = phase
        self.fraction = fraction
        self.elapsedSeconds = elapsedSeconds
    }

    /// Seconds left at this pace.
    public var remainingSeconds: Double? {
        fraction > 0.01 ? elapsedSeconds / fraction * (1 - fraction) : nil
    }
}

/// A run that could not go on.
public enum ProfilerError: Error, CustomStringConvertible {
    /// A kernel's result is not what its reference says; nothing it measures would mean anything.
    case wrongResult(kernel: String, head: String, batch: Int, detail: String)
    /// The caller asked to stop; what was measured so far is in the profile.
    case interrupted(Profile)

    public var description: String {
        switch self {
        case .wrongResult(let kernel, let head, let batch, let detail):
            "\(kernel) gave a wrong result for \(head), batch \(batch), before it was timed: \(detail)\n"
                + "This is an error in a kernel or in the driver. Try another driver version; please report it with "
                + "the output of `qp-gpu devices`."
        case .interrupted:
            "interrupted; what was measured so far is kept"
        }
    }
}
