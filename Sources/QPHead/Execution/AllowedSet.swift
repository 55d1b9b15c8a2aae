public import QPCore
public import QPDevice

/// The tokens that are allowed in one batch row, and where they are.
public enum AllowedSet: Sendable {
    /// The host has the mask; it is uploaded as a mask and as a list.
    case host(TokenMask)
    /// ⌈V/32⌉ words in device memory from `offset` bytes on, a multiple of 4, bits at or above V ignored. Written by
    /// the host or by an earlier submission, and left alone until the step is finished. Use few buffers again and
    /// again: their copies into the step are recorded once.
    case device(Buffer, offset: Int = 0)

    /// K where the host knows it.
    var count: Int? {
        switch self {
        case .host(let mask): mask.count
        case .device: nil
        }
    }

    var mask: TokenMask? {
        switch self {
        case .host(let mask): mask
        case .device: nil
        }
    }
}
