import QPCore
import QPPlanner

/// What a head's figures mean to somebody who decides whether to integrate, in sentences.
struct Conclusion {
    /// The K of the best case: a grammar's narrow step, such as a closing quote or a digit.
    private static let narrowTokenCount = 16

    let section: HeadAtBatch

    private var head: HeadProfile { section.head }

    /// `Below K = 118,400 gather the allowed rows; above, scan all.`
    var rule: String {
        guard let crossover = section.leadingCrossover else {
            return "Nothing to choose: no pair of steps was compared at this batch."
        }
        guard let below = crossover.between.first, let above = crossover.between.last else {
            return "Nothing to choose: the crossover names no steps."
        }
        guard let allowedTokenCount = crossover.allowedTokenCount else {
            return "No K to switch at: \(crossover.reason ?? "the profile gives no reason")".sentence
        }
        return "Below K = \(Format.count(allowedTokenCount)) \(below.action); above, \(above.action)."
    }

    /// How much faster the head's step gets when the grammar is narrow; null where either step was not measured.
    var headSpeedUp: String? {
        let tokens = min(Self.narrowTokenCount, head.vocabularySize)
        guard let sparse = section.curve(.sparse, .uniform)?.reading(at: Double(tokens)),
            let dense = section.curve(.dense, .uniform)?.reading(at: Double(tokens)), sparse.microseconds > 0
        else { return nil }
        return """
            At K = \(Format.count(tokens)) gathering takes \(Format.duration(microseconds: sparse.microseconds)), \
            scanning \(Format.duration(microseconds: dense.microseconds)): \
            \(Format.ratio(dense.microseconds / sparse.microseconds)) in the head's step.
            """
    }

    /// The end-to-end best case: a step of the model cannot save more than its head.
    var endToEnd: String {
        guard let share = head.headShareOfWeights, share.isFinite else {
            return "What that is of a whole step is unknown: the head was given by V and d, without a model."
        }
        let tokens = min(Self.narrowTokenCount, head.vocabularySize)
        let saving = share * (1 - gatheredShare(of: tokens))
        return """
            The head is \(Format.percent(share)) of the weights that a step of this model streams: at \
            K = \(Format.count(tokens)) the step saves at most \(Format.percent(saving)) of the model's weight \
            traffic\(Self.remark(saving)).
            """
    }

    /// Part of W that gathering reads: each of the B rows brings its own list.
    private func gatheredShare(of tokens: Int) -> Double {
        min(1, Double(tokens) * Double(section.batch) / Double(max(head.vocabularySize, 1)))
    }

    private static func remark(_ saving: Double) -> String {
        switch saving {
        case ..<0.10: ", a small part; the layers take the rest"
        case 0.5...: ", most of it"
        default: ""
        }
    }
}
