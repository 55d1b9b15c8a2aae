/// Host names (RFC 1123, section 2.1): labels of 1 to 63 letters, digits and hyphens, which neither begin nor end with
/// a hyphen, and dots between.
///
/// A label with hyphens in its third and fourth place would be a reserved one (RFC 5890, section 2.3.1), of which those
/// that begin with `xn--` encode an international name; whether they do is beyond a grammar, so all are refused.
enum Hostname {
    /// RFC 1034, section 3.1: 255 bytes with a length before each label and the root behind them.
    static let maximumLength = 253
    private static let maximumLabel = 63

    /// Labels of any number. Made by hand: a regular expression would follow each length as a way of its own.
    static let automaton: ByteAutomaton = {
        // State 0 stands before a label, state n after n of its characters, and state maximumLabel + n − 1 after n of
        // which the last is a hyphen: not the first of them, and not the last that a label may have.
        let dead = ByteAutomaton.dead
        var transitions: [Int32] = []
        func add(_ length: Int, endsInHyphen: Bool) {
            let allowsHyphen = length > 0 && length < maximumLabel - 1 && !(length == 3 && endsInHyphen)
            transitions += [
                length < maximumLabel ? Int32(length + 1) : dead, allowsHyphen ? Int32(maximumLabel + length) : dead,
                length > 0 && !endsInHyphen ? 0 : dead, dead,
            ]
        }
        for length in 0...maximumLabel { add(length, endsInHyphen: false) }
        for length in 2..<maximumLabel { add(length, endsInHyphen: true) }
        let stateCount = transitions.count / 4
        var classOf = [UInt8](repeating: 3, count: 256)
        for byte in "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8 { classOf[Int(byte)] = 0 }
        classOf[Int(UInt8(ascii: "-"))] = 1
        classOf[Int(UInt8(ascii: "."))] = 2
        return ByteAutomaton(
            classOf: classOf, classCount: 4, transitions: transitions,
            isAccepting: (0..<stateCount).map { (1...maximumLabel).contains($0) },
            isBoundary: [Bool](repeating: true, count: stateCount))
    }()
}
