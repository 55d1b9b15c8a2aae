/// Simple case folding: which scalars are one letter where case does not matter (CaseFolding.txt, status C and S).
enum CaseFolding {
    /// `set` and what is equal to one of its members but for case; within ASCII only unless `isUnicode`.
    /// O(ranges · log orbits + members found).
    static func closure(of set: ScalarSet, isUnicode: Bool) -> ScalarSet {
        isUnicode ? unicodeClosure(of: set) : asciiClosure(of: set)
    }

    private static func asciiClosure(of set: ScalarSet) -> ScalarSet {
        var added: [ClosedRange<UInt32>] = []
        for (letters, distance) in [(0x41...0x5A as ClosedRange<UInt32>, 32), (0x61...0x7A, -32)] {
            for range in set.ranges where range.overlaps(letters) {
                let common = range.clamped(to: letters)
                added.append(
                    UInt32(Int(common.lowerBound) + distance)...UInt32(Int(common.upperBound) + distance))
            }
        }
        return added.isEmpty ? set : ScalarSet(set.ranges + added)
    }

    private static func unicodeClosure(of set: ScalarSet) -> ScalarSet {
        var added: [ClosedRange<UInt32>] = []
        for range in set.ranges {
            var low = 0
            var high = members.count
            while low < high {
                let middle = (low + high) / 2
                if members[middle].scalar < range.lowerBound { low = middle + 1 } else { high = middle }
            }
            while low < members.count, members[low].scalar <= range.upperBound {
                let orbit = orbits[Int(members[low].orbit)]
                for scalar in orbit where !set.contains(scalar) { added.append(scalar...scalar) }
                low += 1
            }
        }
        return added.isEmpty ? set : ScalarSet(set.ranges + added)
    }

    /// Sets of scalars, each ascending, that are equal but for case.
    private static let orbits: [[UInt32]] = {
        var numbers = UnicodeProperty.caseOrbits.utf8.makeIterator()
        var orbits: [[UInt32]] = []
        var first: UInt32 = 0
        while let count = UnicodeProperty.number(&numbers), let distance = UnicodeProperty.number(&numbers) {
            first += distance
            var orbit = [first]
            for _ in 1..<count {
                guard let step = UnicodeProperty.number(&numbers) else { break }
                orbit.append(orbit[orbit.count - 1] + step)
            }
            orbits.append(orbit)
        }
        return orbits
    }()

    /// Every scalar of an orbit, ascending.
    private static let members: [(scalar: UInt32, orbit: Int32)] = orbits.enumerated()
        .flatMap { index, orbit in orbit.map { (scalar: $0, orbit: Int32(index)) } }
        .sorted { $0.scalar < $1.scalar }
}
