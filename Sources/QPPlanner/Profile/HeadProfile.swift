public import QPCore

/// What was measured for one head: its tuned variants, samples, and what follows from them.
public struct HeadProfile: Codable, Equatable, Sendable {
    /// The preset's name; null for a head given by V and d.
    public var name: String?
    /// V.
    public var vocabularySize: Int
    /// d.
    public var hiddenSize: Int
    /// How a weight is stored.
    public var elementType: ElementType
    /// Share of the weights streamed in a batch-1 step of this model that the head is; null without a preset.
    public var headShareOfWeights: Double?
    /// Batch sizes whose measurement is complete: the others are what `--resume` goes on with.
    public var completedBatches: [Int]
    /// The variants tried, per batch size.
    public var tunings: [Tuning]
    /// Every kept duration.
    public var samples: [SampleSeries]
    /// Per step, batch and pattern; computed from `samples`.
    public var curves: [CostCurve]
    /// Per kernel, batch and pattern; computed from `samples` and the ceilings.
    public var fits: [KernelFit]
    /// Per pair of steps, batch and pattern; computed from `samples`.
    public var crossovers: [Crossover]
    /// Steps along real K sequences, where asked for.
    public var traces: [TraceResult]
    /// Single steps after pauses; measured on devices whose clocks ramp.
    public var regimes: [RegimeResult]

    /// Takes every field as it is.
    public init(
        name: String?, shape: HeadShape, headShareOfWeights: Double?, completedBatches: [Int] = [], tunings: [Tuning],
        samples: [SampleSeries], curves: [CostCurve] = [], fits: [KernelFit] = [], crossovers: [Crossover] = [],
        traces: [TraceResult] = [], regimes: [RegimeResult] = []
    ) {
        self.regimes = regimes
        self.traces = traces
        self.completedBatches = completedBatches
        self.name = name
        vocabularySize = shape.vocabularySize
        hiddenSize = shape.hiddenSize
        elementType = shape.elementType
        self.headShareOfWeights = headShareOfWeights
        self.tunings = tunings
        self.samples = samples
        self.curves = curves
        self.fits = fits
        self.crossovers = crossovers
    }
}

/// What a series of samples timed.
public enum TimedSubject: Hashable, Sendable {
    case kernel(KernelName)
    case step(StepName)
}

extension TimedSubject: Codable, CustomStringConvertible {
    /// `kernel.scan`, `step.dense`, …
    public var description: String {
        switch self {
        case .kernel(let name): "kernel.\(name.rawValue)"
        case .step(let name): "step.\(name.rawValue)"
        }
    }

    /// Reads a description.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        if text.hasPrefix("kernel."), let name = KernelName(rawValue: String(text.dropFirst("kernel.".count))) {
            self = .kernel(name)
        } else if text.hasPrefix("step."), let name = StepName(rawValue: String(text.dropFirst("step.".count))) {
            self = .step(name)
        } else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" names no kernel or step"))
        }
    }

    /// Writes the description.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// How the allowed ids lie in the vocabulary.
public enum IndexPattern: String, Codable, CaseIterable, Sendable {
    /// Independent uniform ids: the worst case for locality.
    case uniform
    /// Runs of 32 neighbours at uniform places.
    case clustered
    /// One run.
    case contiguous
}

/// All durations of one subject at one K: the evidence from which everything else is computed.
public struct SampleSeries: Codable, Equatable, Sendable {
    /// What a series may be used for.
    public enum Role: String, Codable, Sendable {
        /// On the K grid: curves and fits are made from it.
        case fit
        /// A K drawn after the fit, never used by it: errors are measured on it.
        case heldOut
    }

    /// What was timed.
    public var subject: TimedSubject
    /// B, the number of hidden states in the step.
    public var batch: Int
    /// How the allowed ids lay.
    public var pattern: IndexPattern
    /// K of every batch row; for `kernel.scan` and `kernel.topTwo` the number of rows or scores worked on.
    public var allowedTokenCount: Int
    /// What the series may be used for.
    public var role: Role
    /// Whether index sets rotate so that rows come from memory, not from cache.
    public var coldRows: Bool
    /// Durations of one execution each, in microseconds.
    public var durationsMicroseconds: [Double]
    /// The interleaving block of each duration: the unit of the bootstrap.
    public var blocks: [Int]
    /// Samples that were taken and not kept.
    public var droppedCount: Int
    /// Of those kept, samples from disturbed blocks, kept because too few quiet ones were left.
    public var disturbedCount: Int

    /// Takes every field as it is.
    public init(
        subject: TimedSubject, batch: Int, pattern: IndexPattern, allowedTokenCount: Int, role: Role, coldRows: Bool,
        durationsMicroseconds: [Double], blocks: [Int], droppedCount: Int, disturbedCount: Int = 0
    ) {
        self.disturbedCount = disturbedCount
        self.subject = subject
        self.batch = batch
        self.pattern = pattern
        self.allowedTokenCount = allowedTokenCount
        self.role = role
        self.coldRows = coldRows
        self.durationsMicroseconds = durationsMicroseconds
        self.blocks = blocks
        self.droppedCount = droppedCount
    }
}

/// The variants tried for one batch size, the best first.
///
/// Scan and gather are tuned as a pair because they share one reduction order (`lanesPerRow`); a pair's score is
/// its scan time plus its gather time at the K of the record.
public struct Tuning: Codable, Equatable, Sendable {
    /// One variant.
    public struct Candidate: Codable, Equatable, Sendable {
        /// For example `lanes 8 · rows 4 · workgroup 32 · texel`.
        public var variant: String
        /// Time of a scan of all V rows: the lower quartile of a few turns.
        public var scanMicroseconds: Double
        /// Time of a gather of ``Tuning/gatherTokenCount`` rows, likewise.
        public var gatherMicroseconds: Double
        /// Median absolute deviation over median, the larger of the two.
        public var spread: Double

        /// Takes every field as it is.
        public init(variant: String, scanMicroseconds: Double, gatherMicroseconds: Double, spread: Double) {
            self.variant = variant
            self.scanMicroseconds = scanMicroseconds
            self.gatherMicroseconds = gatherMicroseconds
            self.spread = spread
        }
    }

    /// B.
    public var batch: Int
    /// K at which gather was timed.
    public var gatherTokenCount: Int
    /// The pair that every later measurement used, for a program that loads the profile; null if none was chosen.
    public var winner: VariantPair?
    /// Winner, runner-up, then the rest.
    public var candidates: [Candidate]
    /// What sharing a reduction order costs: the winner's scan time over the best scan time of any variant tried. From
    /// a head's second batch size on only variants of the first one's order are tried, so that scores do not depend
    /// on the batch.
    public var sharedOrderScanRatio: Double
    /// Likewise for gather.
    public var sharedOrderGatherRatio: Double

    /// Takes every field as it is.
    public init(
        batch: Int, gatherTokenCount: Int, winner: VariantPair? = nil, candidates: [Candidate],
        sharedOrderScanRatio: Double, sharedOrderGatherRatio: Double
    ) {
        self.batch = batch
        self.winner = winner
        self.gatherTokenCount = gatherTokenCount
        self.candidates = candidates
        self.sharedOrderScanRatio = sharedOrderScanRatio
        self.sharedOrderGatherRatio = sharedOrderGatherRatio
    }
}
