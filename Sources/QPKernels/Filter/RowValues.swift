internal import QPCore
public import QPDevice

/// One binary32 for each row of W, in one or several sets: scores of each batch row, or coefficients.
///
/// Each set begins at a multiple of four values, so that kernels that walk rows in their order load four at a time.
public final class RowValues: Sendable {
    public let vocabularySize: Int
    public let setCount: Int
    let buffer: Buffer
    /// Seen in fours, as the selecting kernels load them.
    let fours: BoundResource

    /// Values from the beginning of one set to that of the next: V rounded up to a multiple of four.
    public var stride: Int { (vocabularySize + 3) / 4 * 4 }

    /// Contents are undefined.
    /// - Throws: ``DeviceError`` `outOfMemory`. Takes `4 · setCount · stride` bytes.
    public init(_ library: KernelLibrary, vocabularySize: Int, setCount: Int = 1) throws(DeviceError) {
        self.vocabularySize = vocabularySize
        self.setCount = setCount
        buffer = try Buffer(library.device, byteCount: setCount * ((vocabularySize + 3) / 4 * 16))
        fours = Self.source(library) == .texels ? .texels(try TexelView(buffer)) : .storage(buffer)
    }

    /// How the selecting kernels load: by texels on software devices, whose limit lies beyond any storage binding.
    static func source(_ library: KernelLibrary) -> WeightSource {
        let device = library.device
        let reaches = device.limits.texelCount >= device.limits.storageBindingBytes / 16
        return device.physical.isSoftware && reaches ? .texels : .storage
    }

    /// All sets, `stride` values each, for kernels that write them one by one.
    public var resource: BoundResource { .storage(buffer) }

    /// The values of one set, by row.
    public func read(set: Int = 0) throws(DeviceError) -> [Float] {
        precondition((0..<setCount).contains(set), "there are \(setCount) sets")
        return try buffer.read(count: vocabularySize, at: set * stride * 4)
    }

    /// Records that every value becomes a NaN, all bits set.
    public func recordClear(into recorder: inout CommandRecorder) {
        recorder.fill(buffer, offset: 0, byteCount: buffer.byteCount, with: UInt32.max)
    }
}
