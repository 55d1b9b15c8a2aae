internal import QPCore

/// How the rows of a batch are served: one scan for some, a list each for others, the union of some in one pass.
///
/// The real planning problem of a batch: a scan streams W once for all its rows, while gathers cost the sum or the
/// union of their sets. Costs of groups add up, since their dispatches run behind one another in one submission.
public struct BatchPartition: Equatable, Sendable {
    /// How the rows of one group reach W.
    public enum Access: String, CaseIterable, Codable, Sendable {
        /// All of W, once for the group.
        case scanForAll
        /// Each row its own list, in one dispatch.
        case gatherEach
        /// What any row of the group allows, once for the group.
        case gatherUnion
    }

    /// Rows served together.
    public struct Group: Equatable, Sendable {
        public var access: Access
        /// Batch rows, ascending.
        public var rows: [Int]
        public var nanoseconds: Int
    }

    /// Each row is in exactly one.
    public var groups: [Group]
    /// The sum over the groups.
    public var nanoseconds: Int { groups.reduce(0) { $0 + $1.nanoseconds } }

    /// Up to so many rows the optimum is searched for exactly: 255 subsets are priced and 3⁸ pairs compared in about
    /// 0.15 ms.
    public static let exactRowCount = 8

    /// The time of a group of rows under one access; nil where it cannot be had.
    public typealias GroupCost = (Access, _ rows: [Int]) -> Int?

    /// The best partition for up to ``exactRowCount`` rows, by ``rule(counts:cost:)`` above; nil when some row cannot
    /// be served at all.
    /// - Parameter counts: K of each row.
    public static func best(counts: [Int], cost: GroupCost) -> BatchPartition? {
        counts.count <= exactRowCount ? optimum(rowCount: counts.count, cost: cost) : rule(counts: counts, cost: cost)
    }

    /// The optimum over all set partitions and all accesses, by dynamic programming over subsets: the best for a set is
    /// the best group that holds its lowest row, and the best for the rest. O(3ᴮ) time, O(2ᴮ) costs asked for.
    public static func optimum(rowCount: Int, cost: GroupCost) -> BatchPartition? {
        precondition((1...16).contains(rowCount), "dynamic programming over subsets is for small batches")
        let full = 1 << rowCount
        var group: [(access: Access, nanoseconds: Int)?] = [nil]
        for set in 1..<full {
            let rows = (0..<rowCount).filter { set >> $0 & 1 == 1 }
            group.append(
                Access.allCases.compactMap { access in cost(access, rows).map { (access, $0) } }
                    .min { $0.1 < $1.1 })
        }
        var best = [Int?](repeating: 0, count: full)
        var choice = [Int](repeating: 0, count: full)
        for set in 1..<full {
            best[set] = nil
            let lowest = set & -set
            // All subsets that hold the lowest row.
            var rest = set ^ lowest
            while true {
                let first = rest | lowest
                if let own = group[first], let others = best[set ^ first],
                    best[set].map({ own.nanoseconds + others < $0 }) ?? true
                {
                    best[set] = own.nanoseconds + others
                    choice[set] = first
                }
                if rest == 0 { break }
                rest = (rest - 1) & (set ^ lowest)
            }
        }
        guard best[full - 1] != nil else { return nil }
        var groups: [Group] = []
        var left = full - 1
        while left != 0 {
            let set = choice[left]
            let rows = (0..<rowCount).filter { set >> $0 & 1 == 1 }
            groups.append(Group(access: group[set]!.access, rows: rows, nanoseconds: group[set]!.nanoseconds))
            left ^= set
        }
        return BatchPartition(groups: groups)
    }

    /// A good partition for any batch: for each s, the s rows of largest K scan together, and the others gather each
    /// for itself or as one union, whichever is cheaper. O(B) costs asked for.
    ///
    /// Exact when only scans and single lists matter and a scan's time depends on the number of its rows alone: then
    /// exchanging a row of the scan for one of larger K never costs more.
    public static func rule(counts: [Int], cost: GroupCost) -> BatchPartition? {
        let order = counts.indices.sorted { (counts[$0], $1) > (counts[$1], $0) }
        var best: BatchPartition?
        for scanned in 0...counts.count {
            var groups: [Group] = []
            let parts: [([Access], [Int])] = [
                ([.scanForAll], order[..<scanned].sorted()),
                ([.gatherEach, .gatherUnion], order[scanned...].sorted()),
            ]
            var isServed = true
            for (accesses, rows) in parts where !rows.isEmpty {
                let cheapest = accesses.compactMap { access in cost(access, rows).map { (access, $0) } }
                    .min { $0.1 < $1.1 }
                guard let (access, nanoseconds) = cheapest else {
                    isServed = false
                    break
                }
                groups.append(Group(access: access, rows: rows, nanoseconds: nanoseconds))
            }
            let candidate = BatchPartition(groups: groups)
            if isServed, best.map({ candidate.nanoseconds < $0.nanoseconds }) ?? true { best = candidate }
        }
        return best
    }
}

extension CostModel {
    /// The time of a group of a step's rows; nil where no curve gives it, or where K is not known to the host.
    func groupCost(_ access: BatchPartition.Access, _ rows: [DecodeStep.Row], at indices: [Int]) -> Time? {
        let pattern = rows[indices[0]].pattern
        var (total, largest, isEven, isKnown) = (0, 0, true, true)
        for index in indices {
            guard let K = rows[index].allowedTokenCount else {
                isKnown = false
                continue
            }
            isEven = isEven && K == rows[indices[0]].allowedTokenCount
            total += K
            largest = max(largest, K)
        }
        switch access {
        case .scanForAll:
            return time(
                .dense, allowedTokenCount: isKnown || largest > 0 ? largest : head.vocabularySize,
                batch: indices.count, pattern: pattern)
        case .gatherEach:
            guard isKnown else { return nil }
            return gatherEach(
                total: total, rowCount: indices.count, isEven: isEven, pattern: pattern,
                form: rows.gatherForm(at: indices))
        case .gatherUnion:
            guard isKnown, indices.count > 1 else { return nil }
            return gatherUnion(unionTokenCount: expectedUnion(rows, at: indices), batch: indices.count)
        }
    }

    /// |∪A|: rows in one state share their set; sets of different states are taken as independent.
    private func expectedUnion(_ rows: [DecodeStep.Row], at indices: [Int]) -> Int {
        let V = Double(head.vocabularySize)
        var outside = 1.0
        var largest = 0
        for (place, index) in indices.enumerated() {
            guard let K = rows[index].allowedTokenCount else { return head.vocabularySize }
            largest = max(largest, K)
            if let state = rows[index].stateID, indices[..<place].contains(where: { rows[$0].stateID == state }) {
                continue
            }
            outside *= 1 - Double(K) / V
        }
        return min(head.vocabularySize, max(largest, Int((V * (1 - outside)).rounded(.up))))
    }
}

extension [DecodeStep.Row] {
    /// How rows that gather each come by their lists: one mask in device memory, and all are compacted there.
    func gatherForm(at indices: [Int]) -> StepName {
        indices.allSatisfy { self[$0].place == .host } ? .sparse : .sparseFromMask
    }
}
