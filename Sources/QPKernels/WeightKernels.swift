internal import QPCore
internal import QPDevice

/// Fills windows of W with synthetic rows.
enum FillKernel {
    static func run(
        _ library: KernelLibrary, _ rows: SyntheticRows, _ buffer: Buffer, _ rowFirst: Int, _ rowCount: Int,
        _ scales: Buffer
    ) throws(DeviceError) {
        let shape = rows.shape
        let size = library.subgroupSize
        let pipeline = try library.pipeline(
            "fill_weights.comp", macros: [shape.elementType.macro: "1"], bindings: [.storage, .storage],
            pushConstantCount: 6, workgroupSize: size)
        // A dispatch covers at most this many rows (one in y each), and a binding this many bytes.
        let limit = library.device.limits.storageBindingBytes / shape.bytesPerRow / 32 * 32
        let step = max(32, min(limit, library.device.limits.workgroupCount / 32 * 32))
        let groups = max(1, min(8, shape.unitsPerRow / size))
        for start in stride(from: 0, to: rowCount, by: step) {
            let count = min(step, rowCount - start)
            let set = try BindingSet(
                pipeline.layout,
                [
                    .storage(buffer, offset: start * shape.bytesPerRow, byteCount: count * shape.bytesPerRow),
                    .storage(scales),
                ])
            try library.device.run(
                try library.device.record { recorder throws(DeviceError) in
                    recorder.bind(
                        pipeline, set,
                        constants: [
                            UInt32(rowFirst + start), UInt32(count), UInt32(shape.unitsPerRow),
                            UInt32(shape.hiddenSize), UInt32(truncatingIfNeeded: rows.seed),
                            UInt32(truncatingIfNeeded: rows.seed >> 32),
                        ])
                    recorder.dispatch(x: groups, y: count)
                    recorder.barrier()
                })
        }
    }
}

/// Copies a row-major window into an interleaved one of the same rows.
enum InterleaveKernel {
    static func run(
        _ library: KernelLibrary, shape: HeadShape, from: HeadWeights.Window, to: HeadWeights.Window
    ) throws(DeviceError) {
        precondition(from.rowFirst == to.rowFirst && from.rowCount == to.rowCount, "windows of different rows")
        let pipeline = try library.pipeline(
            "interleave.comp", bindings: [.storage, .storage], pushConstantCount: 2,
            workgroupSize: library.subgroupSize)
        let set = try BindingSet(pipeline.layout, [from.resource, to.resource])
        let width = min(from.rowCount, 32_768)
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                recorder.bind(pipeline, set, constants: [UInt32(from.rowCount), UInt32(shape.unitsPerRow)])
                recorder.dispatch(x: width, y: (from.rowCount + width - 1) / width)
                recorder.barrier()
            })
    }
}
