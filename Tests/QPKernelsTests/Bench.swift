import QPCore
import QPDevice
import QPKernels

/// Buffers and kernels for one batch of one head.
struct Bench {
    let library: KernelLibrary
    let weights: HeadWeights
    let rows: (Int) -> EncodedRow
    let hidden: HiddenStates
    let hiddenValues: [[Float]]
    var shape: HeadShape { weights.shape }
    var batch: Int { hidden.batch }

    init(
        _ library: KernelLibrary, shape: HeadShape, batch: Int, seed: UInt64, interleaved: Bool = false,
        maximumWindowBytes: Int? = nil, maximumPartBytes: Int? = nil, hidden given: [[Float]]? = nil,
        row: ((Int) -> EncodedRow)? = nil
    ) throws {
        self.library = library
        let synthetic = SyntheticRows(shape: shape, seed: seed)
        if let row {
            weights = try HeadWeights(
                library, shape: shape, interleaved: interleaved, maximumWindowBytes: maximumWindowBytes,
                maximumPartBytes: maximumPartBytes, row: row)
        } else {
            weights = try HeadWeights(
                library, synthetic: synthetic, interleaved: interleaved, maximumWindowBytes: maximumWindowBytes,
                maximumPartBytes: maximumPartBytes)
        }
        rows = row ?? { synthetic.row($0) }
        hidden = try HiddenStates(library.device, shape: shape, batch: batch)
        var generator = PhiloxGenerator(seed: seed ^ 0xABCD)
        hiddenValues =
            given
            ?? (0..<batch).map { _ in
                (0..<shape.hiddenSize).map { _ in Float.random(in: -1...1, using: &generator) }
            }
        for (index, values) in hiddenValues.enumerated() { try hidden.write(values, row: index) }
    }

    private func buffer(_ byteCount: Int) throws -> Buffer {
        try Buffer(library.device, byteCount: max(16, byteCount), use: .readback)
    }

