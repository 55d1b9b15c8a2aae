public import QPPlanner

/// An explanation as a Mermaid flowchart: the chosen trees, and the other candidates beside them, dashed.
public enum ExplanationMermaid {
    public static func render(_ explanation: Explanation) -> String {
        var text = "flowchart BT\n"
        var next = 0
        func add(_ tree: PlanTree) -> String {
            let id = "n\(next)"
            next += 1
            text += "    \(id)[\"\(escaped(tree.operation))\"]\n"
            for input in tree.inputs { text += "    \(add(input)) --> \(id)\n" }
            return id
        }
        text +=
            "    step[\"DecodeStep, \(Format.duration(microseconds: explanation.estimatedMicroseconds)) estimated\"]\n"
        for assignment in explanation.assignments {
            text += "    \(add(PlanTree(assignment, in: explanation))) --> step\n"
        }
        for entry in explanation.candidates where entry.verdict != "chosen" {
            let time = entry.estimatedMicroseconds.map { ", " + Format.duration(microseconds: $0) } ?? ""
            let row = explanation.allowedTokenCounts.count > 1 ? " for row \(entry.batchRow)" : ""
            let id = "n\(next)"
            next += 1
            text +=
                "    \(id)[\"\(escaped("\(entry.plan)\(row)\(time)"))<br/>\(escaped(entry.reason ?? entry.verdict))\"]\n"
            text += "    \(id) -.-> step\n"
        }
        return text
    }

    /// Quotes and angle brackets end a label; Mermaid takes entities by number.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\"": result += "#quot;"
            case "<": result += "#lt;"
            case ">": result += "#gt;"
            case "#": result += "#35;"
            case "\n": result += " "
            default: result.append(character)
            }
        }
    }
}
