public import QPCore
public import QPDevice
public import QPKernels
internal import Synchronization

/// An output head on a device: W, and the compiled steps over it. Immutable and shared; a ``Workspace`` holds what a
/// step writes.
public final class Head: Sendable {
    public let library: KernelLibrary
    public let weights: HeadWeights
    public var shape: HeadShape { weights.shape }
    private let pairs: [Int: VariantPair]
    private let kernels = Mutex<[Key: ScoreKernel]>([:])
    let finalize: FinalizeKernel
    let compact: CompactMaskKernel

    private struct Key: Hashable {
        let variant: ScoreVariant
        let selection: RowSelection
        let output: ScoreOutput
    }

    /// - Parameter pairs: tuned variants by batch size; other sizes use defaults that run anywhere.
    public init(
        _ library: KernelLibrary, _ weights: HeadWeights, pairs: [Int: VariantPair] = [:]
    ) throws(DeviceError) {
        self.library = library
        self.weights = weights
        self.pairs = pairs
        finalize = try FinalizeKernel(library)
        compact = try CompactMaskKernel(library, shape: weights.shape)
    }

    /// The pair used for a batch size.
    public func pair(batch: Int) -> VariantPair {
        if let pair = pairs[batch] { return pair }
        let variant = ScoreVariant.default(library, batch: batch)
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
