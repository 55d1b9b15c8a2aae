public import QPCore
public import QPDevice

/// Kernels whose only purpose is to show what the device can do at best.
public struct CeilingKernels: Sendable {
    private let library: KernelLibrary

    public init(_ library: KernelLibrary) { self.library = library }

    /// A read of a window of W, each unit once, and how many bytes that is.
    public struct Read: Sendable {
        fileprivate let pipeline: ComputePipeline
        fileprivate let set: BindingSet
        fileprivate let groups: Int
        fileprivate let constants: [UInt32]
        public let byteCount: Int

        public func record(into recorder: inout CommandRecorder) {
            recorder.bind(pipeline, set, constants: constants)
            recorder.dispatch(x: groups)
        }
    }

    /// Reads the first window of W through `source`.
    public func read(_ weights: HeadWeights, source: WeightSource) throws(DeviceError) -> Read {
        let size = library.workgroupSize(upTo: 256)
        let window = weights.windows(.rowMajor, source)[0]
        let pipeline = try library.pipeline(
            "read_bandwidth.comp", macros: source == .texels ? ["SOURCE_TEXELS": "1"] : [:],
            bindings: [source == .texels ? .texels : .storage, .storage], pushConstantCount: 2, workgroupSize: size)
        let units = window.rowCount * weights.shape.unitsPerRow
        let subgroups = library.targetSubgroupCount
        let step = 4 * library.subgroupSize
        // Rounded down, so that every unit counted is read; the loop stays far below the driver's limit.
        let each = min(max(step, units / subgroups / step * step), step * library.maximumIterations)
        let perGroup = size / library.subgroupSize
        let groups = max(1, min(units / each, library.device.limits.workgroupCount) / perGroup)
        let sums = try Buffer(library.device, byteCount: groups * perGroup * 4)
        return Read(
            pipeline: pipeline, set: try BindingSet(pipeline.layout, [window.resource, .storage(sums)]), groups: groups,
            constants: [UInt32(each), UInt32(units)],
            byteCount: min(groups * perGroup * each, units / step * step) * HeadShape.bytesPerUnit)
    }

    /// Chains of fused multiply-adds, and how many multiply-adds that is.
    public struct Arithmetic: Sendable {
        fileprivate let pipeline: ComputePipeline
        fileprivate let set: BindingSet
        fileprivate let groups: Int
        fileprivate let rounds: Int
        public let multiplyAddCount: Int

        public func record(into recorder: inout CommandRecorder) {
            recorder.bind(pipeline, set, constants: [UInt32(rounds)])
            recorder.dispatch(x: groups)
        }
    }

    public func arithmetic() throws(DeviceError) -> Arithmetic {
        let software = library.device.physical.isSoftware
        let size = library.workgroupSize(upTo: 256)
        let groups = software ? 64 : 4096
        let rounds = software ? 5_000 : 500
        let pipeline = try library.pipeline(
            "arithmetic_rate.comp", bindings: [.storage], pushConstantCount: 1, workgroupSize: size)
        let sums = try Buffer(library.device, byteCount: groups * size * 4)
        try sums.write([Float](repeating: 0.5, count: groups * size))
        return Arithmetic(
            pipeline: pipeline, set: try BindingSet(pipeline.layout, [.storage(sums)]), groups: groups, rounds: rounds,
            multiplyAddCount: groups * size * rounds * 16 * 8)
    }

    /// Dispatches that do nothing: of one workgroup, or indirect ones of none.
    public struct Nothing: Sendable {
        fileprivate let pipeline: ComputePipeline
        fileprivate let set: BindingSet
        fileprivate let zeros: Buffer

        /// Records `count` dispatches, a barrier after each.
        public func record(into recorder: inout CommandRecorder, count: Int, indirect: Bool) {
            for _ in 0..<count {
                recorder.bind(pipeline, set, constants: [])
                if indirect { recorder.dispatchIndirect(zeros) } else { recorder.dispatch(x: 1) }
                recorder.barrier()
            }
        }
    }

    public func nothing() throws(DeviceError) -> Nothing {
        let pipeline = try library.pipeline(
            "nothing.comp", bindings: [.storage], pushConstantCount: 0, workgroupSize: library.subgroupSize)
        let sums = try Buffer(library.device, byteCount: 16)
        let zeros = try Buffer(library.device, byteCount: 16, use: .upload)
        try zeros.write([UInt32](repeating: 0, count: 4))
        return Nothing(pipeline: pipeline, set: try BindingSet(pipeline.layout, [.storage(sums)]), zeros: zeros)
    }
}
