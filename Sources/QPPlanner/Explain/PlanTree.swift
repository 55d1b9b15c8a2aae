internal import QPCore

/// A physical plan as a tree of operators, the root giving the token, as databases draw them.
public struct PlanTree: Equatable, Sendable {
    /// What the operator does.
    public var operation: String
    public var inputs: [PlanTree]

    public init(_ operation: String, _ inputs: [PlanTree] = []) {
        self.operation = operation
        self.inputs = inputs
    }

    /// The tree of an assignment of an explained decision.
    public init(_ assignment: Explanation.Assignment, in explanation: Explanation) {
        let counts = assignment.batchRows.map { explanation.allowedTokenCounts[$0] }
        let V = explanation.head.vocabularySize
        let known = counts.compactMap { $0 }
        let rows = assignment.batchRows.count == 1 ? "row" : "rows"
        let names = assignment.batchRows.map(String.init).joined(separator: ", ")
        let title = "\(assignment.plan) for batch \(rows) \(names)"
        let sum = known.reduce(0, +)
        let K = known.count < counts.count ? "all allowed rows" : sum == 1 ? "1 row" : "\(sum) rows"
        let host = PlanTree("allowed ids, from the host")
        let mask = PlanTree("allowed mask")
        let hidden = PlanTree("hidden state")
        let gather = PlanTree("gather \(K) of W, keep the best two", [host, hidden])
        switch (assignment.plan, assignment.form) {
        case (.forced, _):
            self.init(title, [PlanTree("the only allowed token", [host])])
        case (.dense, .denseSkipping), (.sparse, .denseSkipping):
            self.init(
                title,
                [PlanTree("finalise", [PlanTree("scan W where the mask allows, keep the best two", [mask, hidden])])])
        case (.dense, _):
            self.init(
                title,
                [
                    PlanTree(
                        "finalise",
                        [
                            PlanTree(
                                "scan \(V) \(V == 1 ? "row" : "rows") of W, keep the best two allowed", [mask, hidden])
                        ])
                ])
        case (.sparse, .sparseFromMask):
            let list = PlanTree("compact to ids and K, on the device", [mask])
            self.init(
                title, [PlanTree("finalise", [PlanTree("gather \(K) of W, keep the best two", [list, hidden])])])
        case (.sparse, _):
            self.init(title, [PlanTree("finalise", [gather])])
        case (.amortized, _), (.amortizedRerank, _), (.screenedRerank, _):
            let source = PlanTree(
                assignment.plan == .screenedRerank
                    ? "score the low-bit copy, with error bounds" : "anchor's scores, with drift bounds")
            let filter = PlanTree("keep what reaches the second-largest lower end", [source, host, hidden])
            self.init(
                title,
                assignment.plan == .amortized
                    ? [filter]
                    : [PlanTree("finalise", [PlanTree("gather the survivors, keep the best two", [filter])])])
        case (.fullRecompute, _):
            self.init(
                title,
                [
                    PlanTree(
                        "finalise",
                        [
                            PlanTree(
                                "scan \(V) \(V == 1 ? "row" : "rows") of W, keep all scores as the anchor",
                                [mask, hidden])
                        ])
                ])
        case (.registered, _):
            self.init(title)
        }
    }
}
