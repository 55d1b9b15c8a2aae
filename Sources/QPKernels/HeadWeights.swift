public import QPCore
public import QPDevice

/// W on the device: one copy, row-major, and a second, interleaved one where asked for.
///
/// Larger than any single allocation or binding: rows are split over buffers, and each buffer is seen through
/// windows no larger than what one binding of its source may cover.
public final class HeadWeights: Sendable {
    /// Rows of W that one binding shows.
    struct Window: Sendable {
        let resource: BoundResource
        let rowFirst: Int
        let rowCount: Int
    }

    private struct Part {
        let buffer: Buffer
        let rowFirst: Int
        let rowCount: Int
    }

    public let shape: HeadShape
    /// One scale a row; a single word for types without scales.
    let scales: Buffer
    private let windows: [WeightLayout: [WeightSource: [Window]]]
    /// Bytes on the device, all copies and scales included.
    public let byteCount: Int

    /// Windows start at multiples of this many rows: offsets are then aligned for any driver (16 bytes times 32 is
    /// past every alignment Vulkan allows), groups of eight rows stay whole, and mask words are not split.
    static let rowGranule = 32

    /// - Parameter fill: writes all rows and scales, given the buffers with the rows that each holds.
    init(
        _ library: KernelLibrary, shape: HeadShape, interleaved: Bool = false, maximumWindowBytes: Int? = nil,
        maximumPartBytes: Int? = nil,
        fill: ([(buffer: Buffer, rowFirst: Int, rowCount: Int)], Buffer) throws(DeviceError) -> Void
    ) throws(DeviceError) {
        self.shape = shape
        let device = library.device
        let limits = device.limits
        guard shape.vocabularySize * 4 <= limits.storageBindingBytes else {
            throw DeviceError(
                .outOfMemory,
                "a head of \(shape.vocabularySize) rows needs \(shape.vocabularySize * 4) bytes of row data in one "
                    + "binding, but this device binds \(limits.storageBindingBytes) at most",
                advice: "Choose a smaller vocabulary.")
        }
        scales = try Buffer(device, byteCount: (shape.elementType.hasRowScale ? shape.vocabularySize : 4) * 4)
        // Some drivers count a little overhead against the allocation limit.
        let partBytes = min(limits.allocationBytes, 2 << 30, maximumPartBytes ?? Int.max)
        let partRows = Self.rows(fitting: partBytes - min(4096, partBytes / 2), shape)
        var parts: [Part] = []
        for rowFirst in stride(from: 0, to: shape.vocabularySize, by: partRows) {
            let rowCount = min(partRows, shape.vocabularySize - rowFirst)
            let buffer = try Buffer(device, byteCount: Self.padded(rowCount) * shape.bytesPerRow)
            parts.append(Part(buffer: buffer, rowFirst: rowFirst, rowCount: rowCount))
        }
        try fill(parts.map { ($0.buffer, $0.rowFirst, $0.rowCount) }, scales)
        var layouts: [WeightLayout: [WeightSource: [Window]]] = [
            .rowMajor: try Self.windows(parts, shape, limits, maximumWindowBytes)
        ]
        var bytes = parts.reduce(scales.byteCount) { $0 + $1.buffer.byteCount }
        if interleaved {
            let copies = try parts.map { part throws(DeviceError) in
                let copy = try Buffer(device, byteCount: part.buffer.byteCount)
                return Part(buffer: copy, rowFirst: part.rowFirst, rowCount: part.rowCount)
            }
            let source = layouts[.rowMajor]![.storage]!
            let target = try Self.windows(copies, shape, limits, maximumWindowBytes)
            for (from, to) in zip(source, target[.storage]!) {
                try InterleaveKernel.run(library, shape: shape, from: from, to: to)
            }
            layouts[.interleaved] = target
            bytes += copies.reduce(0) { $0 + $1.buffer.byteCount }
        }
        windows = layouts
        byteCount = bytes
    }

    /// Synthetic weights, filled on the device.
    /// - Parameters:
    ///   - interleaved: whether to keep the second copy for scans.
    ///   - maximumWindowBytes: a lower limit of a binding than the device's, for tests.
    ///   - maximumPartBytes: likewise of an allocation.
    /// - Throws: ``DeviceError`` `outOfMemory` when the head does not fit.
    public convenience init(
        _ library: KernelLibrary, synthetic rows: SyntheticRows, interleaved: Bool = false,
        maximumWindowBytes: Int? = nil, maximumPartBytes: Int? = nil
    ) throws(DeviceError) {
        try self.init(
            library, shape: rows.shape, interleaved: interleaved, maximumWindowBytes: maximumWindowBytes,
            maximumPartBytes: maximumPartBytes
        ) {
            parts, scales throws(DeviceError) in
            for part in parts { try FillKernel.run(library, rows, part.buffer, part.rowFirst, part.rowCount, scales) }
        }
    }

