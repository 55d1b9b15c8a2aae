/// A partition of a vocabulary's tokens into classes that no state of a graph tells apart.
struct TokenClasses {
    /// Class of each token.
    private(set) var classOf: [UInt32]
    private(set) var count = 1
    /// Tokens in each class.
    private var sizes: [Int]

    init(vocabularySize: Int) {
        classOf = [UInt32](repeating: 0, count: vocabularySize)
        sizes = [vocabularySize]
    }

    /// Splits classes so that tokens which a state sends to different targets, or sends nowhere, are in different ones.
    mutating func refine(by successors: [(token: UInt32, target: ConstraintState)]) {
        struct Part: Hashable {
            let old: UInt32
            let target: Int32
        }
        var parts: [Part: (size: Int, name: UInt32)] = [:]
        // In the order of the successors, so that the same constraint has the same classes in every run.
        var order: [Part] = []
        for (token, target) in successors {
            let part = Part(old: classOf[Int(token)], target: target.index)
            if parts[part] == nil { order.append(part) }
            parts[part, default: (0, 0)].size += 1
        }
        for part in order {
            let found = parts[part]!
            if found.size == sizes[Int(part.old)] {
                parts[part]!.name = part.old
            } else {
                parts[part]!.name = UInt32(count)
                count += 1
            }
        }
        // Sizes change only now: until here they tell whether a part is the whole of its class.
        for (part, found) in parts where found.name != part.old {
            sizes[Int(part.old)] -= found.size
            sizes.append(0)
        }
        for (part, found) in parts where found.name != part.old { sizes[Int(found.name)] = found.size }
        for (token, target) in successors {
            classOf[Int(token)] = parts[Part(old: classOf[Int(token)], target: target.index)]!.name
        }
    }

    /// One token of each class; nil for a class that has been emptied.
    var representatives: [Int?] {
        var found = [Int?](repeating: nil, count: count)
        for (token, name) in classOf.enumerated().reversed() { found[Int(name)] = token }
        return found
    }
}
