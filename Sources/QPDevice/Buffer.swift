internal import CVulkan

/// A range of device memory that kernels bind.
///
/// May be bound as storage or as texels, copied, filled, and used for indirect arguments. Where the host can see
/// the memory (unified memory, software drivers) reads and writes go straight to it; elsewhere they are staged in
/// chunks. Reading or writing while a submission uses the buffer is the caller's race.
public final class Buffer: @unchecked Sendable {
    // @unchecked: the fields never change; access to the memory is ordered by the caller.

    /// The device it lives on.
    public let device: Device
    public let byteCount: Int
    private let handle: OwnedHandle
    private let mapped: UnsafeMutableRawPointer?

    var raw: VkBuffer { handle.raw }
    /// Whether the host reads and writes the memory directly.
    public var isMapped: Bool { mapped != nil }

    /// Bytes copied at a time where memory must be staged.
    static let stagingBytes = 8 << 20

    /// Allocates `byteCount` bytes, rounded up to whole words; contents are undefined.
    /// - Throws: ``DeviceError`` `outOfMemory`.
    public convenience init(_ device: Device, byteCount: Int, use: MemoryUse = .device) throws(DeviceError) {
        try self.init(device, byteCount: byteCount, use: use, isAlwaysStaged: false)
    }

    /// - Parameter isAlwaysStaged: leaves memory unmapped that the host could see, so that a test reaches the path
    ///   of discrete GPUs on any device.
    init(_ device: Device, byteCount: Int, use: MemoryUse, isAlwaysStaged: Bool) throws(DeviceError) {
        precondition(byteCount > 0, "a buffer needs at least one byte")
        self.device = device
        self.byteCount = (byteCount + 3) & ~3
        let functions = device.functions
        var info = VkBufferCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
        info.size = VkDeviceSize(self.byteCount)
        info.usage =
            UInt32(VK_BUFFER_USAGE_STORAGE_BUFFER_BIT.rawValue)
            | UInt32(VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT.rawValue)
            | UInt32(VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT.rawValue)
            | UInt32(VK_BUFFER_USAGE_TRANSFER_SRC_BIT.rawValue) | UInt32(VK_BUFFER_USAGE_TRANSFER_DST_BIT.rawValue)
        info.sharingMode = VK_SHARING_MODE_EXCLUSIVE
        var buffer: VkBuffer?
        try check("vkCreateBuffer of \(self.byteCount) bytes", functions.createBuffer(device.raw, &info, nil, &buffer))
        var requirements = VkMemoryRequirements()
        functions.getBufferMemoryRequirements(device.raw, buffer, &requirements)
        let allocation: MemoryAllocator.Allocation
        do throws(DeviceError) {
            allocation = try device.allocator.allocate(requirements, use: use)
        } catch {
            functions.destroyBuffer(device.raw, buffer, nil)
            throw error
        }
        handle = OwnedHandle(adopting: buffer!) { raw in
            functions.destroyBuffer(device.raw, raw, nil)
            device.allocator.release(allocation)
        }
        mapped = isAlwaysStaged ? nil : allocation.mapped
        try check(
            "vkBindBufferMemory",
            functions.bindBufferMemory(device.raw, raw, allocation.memory, VkDeviceSize(allocation.range.lowerBound)))
    }

    /// Copies `bytes` to `offset`. Traps when they do not fit.
    public func write(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) throws(DeviceError) {
        precondition(offset >= 0 && offset + bytes.count <= byteCount, "write outside the buffer")
        guard !bytes.isEmpty else { return }
        if let mapped {
            (mapped + offset).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
            return
        }
        let staging = try Buffer(device, byteCount: min(Self.stagingBytes, bytes.count), use: .upload)
        for start in stride(from: 0, to: bytes.count, by: Self.stagingBytes) {
            let chunk = UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + Self.stagingBytes, bytes.count)])
            try staging.write(chunk)
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    recorder.copy(from: staging, 0, to: self, offset + start, byteCount: chunk.count)
                    // A host wait makes nothing visible to later submissions; a barrier does.
                    recorder.barrier()
                })
        }
    }

    /// Copies an array of trivial values to `offset` bytes.
    public func write<Value: BitwiseCopyable>(_ values: [Value], at offset: Int = 0) throws(DeviceError) {
        // A Result crosses the untyped rethrow of withUnsafeBytes.
        try values.withUnsafeBytes { bytes in
            Result { () throws(DeviceError) in try write(bytes, at: offset) }
        }.get()
    }

    /// Copies bytes from `offset` into `bytes`. Traps when they are not there.
    public func read(into bytes: UnsafeMutableRawBufferPointer, at offset: Int = 0) throws(DeviceError) {
        precondition(offset >= 0 && offset + bytes.count <= byteCount, "read outside the buffer")
        guard !bytes.isEmpty else { return }
        if let mapped {
            bytes.copyMemory(from: UnsafeRawBufferPointer(start: mapped + offset, count: bytes.count))
            return
        }
        let staging = try Buffer(device, byteCount: min(Self.stagingBytes, bytes.count), use: .readback)
        for start in stride(from: 0, to: bytes.count, by: Self.stagingBytes) {
            let end = min(start + Self.stagingBytes, bytes.count)
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    recorder.barrier()
                    recorder.copy(from: self, offset + start, to: staging, 0, byteCount: end - start)
                    recorder.barrierToHost()
                })
            try staging.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[start..<end]))
        }
    }

    /// `count` trivial values from `offset` bytes on.
    public func read<Value: BitwiseCopyable>(
        _ type: Value.Type = Value.self, count: Int, at offset: Int = 0
    ) throws(DeviceError) -> [Value] {
        var result: Result<Void, DeviceError> = .success(())
        let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
            result = Result { () throws(DeviceError) in
                try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
            }
            if case .success = result { initialized = count }
        }
        try result.get()
        return values
    }
}

/// A buffer range seen as 16-byte texels of four unsigned words.
///
/// On some drivers texel loads are much faster than storage-buffer loads, and their range is larger.
public final class TexelView: @unchecked Sendable {
    // @unchecked: immutable.
    let buffer: Buffer
    private let handle: OwnedHandle
    var raw: VkBufferView { handle.raw }

    /// Views `byteCount` bytes at `offset`, both multiples of 16 bytes and of the device's alignment.
    public init(_ buffer: Buffer, offset: Int = 0, byteCount: Int? = nil) throws(DeviceError) {
        self.buffer = buffer
        let device = buffer.device
        let length = byteCount ?? (buffer.byteCount - offset)
        precondition(length / 16 <= device.limits.texelCount, "a texel view exceeds the device's limit")
        var info = VkBufferViewCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO
        info.buffer = buffer.raw
        info.format = VK_FORMAT_R32G32B32A32_UINT
        info.offset = VkDeviceSize(offset)
        info.range = VkDeviceSize(length / 16 * 16)
        var view: VkBufferView?
        try check("vkCreateBufferView", device.functions.createBufferView(device.raw, &info, nil, &view))
        handle = OwnedHandle(adopting: view!) { raw in
            withExtendedLifetime(buffer) { device.functions.destroyBufferView(device.raw, raw, nil) }
        }
    }
}
