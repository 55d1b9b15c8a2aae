internal import QPCore
internal import QPDevice

/// Writes rows of W into a copy in fewer bits, with each row's coefficient.
struct QuantizeKernel {
    let library: KernelLibrary
    let source: HeadWeights
    let format: ScreenFormat
    /// Under which the copy keeps its rows.
    let shape: HeadShape
    let coefficients: RowValues
    let errorWeight: Float
    let normWeight: Float
    /// A lower limit of a binding than the device's, for tests.
    let maximumBindingBytes: Int?

    /// The rows that one window of W and one part of the copy share. Blocks until the device is done.
    /// - Parameter scales: one a row, for 8 bits.
    func run(
        _ window: HeadWeights.Window, _ part: (buffer: Buffer, rowFirst: Int, rowCount: Int), _ scales: Buffer
    ) throws(DeviceError) {
        let rows = (window.rowFirst..<(window.rowFirst + window.rowCount))
            .clamped(to: part.rowFirst..<(part.rowFirst + part.rowCount))
        // Rows of a few elements are longer in blocks than in W, so that a window of W may not be one of the copy.
        let limit = min(library.device.limits.storageBindingBytes, 1 << 31, maximumBindingBytes ?? .max)
        let granule = HeadWeights.rowGranule
        let most = max(granule, limit / shape.bytesPerRow / granule * granule)
        for first in stride(from: rows.lowerBound, to: rows.upperBound, by: most) {
            try run(first..<min(first + most, rows.upperBound), window, part, scales)
        }
    }

    private func run(
        _ rows: Range<Int>, _ window: HeadWeights.Window, _ part: (buffer: Buffer, rowFirst: Int, rowCount: Int),
        _ scales: Buffer
    ) throws(DeviceError) {
        guard case .storage(let buffer, let offset, _) = window.resource else { return }
        // Windows, parts and what is cut from them begin at multiples of the row granule, so both offsets are aligned.
        var bindings: [BoundResource] = [
            .storage(
                buffer, offset: offset + (rows.lowerBound - window.rowFirst) * source.shape.bytesPerRow,
                byteCount: rows.count * source.shape.bytesPerRow),
            .storage(source.scales),
            .storage(
                part.buffer, offset: (rows.lowerBound - part.rowFirst) * shape.bytesPerRow,
                byteCount: rows.count * shape.bytesPerRow),
        ]
        var constants = [
            UInt32(rows.lowerBound), UInt32(rows.count), UInt32(source.shape.unitsPerRow), UInt32(shape.unitsPerRow),
        ]
        let pairs = ScreenFormat.blockPairs(hiddenSize: source.shape.hiddenSize)
        if format == .bits8 {
            bindings.append(.storage(scales))
        } else {
            constants.append(UInt32(pairs))
        }
        bindings.append(coefficients.resource)
        let rounding = NormRounding.factor(termCount: pairs * 64, subgroupSize: library.subgroupSize)
        constants += [rounding.bitPattern, errorWeight.bitPattern, normWeight.bitPattern]
        let pipeline = try library.pipeline(
            Self.file(format), macros: Self.macros(format, source.shape.elementType),
            bindings: Array(repeating: .storage, count: bindings.count), pushConstantCount: constants.count,
            workgroupSize: library.subgroupSize)
        let set = try BindingSet(pipeline.layout, bindings)
        let width = min(rows.count, 32_768)
        try library.device.run(
            try library.device.record { recorder throws(DeviceError) in
                recorder.bind(pipeline, set, constants: constants)
                recorder.dispatch(x: width, y: (rows.count + width - 1) / width)
                recorder.barrier()
                recorder.barrierToHost()
            })
    }

    static func file(_ format: ScreenFormat) -> String {
        format == .bits8 ? "quantize_rows.comp" : "quantize_blocks.comp"
    }

    static func macros(_ format: ScreenFormat, _ type: ElementType) -> [String: String] {
        [type.macro: "1"].merging(format == .bits8 ? [:] : ["BITS": "\(format.rawValue)"]) { first, _ in first }
    }
}
