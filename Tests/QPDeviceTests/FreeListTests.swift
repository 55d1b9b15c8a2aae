import QPCore
import Testing

@testable import QPDevice

@Suite struct FreeListTests {
    @Test func takesFromTheFront() {
        var list = FreeList(byteCount: 100)
        #expect(list.isUnused)
        #expect(list.take(byteCount: 40, alignment: 1) == 0..<40)
        #expect(list.take(byteCount: 60, alignment: 1) == 40..<100)
        #expect(!list.isUnused)
        #expect(list.free.isEmpty)
        #expect(list.take(byteCount: 1, alignment: 1) == nil)
    }

    @Test func alignmentLeavesTheGapFree() {
        var list = FreeList(byteCount: 256)
        #expect(list.take(byteCount: 3, alignment: 64) == 0..<3)
        #expect(list.take(byteCount: 10, alignment: 64) == 64..<74)
        #expect(list.free == [3..<64, 74..<256])
        #expect(list.take(byteCount: 61, alignment: 1) == 3..<64)
        // 182 bytes are left, but none of them after a multiple of 256.
        #expect(list.take(byteCount: 1, alignment: 256) == nil)
    }

    @Test(arguments: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]])
    func neighboursMergeInEveryOrder(order: [Int]) {
        var list = FreeList(byteCount: 90)
        let ranges = (0..<3).map { _ in list.take(byteCount: 30, alignment: 1)! }
        for index in order { list.release(ranges[index]) }
        #expect(list.free == [0..<90])
        #expect(list.isUnused)
    }

    /// Against a model that marks every byte.
    @Test(arguments: [UInt64](1...24))
    func randomUseAgreesWithAModel(seed: UInt64) {
        var generator = PhiloxGenerator(seed: seed)
        let byteCount = Int.random(in: 1...700, using: &generator)
        var list = FreeList(byteCount: byteCount)
        var isTaken = [Bool](repeating: false, count: byteCount)
        var alive: [Range<Int>] = []
        for turn in 0..<400 {
            let what: Comment = "turn \(turn), seed \(seed)"
            if alive.isEmpty || Bool.random(using: &generator) {
                let wanted = Int.random(in: 1...80, using: &generator)
                let alignment = 1 << Int.random(in: 0...6, using: &generator)
                let fit = stride(from: 0, to: byteCount, by: alignment).first { start in
                    start + wanted <= byteCount && !isTaken[start..<(start + wanted)].contains(true)
                }
                let taken = list.take(byteCount: wanted, alignment: alignment)
                // First fit: the lowest place that holds it, or none because there is none.
                #expect(taken == fit.map { $0..<($0 + wanted) }, what)
                guard let taken else { continue }
                for byte in taken { isTaken[byte] = true }
                alive.append(taken)
            } else {
                let range = alive.remove(at: Int.random(in: alive.indices, using: &generator))
                list.release(range)
                for byte in range { isTaken[byte] = false }
            }
            let free = (0..<byteCount).filter { !isTaken[$0] }
            #expect(list.free.flatMap { Array($0) } == free, what)
            // Merged: no two free ranges touch.
            #expect(zip(list.free, list.free.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, what)
            #expect(list.isUnused == alive.isEmpty, what)
        }
    }
}
