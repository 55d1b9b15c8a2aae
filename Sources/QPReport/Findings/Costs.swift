import QPPlanner

extension Crossover {
    /// The held-out check, only where there is a K\* to check.
    var checkPhrase: String? { allowedTokenCount == nil ? nil : heldOutPhrase }
}

extension KernelFit {
    /// The whole cost of one row, beyond the fixed part.
    var microsecondsPerRow: Double { roofMicrosecondsPerRow * slowdown + gatherPenaltyMicrosecondsPerRow }

    var intervalPhrase: String {
        Format.durations(lowMicroseconds: lowMicrosecondsPerRow, highMicroseconds: highMicrosecondsPerRow)
    }
}

extension Tuning {
    /// What bit-identical scores of scan and gather cost.
    var orderPhrase: String {
        "sharing one reduction order: scan \(Format.ratio(sharedOrderScanRatio)), gather "
            + "\(Format.ratio(sharedOrderGatherRatio)) of the best variant of its own"
    }
}

extension Tuning.Candidate {
    /// Time of scan and gather together over another's.
    func cost(over other: Tuning.Candidate) -> Double {
        (scanMicroseconds + gatherMicroseconds) / (other.scanMicroseconds + other.gatherMicroseconds)
    }

    func timesPhrase(gatherTokenCount: Int) -> String {
        "scan \(Format.duration(microseconds: scanMicroseconds)), gather of \(Format.count(gatherTokenCount)) rows "
            + "\(Format.duration(microseconds: gatherMicroseconds)), spread \(Format.percent(spread))"
    }
}
