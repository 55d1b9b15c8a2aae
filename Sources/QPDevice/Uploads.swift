/// Host writes that a submission begins with: straight into memory that the host sees, otherwise by way of one staging
/// buffer and copies that run at the head of the submission.
///
/// ``Buffer/write(_:at:)-([Value],_)`` waits for the queue where memory must be staged, and so for every step in
/// flight; these do not wait. Owned by one submission at a time: begin anew only when the last one has finished.
public final class Uploads {
    private let device: Device
    private var staging: Buffer?
    private var bytes: [UInt8] = []
    private var copies: [(target: Buffer, targetOffset: Int, range: Range<Int>)] = []

    public init(_ device: Device) { self.device = device }

    /// Forgets what was collected.
    public func begin() {
        bytes.removeAll(keepingCapacity: true)
        copies.removeAll(keepingCapacity: true)
    }

    /// Writes trivial values to `offset` bytes of `buffer`, at once or when ``commands()`` run. Traps when they do not
    /// fit.
    public func write<Value: BitwiseCopyable>(
        _ values: [Value], to buffer: Buffer, at offset: Int
    ) throws(DeviceError) {
        guard !buffer.isMapped else { return try buffer.write(values, at: offset) }
        guard !values.isEmpty else { return }
        let start = bytes.count
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        precondition(offset >= 0 && offset + bytes.count - start <= buffer.byteCount, "write outside the buffer")
        copies.append((buffer, offset, start..<bytes.count))
    }

    /// The copies, to be submitted before what reads them; nil when all writes went straight to memory.
    /// - Throws: ``DeviceError``.
    public func commands() throws(DeviceError) -> CommandBuffer? {
        guard !copies.isEmpty else { return nil }
        if staging.map({ $0.byteCount < bytes.count }) ?? true {
            staging = try Buffer(device, byteCount: max(bytes.count, 1 << 16), use: .upload)
        }
        let staging = staging!
        try staging.write(bytes)
        return try device.record { recorder throws(DeviceError) in
            // What ran before may still read the targets.
            recorder.barrier()
            for (target, offset, range) in copies {
                recorder.copy(from: staging, range.lowerBound, to: target, offset, byteCount: range.count)
            }
            recorder.barrier()
        }
    }
}
