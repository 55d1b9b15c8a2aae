/// What constraints say of tokens that they do not allow: the same, whichever way they are worked out.
extension TokenTrie {
    /// Why `token` may not follow in `state`, where it is not among the allowed ones.
    func refusal(of token: Int, after state: ConstraintState) -> ConstraintError {
        let text = text(of: token)
        let reason =
            if state == .finished {
                "token \(token) follows the end of the text"
            } else if !(0..<vocabularySize).contains(token) {
                "token \(token) is not in the vocabulary of \(vocabularySize) tokens"
            } else if !text.isEmpty {
                "token \(token), \(String(decoding: text, as: UTF8.self).debugDescription), is not allowed here"
            } else if endOfText.contains(token) {
                "token \(token) ends the text, which is not complete"
            } else {
                "token \(token) has no text, so no constraint allows it"
            }
        return ConstraintError(.notAllowed, reason)
    }
}

extension ConstraintError {
    /// A dead end of the vocabulary, not of the constraint.
    static var noContinuation: ConstraintError {
        ConstraintError(
            .vocabulary, "the text could go on, but no token of the vocabulary continues it",
            advice: "The vocabulary lacks a token for some byte that the constraint requires.")
    }
}