    /// Weights that the host gives, one encoded row at a time, uploaded in chunks.
    /// - Parameter row: the encoded row of an id, `shape.bytesPerRow` bytes.
    public convenience init(
        _ library: KernelLibrary, shape: HeadShape, interleaved: Bool = false, maximumWindowBytes: Int? = nil,
        maximumPartBytes: Int? = nil, row: (Int) -> EncodedRow
    ) throws(DeviceError) {
        try self.init(
            library, shape: shape, interleaved: interleaved, maximumWindowBytes: maximumWindowBytes,
            maximumPartBytes: maximumPartBytes
        ) {
            parts, scales throws(DeviceError) in
            let chunkRows = max(1, (8 << 20) / shape.bytesPerRow)
            for part in parts {
                for start in stride(from: 0, to: part.rowCount, by: chunkRows) {
                    let rows = (start..<min(start + chunkRows, part.rowCount)).map { row(part.rowFirst + $0) }
                    try part.buffer.write(rows.flatMap(\.bytes), at: start * shape.bytesPerRow)
                    if shape.elementType.hasRowScale {
                        try scales.write(rows.map(\.scale), at: (part.rowFirst + start) * 4)
                    }
                }
            }
        }
    }

    /// Whether the interleaved copy exists.
    public var hasInterleavedCopy: Bool { windows[.interleaved] != nil }

    func windows(_ layout: WeightLayout, _ source: WeightSource) -> [Window] {
        guard let windows = windows[layout]?[source] else {
            preconditionFailure("this head keeps no \(layout.rawValue) copy of W")
        }
        return windows
    }

    /// Row `id` as the device holds it.
    func readRow(_ id: Int) throws(DeviceError) -> EncodedRow {
        let window = windows(.rowMajor, .storage).last { $0.rowFirst <= id }!
        guard case .storage(let buffer, let offset, _) = window.resource else {
            preconditionFailure("a storage window holds a storage binding")
        }
        let place = offset + (id - window.rowFirst) * shape.bytesPerRow
        let scale: Float = shape.elementType.hasRowScale ? try scales.read(count: 1, at: id * 4)[0] : 1
        return EncodedRow(bytes: try buffer.read(count: shape.bytesPerRow, at: place), scale: scale)
    }

    private static func padded(_ rows: Int) -> Int { (rows + 7) / 8 * 8 }

    private static func rows(fitting byteCount: Int, _ shape: HeadShape) -> Int {
        max(1, byteCount / shape.bytesPerRow / rowGranule) * rowGranule
    }

    private static func windows(
        _ parts: [Part], _ shape: HeadShape, _ limits: DeviceLimits, _ maximumBytes: Int?
    ) throws(DeviceError) -> [WeightSource: [Window]] {
        var result: [WeightSource: [Window]] = [:]
        let limitOf: [WeightSource: Int] = [
            .texels: limits.texelCount * HeadShape.bytesPerUnit,
            // Indices in the shader are 32-bit counts of units; 2³¹ bytes keeps far from their end.
            .storage: min(limits.storageBindingBytes, 1 << 31),
        ]
        for (source, limit) in limitOf where limit >= rowGranule * shape.bytesPerRow {
            let windowRows = rows(fitting: min(limit, maximumBytes ?? limit), shape)
            for part in parts {
                for start in stride(from: 0, to: part.rowCount, by: windowRows) {
                    let count = min(windowRows, part.rowCount - start)
                    let offset = start * shape.bytesPerRow
                    let bytes = padded(count) * shape.bytesPerRow
                    let resource: BoundResource =
                        switch source {
                        case .storage: .storage(part.buffer, offset: offset, byteCount: bytes)
                        case .texels: .texels(try TexelView(part.buffer, offset: offset, byteCount: bytes))
                        }
                    result[source, default: []].append(
                        Window(resource: resource, rowFirst: part.rowFirst + start, rowCount: count))
                }
            }
        }
        return result
    }
}

/// Hidden states on the device: `[batch, d]` binary32, each padded with zeros to a multiple of 64 values, the longest
/// unit of any element type and two blocks of a screen, so that W and a copy of it in fewer bits share them.
public final class HiddenStates: Sendable {
    public let shape: HeadShape
    public let batch: Int
    let buffer: Buffer
    /// Nil where the device's texel buffers are too small for it.
    private let view: TexelView?

    /// Vectors of four values in one state.
    var vectorsPerState: Int { Self.vectorCount(shape) }
    static func vectorCount(_ shape: HeadShape) -> Int { (shape.hiddenSize + 63) / 64 * 16 }

    public init(_ device: Device, shape: HeadShape, batch: Int) throws(DeviceError) {
        self.shape = shape
        self.batch = batch
        let valueCount = batch * Self.vectorCount(shape) * 4
        buffer = try Buffer(device, byteCount: valueCount * 4)
        view = buffer.byteCount / 16 <= device.limits.texelCount ? try TexelView(buffer) : nil
        try buffer.write([Float](repeating: 0, count: valueCount))
    }

    /// Uploads d values for batch row `row`.
    public func write(_ values: [Float], row: Int) throws(DeviceError) {
        try write(values, row: row) { values, buffer, offset throws(DeviceError) in
            try buffer.write(values, at: offset)
        }
    }

    /// The same by `write`.
    package func write(
        _ values: [Float], row: Int, by write: ([Float], Buffer, _ offset: Int) throws(DeviceError) -> Void
    ) throws(DeviceError) {
        precondition(values.count == shape.hiddenSize && (0..<batch).contains(row), "a hidden state has d values")
        try write(values, buffer, row * vectorsPerState * 16)
    }

    func resource(_ source: WeightSource) -> BoundResource {
        switch source {
        case .texels: .texels(view!)
        case .storage: .storage(buffer)
        }
    }
}
