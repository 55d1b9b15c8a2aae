import QPCore
import QPPlanner

extension StepName {
    /// What the step does, as an instruction.
    var action: String {
        switch self {
        case .dense: "scan all"
        case .denseSkipping: "scan all, skipping blocks in which nothing is allowed"
        case .sparse: "gather the allowed rows"
        case .sparseFromMask: "list the mask's rows on the device and gather them"
        case .sparseRouted: "let the device count the mask, choose, and gather its rows"
        case .screenedRerank: "screen the allowed rows in 8 bits and gather those in play"
        case .amortizedRerank: "bound the allowed rows by an anchor and gather those in play"
        case .fullRecompute: "scan all and keep the scores"
        }
    }
}

extension IndexPattern {
    var phrase: String {
        switch self {
        case .uniform: "uniform ids"
        case .clustered: "ids in runs of 32"
        case .contiguous: "one run of ids"
        }
    }
}

extension Profile.Noise.Verdict {
    var phrase: String {
        switch self {
        case .quiet: "quiet: the figures stand"
        case .noisy: "noisy: intervals are wide, but honest"
        case .unusable: "unusable: measure again before relying on any figure"
        }
    }
}

extension Profile.Noise {
    /// How much was measured and how much of it was thrown away.
    var evidence: String {
        var parts = ["\(Format.count(keptBlockCount)) blocks kept, \(Format.count(droppedBlockCount)) dropped"]
        if droppedSharedSampleCount > 0 {
            parts.append("\(Format.count(droppedSharedSampleCount)) samples dropped because cores were shared")
        }
        parts.append("reference kernel ± \(Format.percent(referenceSpread))")
        return parts.joined(separator: "; ")
    }
}

extension Profile.Ceiling.Name {
    var phrase: String {
        switch self {
        case .readBandwidth: "read bandwidth"
        case .arithmeticRate: "multiply-add rate, f32"
        case .emptySubmission: "empty submission"
        case .extraDispatch: "extra dispatch"
        case .indirectDispatch: "indirect dispatch of nothing"
        }
    }
}

extension Profile.Timing {
    /// `device timestamps, a tick is 10 ns, 48 valid bits`.
    var phrase: String {
        var parts: [String]
        switch method {
        case "deviceTimestamp": parts = ["device timestamps"]
        case "hostClock": parts = ["host clock"]
        default: parts = [method]
        }
        if let tickNanoseconds {
            parts.append("a tick is \(Format.trimmed(tickNanoseconds)) ns")
        }
        if let validBits { parts.append("\(Format.count(validBits)) valid bits") }
        return parts.joined(separator: ", ")
    }
}

extension Profile.DeviceContext {
    /// Said wherever figures of a CPU rasteriser are shown.
    static let softwareWarning = "software rasteriser: figures describe this CPU, not a GPU"
}

extension Profile.Settings {
    /// What the run was asked to do and why it ended.
    var phrase: String {
        var parts = ["seed \(seed)"]
        if quick { parts.append("quick") }
        parts.append("budget \(Format.trimmed(timeBudgetSeconds)) s")
        parts.append("target ± \(Format.trimmed(confidenceTarget * 100)) %")
        parts.append("stopped by \(stoppedBecause)")
        return parts.joined(separator: " · ")
    }
}

extension Crossover {
    /// `sparse → dense`: which step is cheaper below, which above.
    var title: String { between.map(\.rawValue).joined(separator: " → ") }

    /// K\* with its interval, or why there is none.
    var finding: String {
        guard let allowedTokenCount else {
            return "no K*: \(reason ?? "the profile gives no reason")"
        }
        return Format.crossing(allowedTokenCount, low: low, high: high)
    }

    /// Where the choice hardly matters; null without K\*.
    var bandPhrase: String? {
        guard let bandLow, let bandHigh else { return nil }
        return "within 5 % of each other for K = \(Format.count(bandLow)) … \(Format.count(bandHigh))"
    }

    /// What the wrong step costs on either side; null without K\*.
    var pricePhrase: String? {
        guard allowedTokenCount != nil else { return nil }
        let sides = [(wrongChoiceRatioAtHalf, "at K*/2"), (wrongChoiceRatioAtDouble, "at 2K* (or V)")]
        let parts = sides.compactMap { ratio, place in
            ratio.flatMap { $0.isFinite ? "\(Format.ratio($0)) \(place)" : nil }
        }
        return parts.isEmpty ? nil : "the wrong choice takes " + parts.joined(separator: ", ")
    }

    /// How often the curves were right where they had not been measured.
    var heldOutPhrase: String {
        guard let heldOutCorrectShare, heldOutCount > 0 else {
            return "not checked: no held-out K lies outside the band"
        }
        return "right choice at \(Format.percent(heldOutCorrectShare)) of \(Format.count(heldOutCount)) held-out K"
    }
}
