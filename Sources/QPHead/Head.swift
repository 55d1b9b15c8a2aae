public import QPCore
public import QPDevice
public import QPKernels
public import QPPlanner
internal import Synchronization

/// An output head on a device: W, and the compiled steps over it. Immutable and shared; a ``Workspace`` holds what a
/// step writes.
public final class Head: Sendable {
    public let library: KernelLibrary
    public let weights: HeadWeights
    public var shape: HeadShape { weights.shape }
    /// Which copy of W planned steps screen by.
    public let screenFormat: ScreenFormat
    private let pairs: [Int: VariantPair]
    private let kernels = Mutex<[Key: ScoreKernel]>([:])
    /// What filters need, made on first use.
    let filterData = Mutex(FilterData())
    /// What draws tokens, made on first use.
    let sampler = Mutex<SamplerKernels?>(nil)
    let finalize: FinalizeKernel
    let compact: CompactMaskKernel

    private struct Key: Hashable {
        let variant: ScoreVariant
        let selection: RowSelection
        let output: ScoreOutput
    }

    /// - Parameter pairs: tuned variants by batch size, all of one reduction order; other sizes use defaults that run
    ///   anywhere, in that order.
    /// - Parameter screenFormat: of the copy that planned steps screen by, which is made when one first does.
    public init(
        _ library: KernelLibrary, _ weights: HeadWeights, pairs: [Int: VariantPair] = [:],
        screenFormat: ScreenFormat = .bits8
    ) throws(DeviceError) {
        precondition(Set(pairs.values.map(\.scan.lanesPerRow)).count <= 1, "tuned pairs share one reduction order")
        self.library = library
        self.weights = weights
        self.pairs = pairs
        self.screenFormat = screenFormat
        finalize = try FinalizeKernel(library)
        compact = try CompactMaskKernel(library, shape: weights.shape)
    }

    /// A head that uses what a profile of this device found best for its shape.
    /// - Throws: ``DeviceError``. A profile without this head, or with variants that do not run here, gives defaults.
    public convenience init(
        _ library: KernelLibrary, _ weights: HeadWeights, profile: Profile, screenFormat: ScreenFormat = .bits8
    ) throws(DeviceError) {
        let tunings = profile.heads.first { (try? $0.shape) == weights.shape }?.tunings ?? []
        var pairs: [Int: VariantPair] = [:]
        for tuning in tunings {
            guard let pair = tuning.winner, pair.runs(library, weights, batch: tuning.batch) else { continue }
            guard pairs.values.allSatisfy({ $0.scan.lanesPerRow == pair.scan.lanesPerRow }) else { continue }
            pairs[tuning.batch] = pair
        }
        try self.init(library, weights, pairs: pairs, screenFormat: screenFormat)
    }

    /// The pair used for a batch size.
    public func pair(batch: Int) -> VariantPair {
        if let pair = pairs[batch] { return pair }
        var variant = ScoreVariant.default(library, batch: batch)
        // One reduction order for every batch size, so that a score does not depend on who shares its step.
        if let tuned = pairs.values.first { variant.lanesPerRow = tuned.scan.lanesPerRow }
        return VariantPair(scan: variant, gather: variant.gatherTwin)
    }

    /// The compiled kernel of a selection, made on first use.
    func kernel(_ selection: RowSelection, _ output: ScoreOutput, batch: Int) throws(DeviceError) -> ScoreKernel {
        let pair = pair(batch: batch)
        let key = Key(variant: selection == .gather ? pair.gather : pair.scan, selection: selection, output: output)
        if let known = kernels.withLock({ $0[key] }) { return known }
        let made = try ScoreKernel(library, weights, variant: key.variant, selection: selection, output: output)
        kernels.withLock { $0[key] = made }
        return made
    }
}

extension VariantPair {
    /// Whether both are among what the tuner would try here: a profile may be damaged, or of another program.
    func runs(_ library: KernelLibrary, _ weights: HeadWeights, batch: Int) -> Bool {
        let known = ScoreVariant.candidates(
            library, shape: weights.shape, batch: batch, interleaved: weights.hasInterleavedCopy)
        return scan.lanesPerRow == gather.lanesPerRow && known.contains(scan)
            && known.map(\.gatherTwin).contains(gather)
    }
}
