public import QPCore
public import QPDevice

/// Packed mask to ascending list of ids and K, for each batch row, without the host.
///
/// Two dispatches over the same slabs of words: count, then write behind the counts of earlier slabs. Also writes the
/// arguments of the indirect gather that follows.
public struct CompactMaskKernel: Sendable {
    private let library: KernelLibrary
    private let shape: HeadShape
    private let count: ComputePipeline
    private let write: ComputePipeline
    private let wordsPerLane: Int
    package let slabs: Int

    public init(_ library: KernelLibrary, shape: HeadShape) throws(DeviceError) {
        self.library = library
        self.shape = shape
        let size = library.subgroupSize
        let bindings = [BindingKind](repeating: .storage, count: 5)
        count = try library.pipeline(
            "compact_mask.comp", macros: ["COUNT": "1"], bindings: bindings, pushConstantCount: 8, workgroupSize: size)
        write = try library.pipeline(
            "compact_mask.comp", bindings: bindings, pushConstantCount: 8, workgroupSize: size)
        // 16 words a lane keep the slab counts few; more only where the grid would overflow.
        let atLeast = (shape.maskWordCount + size * 32_768 - 1) / (size * 32_768)
        wordsPerLane = max(atLeast, library.device.physical.isSoftware ? 16 : 4)
        slabs = (shape.maskWordCount + size * wordsPerLane - 1) / (size * wordsPerLane)
    }

    /// Bytes of the `counts` buffer for `batch` rows.
    public func countsByteCount(batch: Int) -> Int { batch * slabs * 4 }

    /// - Parameters:
    ///   - mask: `[batch, ⌈V/32⌉]` words.
    ///   - ids: room for `batch · V` ids; row b's list begins at `b · V`.
    ///   - lists: `(offset, count)` of each batch row.
    ///   - arguments: 16 bytes: x, y, z and the number of partial results of a row.
    public func bind(
        mask: BoundResource, counts: BoundResource, ids: BoundResource, lists: BoundResource, arguments: BoundResource
    ) throws(DeviceError) -> BindingSet {
        try BindingSet(count.layout, [mask, counts, ids, lists, arguments])
    }

    /// Records both dispatches; `gather` is the kernel whose arguments are written, `arguments` the buffer they
    /// lie in.
    public func record(
        into recorder: inout CommandRecorder, _ set: BindingSet, batch: Int, arguments: Buffer,
        gather: ScoreKernel? = nil
    ) {
        recorder.fill(arguments, offset: 0, byteCount: 16, with: 0)
        recordCount(into: &recorder, set, batch: batch)
        recorder.barrier()
        recorder.bind(write, set, constants: constants(batch: batch, gather))
        recorder.dispatch(x: slabs, y: batch)
    }

    /// Records the first dispatch alone: how many ids each slab allows.
    package func recordCount(into recorder: inout CommandRecorder, _ set: BindingSet, batch: Int) {
        recorder.bind(count, set, constants: constants(batch: batch, nil))
        recorder.dispatch(x: slabs, y: batch)
    }

    /// Records the second dispatch, with as many workgroups as the device wrote.
    package func recordWrite(
        into recorder: inout CommandRecorder, _ set: BindingSet, batch: Int, gather: ScoreKernel,
        groups: Buffer, offset: Int
    ) {
        recorder.bind(write, set, constants: constants(batch: batch, gather))
        recorder.dispatchIndirect(groups, offset: offset)
    }

    private func constants(batch: Int, _ gather: ScoreKernel?) -> [UInt32] {
        [
            UInt32(shape.vocabularySize), UInt32(shape.maskWordCount), UInt32(wordsPerLane), UInt32(slabs),
            UInt32(batch), UInt32(gather?.rowsPerGroup ?? 1),
            UInt32(gather?.maximumGroups(rowCount: shape.vocabularySize) ?? 1),
            UInt32(gather.map { $0.subgroupsPerGroup * $0.windows.count } ?? 1),
        ]
    }
}