    /// Scores of a scan, `[batch][V]`.
    func scan(_ variant: ScoreVariant) throws -> [[Float]] {
        let kernel = try ScoreKernel(library, weights, variant: variant, selection: .scan, output: .scores)
        let scores = try buffer(batch * shape.vocabularySize * 4)
        let none = try buffer(16)
        let bound = try kernel.bind(
            hidden: hidden, allowed: .storage(none), lists: .storage(none), result: .storage(scores))
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                bound.record(into: &recorder, .rows(0..<shape.vocabularySize), resultStride: shape.vocabularySize)
                recorder.barrierToHost()
            })
        let all: [Float] = try scores.read(count: batch * shape.vocabularySize)
        return (0..<batch).map { Array(all[($0 * shape.vocabularySize)..<(($0 + 1) * shape.vocabularySize)]) }
    }

    /// Scores of each batch row's list.
    func gather(_ variant: ScoreVariant, lists: [[UInt32]]) throws -> [[Float]] {
        let kernel = try ScoreKernel(library, weights, variant: variant, selection: .gather, output: .scores)
        let (ids, table) = try upload(lists)
        let scores = try buffer(lists.reduce(0) { $0 + $1.count } * 4)
        let bound = try kernel.bind(
            hidden: hidden, allowed: .storage(ids), lists: .storage(table), result: .storage(scores))
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                bound.record(into: &recorder, .listed(lists.map(\.count).max()!), resultStride: 0)
                recorder.barrierToHost()
            })
        let all: [Float] = try scores.read(count: lists.reduce(0) { $0 + $1.count })
        var offset = 0
        return lists.map { list in
            defer { offset += list.count }
            return Array(all[offset..<(offset + list.count)])
        }
    }

    /// Fused scoring and top-2, by any selection.
    func topTwo(_ variant: ScoreVariant, _ selection: RowSelection, lists: [[UInt32]]) throws -> [StepRecord] {
        let kernel = try ScoreKernel(library, weights, variant: variant, selection: selection, output: .topTwo)
        let finalize = try FinalizeKernel(library)
        let allowed: Buffer
        let table: Buffer
        let extent: BoundScoreKernel.Extent
        switch selection {
        case .gather:
            (allowed, table) = try upload(lists)
            extent = .listed(lists.map(\.count).max()!)
        default:
            let masks = try lists.map {
                try TokenMask(allowing: $0.map(Int.init), vocabularySize: shape.vocabularySize)
            }
            allowed = try buffer(masks.count * shape.maskWordCount * 4)
            try allowed.write(masks.flatMap(\.words))
            table = try buffer(16)
            extent = .rows(0..<shape.vocabularySize)
        }
        let count = kernel.partialCount(extent)
        let partials = try buffer(batch * count * 20)
        let records = try buffer(batch * StepRecord.byteCount)
        let none = try buffer(16)
        let bound = try kernel.bind(
            hidden: hidden, allowed: .storage(allowed), lists: .storage(table), result: .storage(partials))
        let last = try finalize.bind(
            partials: .storage(partials), hidden: hidden, arguments: .storage(none), records: .storage(records))
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                bound.record(into: &recorder, extent, resultStride: count)
                recorder.barrier()
                last.record(into: &recorder, partialStride: count, partialCount: count)
                recorder.barrierToHost()
            })
        return try StepRecord.read(records, batch: batch)
    }

    /// Mask in, token out, with the count known to the device alone.
    func fromMask(_ variant: ScoreVariant, masks: [[UInt32]]) throws -> (records: [StepRecord], lists: [[UInt32]]) {
        let kernel = try ScoreKernel(library, weights, variant: variant, selection: .gather, output: .topTwo)
        let compact = try CompactMaskKernel(library, shape: shape)
        let finalize = try FinalizeKernel(library)
        let V = shape.vocabularySize
        let words = try buffer(masks.count * shape.maskWordCount * 4)
        try words.write(masks.flatMap { $0 })
        let counts = try buffer(compact.countsByteCount(batch: batch))
        let ids = try buffer(batch * V * 4)
        let lists = try buffer(batch * 8)
        let arguments = try buffer(16)
        let stride = kernel.partialCount(.indirect(arguments))
        let partials = try buffer(batch * stride * 20)
        let records = try buffer(batch * StepRecord.byteCount)
        let compactSet = try compact.bind(
            mask: .storage(words), counts: .storage(counts), ids: .storage(ids), lists: .storage(lists),
            arguments: .storage(arguments))
        let bound = try kernel.bind(
            hidden: hidden, allowed: .storage(ids), lists: .storage(lists), result: .storage(partials))
        let last = try finalize.bind(
            partials: .storage(partials), hidden: hidden, arguments: .storage(arguments), records: .storage(records))
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                compact.record(into: &recorder, compactSet, batch: batch, arguments: arguments, gather: kernel)
                recorder.barrier()
                bound.record(into: &recorder, .indirect(arguments), resultStride: stride)
                recorder.barrier()
                last.record(into: &recorder, partialStride: stride, partialCount: nil)
                recorder.barrierToHost()
            })
        let table: [UInt32] = try lists.read(count: batch * 2)
        let compacted = try (0..<batch).map { row in
            try ids.read(UInt32.self, count: Int(table[row * 2 + 1]), at: Int(table[row * 2]) * 4)
        }
        return (try StepRecord.read(records, batch: batch), compacted)
    }

    private func upload(_ lists: [[UInt32]]) throws -> (ids: Buffer, table: Buffer) {
        let ids = try buffer(lists.reduce(0) { $0 + $1.count } * 4)
        try ids.write(lists.flatMap { $0 })
        var table: [UInt32] = []
        var offset = 0
        for list in lists {
            table += [UInt32(offset), UInt32(list.count)]
            offset += list.count
        }
        let buffer = try buffer(table.count * 4)
        try buffer.write(table)
        return (ids, buffer)
    }
}
