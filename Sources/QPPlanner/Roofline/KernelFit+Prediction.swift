public import QPCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

extension KernelFit {
    /// c, the whole cost of one row once the device is busy.
    public var microsecondsPerRow: Double {
        roofMicrosecondsPerRow * slowdown + gatherPenaltyMicrosecondsPerRow
    }

    /// The predicted time of the kernel at `allowedTokenCount`, which may lie outside what was measured.
    /// - Parameter shape: the head that was fitted.
    public func microseconds(at allowedTokenCount: Int, shape: HeadShape) -> Double {
        let rows = Self.rowsRead(
            allowedTokenCount, rowsPerToken: rowsReadPerAllowedToken, vocabularySize: shape.vocabularySize)
        return fixedMicroseconds + microsecondsPerRow * (rows + (startFactor - 1) * min(rows, Double(startRows)))
    }

    /// R: K itself, or the rows in blocks that hold one of K allowed tokens.
    static func rowsRead(_ allowedTokenCount: Int, rowsPerToken: Double?, vocabularySize: Int) -> Double {
        guard let rowsPerToken else { return Double(allowedTokenCount) }
        let allowedShare = Double(allowedTokenCount) / Double(vocabularySize)
        return Double(vocabularySize) * (1 - pow(1 - allowedShare, rowsPerToken))
    }
}
