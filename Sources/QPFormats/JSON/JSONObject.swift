/// The members of a JSON object in the order of their text, each key once.
///
/// Look-up by key is linear up to eight members, and by hash beyond.
public struct JSONObject: Sendable {
    /// A member.
    public typealias Element = (key: String, value: JSONValue)

    private static let linearCount = 8

    private var members: [Element] = []
    /// Position by key; nil while a walk over the members is quicker.
    private var positions: [ExactString: Int]?

    /// An object without members.
    public init() {}

    /// An object of `members`; the last of equal keys wins, at the first one's place.
    public init(_ members: some Sequence<Element>) {
        for (key, value) in members where !append(key, value) { self[key] = value }
    }

    /// The value of `key`. Setting nil removes the member, and a new key goes to the end.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?): _ = append(key, value)
            case (let position?, nil):
                members.remove(at: position)
                positions = nil
                indexIfLarge()
            case (nil, nil): break
            }
        }
    }

    /// Adds a member at the end; false, and nothing done, when the key is there already.
    mutating func append(_ key: String, _ value: JSONValue) -> Bool {
        guard position(of: key) == nil else { return false }
        positions?[ExactString(key)] = members.count
        members.append((key, value))
        if positions == nil { indexIfLarge() }
        return true
    }

    /// The place of `key` among the members.
    func position(of key: String) -> Int? {
        if let positions { return positions[ExactString(key)] }
        let key = ExactString(key)
        return members.firstIndex { ExactString($0.key) == key }
    }

    private mutating func indexIfLarge() {
        guard members.count > Self.linearCount else { return }
        var positions: [ExactString: Int] = [:]
        positions.reserveCapacity(members.count * 2)
        for (position, member) in members.enumerated() { positions[ExactString(member.key)] = position }
        self.positions = positions
    }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { members.count }
    public subscript(position: Int) -> Element { members[position] }
}

extension JSONObject: Hashable {
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.allSatisfy { right[$0.key] == $0.value }
    }

    public func hash(into hasher: inout Hasher) {
        // A sum does not depend on the order of the members.
        var sum = count
        for (key, value) in members {
            var member = Hasher()
            member.combine(ExactString(key))
            member.combine(value)
            sum &+= member.finalize()
        }
        hasher.combine(sum)
    }
}
