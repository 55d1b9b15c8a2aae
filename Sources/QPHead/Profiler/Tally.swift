internal import QPPlanner

/// Counts what was kept and dropped over a run, and says in words what to think of it.
struct Tally {
    private var kept: Int
    private var moved: Int
    private var shared: Int
    private var spreads: [Double]

    init(_ noise: Profile.Noise) {
        kept = noise.keptBlockCount
        moved = noise.droppedBlockCount
        shared = noise.droppedSharedSampleCount
        spreads = noise.keptBlockCount > 0 ? [noise.referenceSpread] : []
    }

    mutating func add(_ measurement: BatchMeasurement, tolerance: Double) {
        let dropped = measurement.droppedBlocks(tolerance: tolerance)
        moved += dropped.moved
        shared += dropped.shared
        kept += measurement.blockCount - dropped.moved - dropped.shared
        if let spread = Statistics.relativeSpread(measurement.referenceMicroseconds) { spreads.append(spread) }
    }

    func noise(isSoftware: Bool) -> Profile.Noise {
        let total = kept + moved + shared
        let share = total > 0 ? Double(kept) / Double(total) : 0
        let spread = Statistics.median(spreads) ?? 0
        let percent = Int((share * 100).rounded())
        let advice =
            isSoftware
            ? "stop other programs, builds and browsers on this machine, then measure again"
            : "stop other programs that use the device, fix its clocks if you can, then measure again"
        let verdict: Profile.Noise.Verdict
        let text: String
        if total == 0 || share < 0.1 {
            verdict = .unusable
            text =
                "In \(moved) of \(total) blocks the reference kernel moved, in \(shared) the process lacked its cores: "
                + "\(advice)."
        } else if share < 0.6 || spread > 0.05 {
            verdict = .noisy
            text =
                "\(percent) % of \(total) blocks were quiet; intervals are wide but honest. For narrower ones \(advice)."
        } else {
            verdict = .quiet
            text = "\(percent) % of \(total) blocks were quiet; figures stand within their intervals."
        }
        return Profile.Noise(
            verdict: verdict, explanation: text, keptBlockCount: kept, droppedBlockCount: moved,
            droppedSharedSampleCount: shared, referenceSpread: spread)
    }
}
