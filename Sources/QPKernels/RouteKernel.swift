public import QPDevice

/// Routes a step on the device: counts of a mask and cost curves in, indirect arguments of the cheaper plan out.
///
/// Curves come packed (`CostCurve.packed`): curve 0 is the scan's, curve 1 that of compaction and gather. Adds two
/// dispatches of next to nothing to a step: itself, and the plan that was not chosen.
public struct RouteKernel: Sendable {
    private let library: KernelLibrary
    private let pipeline: ComputePipeline

    public init(_ library: KernelLibrary) throws(DeviceError) {
        self.library = library
        pipeline = try library.pipeline(
            "route_step.comp", bindings: [BindingKind](repeating: .storage, count: 4), pushConstantCount: 6,
            workgroupSize: library.subgroupSize)
    }

    /// What a routed step keeps on the device.
    public struct Buffers: Sendable {
        /// Arguments of gather and scan, K and choice of each row, arguments of the compaction.
        public let state: Buffer
        let scanArguments: Buffer
        let scan: ScoreKernel
        let batch: Int
        private var scanWords: Int { 4 * scan.windows.count }

        init(_ device: Device, scan: ScoreKernel, batch: Int) throws(DeviceError) {
            self.scan = scan
            self.batch = batch
            let arguments = scan.indirectArguments(batch: batch)
            state = try Buffer(device, byteCount: (4 + arguments.count + 2 * batch + 4) * 4)
            scanArguments = try Buffer(device, byteCount: arguments.count * 4)
            try scanArguments.write(arguments)
        }

        /// Where K of each row stands, then the choice: 0 for the scan, 1 for the gather.
        public var totalsWord: Int { 4 + scanWords }
        var compactionWord: Int { totalsWord + 2 * batch }
        /// Extent of the gather.
        public var gatherExtent: BoundScoreKernel.Extent { .indirect(state) }
        /// Extent of the scan.
        public var scanExtent: BoundScoreKernel.Extent { .indirectRows(state, offset: 16) }
        /// Where the compaction's arguments stand, in bytes.
        public var compactionOffset: Int { compactionWord * 4 }

        var constants: [UInt32] {
            [
                UInt32(batch), UInt32(scanWords), UInt32(scan.partialCount(scanExtent)), UInt32(totalsWord),
                UInt32(compactionWord),
            ]
        }
    }

    /// - Parameter scan: the kernel whose dispatches are filled in when it is chosen.
    public func buffers(scan: ScoreKernel, batch: Int) throws(DeviceError) -> Buffers {
        try Buffers(library.device, scan: scan, batch: batch)
    }

    /// - Parameters:
    ///   - counts: of the mask's slabs, as ``CompactMaskKernel`` counts them.
    ///   - curves: packed.
    public func bind(_ buffers: Buffers, counts: BoundResource, curves: BoundResource) throws(DeviceError) -> BindingSet
    {
        try BindingSet(
            pipeline.layout, [counts, curves, .storage(buffers.state), .storage(buffers.scanArguments)])
    }

    /// Clears the arguments; before the mask is counted.
    public func recordStart(into recorder: inout CommandRecorder, _ buffers: Buffers) {
        recorder.fill(buffers.state, offset: 0, byteCount: buffers.state.byteCount, with: 0)
    }

    /// - Parameter slabs: of ``CompactMaskKernel``.
    public func record(into recorder: inout CommandRecorder, _ set: BindingSet, _ buffers: Buffers, slabs: Int) {
        recorder.bind(pipeline, set, constants: [UInt32(slabs)] + buffers.constants)
        recorder.dispatch(x: 1)
    }

    /// Evaluates packed curves at many K: choice and times of each, for tests of the arithmetic.
    public func probe(
        _ curves: [UInt32], curveCount: Int, tokenCounts: [UInt32]
    ) throws(DeviceError) -> [(choice: Int, nanoseconds: [UInt64])] {
        let device = library.device
        let size = library.subgroupSize
        let pipeline = try library.pipeline(
            "route_step.comp", macros: ["PROBE": "1"], bindings: [.storage, .storage, .storage], pushConstantCount: 1,
            workgroupSize: size)
        let stride = 1 + 2 * curveCount
        let input = try Buffer(device, byteCount: tokenCounts.count * 4, use: .upload)
        let packed = try Buffer(device, byteCount: curves.count * 4, use: .upload)
        let output = try Buffer(device, byteCount: tokenCounts.count * stride * 4, use: .readback)
        try input.write(tokenCounts)
        try packed.write(curves)
        let set = try BindingSet(pipeline.layout, [.storage(input), .storage(packed), .storage(output)])
        try device.run(
            try device.record { recorder throws(DeviceError) in
                recorder.bind(pipeline, set, constants: [UInt32(tokenCounts.count)])
                recorder.dispatch(x: (tokenCounts.count + size - 1) / size)
                recorder.barrierToHost()
            })
        let words: [UInt32] = try output.read(count: tokenCounts.count * stride)
        return tokenCounts.indices.map { index in
            let at = index * stride
            return (
                Int(words[at]),
                (0..<curveCount).map { UInt64(words[at + 1 + 2 * $0]) | UInt64(words[at + 2 + 2 * $0]) << 32 }
            )
        }
    }
}
