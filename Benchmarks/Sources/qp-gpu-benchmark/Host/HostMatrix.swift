import Dispatch
import QPCore
import QPKernels

/// W in host memory, binary32 row-major: the very values that the device holds.
final class HostMatrix: @unchecked Sendable {
    // @unchecked: written in init alone.
    let bytes: UnsafeMutableRawBufferPointer
    let rowCount: Int
    let columnCount: Int

    var floats: UnsafePointer<Float> { UnsafePointer(bytes.baseAddress!.assumingMemoryBound(to: Float.self)) }

    /// Recomputes the synthetic rows, on all cores. Some seconds for 512 MiB.
    init(_ rows: SyntheticRows) {
        precondition(rows.shape.elementType == .f32, "OpenBLAS multiplies binary32")
        precondition(rows.shape.paddedHiddenSize == rows.shape.hiddenSize, "rows without padding")
        rowCount = rows.shape.vocabularySize
        columnCount = rows.shape.hiddenSize
        let bytesPerRow = rows.shape.bytesPerRow
        bytes = .allocate(byteCount: rowCount * bytesPerRow, alignment: 1 << 21)
        let slice = 256
        let count = rowCount
        nonisolated(unsafe) let target = bytes
        DispatchQueue.concurrentPerform(iterations: (count + slice - 1) / slice) { index in
            for row in index * slice..<min(count, (index + 1) * slice) {
                rows.row(row).bytes.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: target[row * bytesPerRow..<(row + 1) * bytesPerRow])
                        .copyMemory(from: $0)
                }
            }
        }
    }

    deinit { bytes.deallocate() }
}
