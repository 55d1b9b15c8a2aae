internal import QPDevice
internal import QPPlanner

/// The anchors of the sequences seen last, with what the host knows of each.
///
/// Which sequence an anchor was made for is a matter of speed alone: its certificate holds for any h against its own
/// h₀. So a sequence that takes over the anchor of the one unused longest needs no clearing, and steps that share an
/// anchor need no more than their order on the queue: a barrier ends the recording that writes it, and whatever is
/// submitted later, from any slot, comes behind.
struct AnchorTable {
    let capacity: Int
    let weightsID: UInt64
    private(set) var anchors: [Anchor] = []
    private var entries: [UInt64: Entry] = [:]
    private var clock = 0

    private struct Entry {
        let anchor: Int
        var lastUse: Int
        /// h₀; nil before the first refresh.
        var hidden: [Float]?
        var relativeDrift = 0.0
        var margin = 0.0
        var survivorShare: Double?
        var refinementProbability = 0.0
    }

    /// What one more observation weighs.
    private static let weight = 0.25

    init(capacity: Int, weightsID: UInt64) {
        precondition(capacity > 0, "a table of anchors has room for one at least")
        self.capacity = capacity
        self.weightsID = weightsID
    }

    /// The anchor of a sequence: its own, a new one, or that of the sequence unused longest.
    mutating func index(
        of sequence: UInt64, make: () throws(DeviceError) -> Anchor
    ) throws(DeviceError) -> Int {
        clock += 1
        if let known = entries[sequence]?.anchor {
            entries[sequence]!.lastUse = clock
            return known
        }
        var anchor = anchors.count
        if anchors.count < capacity {
            anchors.append(try make())
        } else {
            let oldest = entries.min { $0.value.lastUse < $1.value.lastUse }!
            anchor = oldest.value.anchor
            entries[oldest.key] = nil
        }
        entries[sequence] = Entry(anchor: anchor, lastUse: clock)
        return anchor
    }

    /// Notes that a refresh of a sequence's anchor was submitted.
    mutating func refresh(_ sequence: UInt64, hidden: [Float]) {
        entries[sequence]?.hidden = hidden
        entries[sequence]?.relativeDrift = 0
    }

    /// Whether the anchor of a sequence was made for it.
    func isRefreshed(_ sequence: UInt64) -> Bool { entries[sequence]?.hidden != nil }

    /// Notes how far a sequence has moved from its anchor; O(d).
    mutating func move(_ sequence: UInt64, to hidden: [Float]) {
        guard let anchor = entries[sequence]?.hidden else { return }
        var moved = 0.0
        var length = 0.0
        for (now, then) in zip(hidden, anchor) {
            moved += Double(now - then) * Double(now - then)
            length += Double(then) * Double(then)
        }
        entries[sequence]!.relativeDrift = length > 0 ? (moved / length).squareRoot() : .infinity
    }

    /// Takes in a refresh that finished.
    mutating func observe(_ sequence: UInt64, margin: Float?) {
        entries[sequence]?.margin = margin.map { Double($0) } ?? 0
    }

    /// Takes in a finished step that reused the anchor.
    mutating func observe(_ sequence: UInt64, survivorShare: Double, fellBack: Bool) {
        guard var entry = entries[sequence] else { return }
        let share = entry.survivorShare ?? survivorShare
        entry.survivorShare = share + Self.weight * (survivorShare - share)
        entry.refinementProbability += Self.weight * ((fellBack ? 1 : 0) - entry.refinementProbability)
        entries[sequence] = entry
    }

    /// What the planner may know of a sequence's anchor; nil before the first refresh. Until a step has reused it, few
    /// survivors are expected, so that it is tried.
    func summary(_ sequence: UInt64) -> DecodeStep.AnchorSummary? {
        guard let entry = entries[sequence], entry.hidden != nil else { return nil }
        return .init(
            relativeDrift: entry.relativeDrift, margin: entry.margin, survivorShare: entry.survivorShare ?? 0,
            refinementProbability: entry.refinementProbability, weightsID: weightsID)
    }
}
