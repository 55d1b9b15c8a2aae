import Dispatch

/// Reads memory and does nothing else: the sum of its 64-bit words, by several threads.
enum HostRead {
    /// Parts that threads take one after another, so that a thread that started late does not make all wait.
    private static let partsPerThread = 8

    /// Reads the first `byteCount` bytes; a multiple of 4 KiB for each part is read, the rest left out.
    static func sum(_ bytes: UnsafeRawBufferPointer, byteCount: Int, threadCount: Int) -> UInt64 {
        typealias Vector = SIMD8<UInt64>
        let partCount = threadCount * partsPerThread
        let vectorsPerPart = byteCount / partCount / 4096 * 4096 / MemoryLayout<Vector>.size
        nonisolated(unsafe) let vectors = bytes.baseAddress!.assumingMemoryBound(to: Vector.self)
        return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: partCount) { sums in
            nonisolated(unsafe) let sums = sums
            DispatchQueue.concurrentPerform(iterations: partCount) { part in
                var a = Vector.zero
                var b = Vector.zero
                var c = Vector.zero
                var d = Vector.zero
                var at = part * vectorsPerPart
                let end = at + vectorsPerPart
                while at < end {
                    a &+= vectors[at]
                    b &+= vectors[at + 1]
                    c &+= vectors[at + 2]
                    d &+= vectors[at + 3]
                    at += 4
                }
                sums[part] = (a &+ b &+ c &+ d).wrappedSum()
            }
            return sums.reduce(0, &+)
        }
    }
}

/// Replaces what the caches hold: rows are then as cold as a decode step finds them.
final class Evictor {
    /// Four times the last-level cache of the machine that the goals were set on.
    static let byteCount = 128 << 20
    private let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Evictor.byteCount, alignment: 4096)
    private let threadCount: Int
    /// Takes sums, so that the compiler cannot drop the reads.
    var sink: UInt64 = 0

    init(threadCount: Int) {
        self.threadCount = threadCount
        bytes.initializeMemory(as: UInt8.self, repeating: 1)
    }

    deinit { bytes.deallocate() }

    func evict() {
        sink &+= HostRead.sum(UnsafeRawBufferPointer(bytes), byteCount: Self.byteCount, threadCount: threadCount)
    }
}
