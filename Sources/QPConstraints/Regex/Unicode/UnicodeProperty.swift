/// The properties of characters that regular expressions name, from the Unicode Character Database.
enum UnicodeProperty {
    /// One property; `runs` and `values` are written as scripts/unicode-tables.py explains.
    struct Table {
        /// The names of the property, upper case without separators, parted by commas.
        let names: String
        /// The values' names, parted by commas, values parted by spaces; "" for a property that holds or does not.
        let values: String
        let runs: String
    }

    /// The scalars that `query` names as in `\p{query}`: `Lu`, `Greek`, `Script=Greek`, `Alphabetic`, `gc!=Lu`; nil
    /// where nothing has that name. Case, spaces, `_` and `-` do not matter, nor does `is` in front (UAX 44, LM3).
    static func set(_ query: some Sequence<UInt8>) -> ScalarSet? {
        var parts: [[UInt8]] = [[]]
        var isNegated = false
        for byte in query {
            switch byte {
            case UInt8(ascii: "="), UInt8(ascii: ":"):
                guard parts.count == 1 else { return nil }
                parts.append([])
            case UInt8(ascii: "!"):
                guard !isNegated, parts.count == 1 else { return nil }
                isNegated = true
            case UInt8(ascii: "^") where parts == [[]] && !isNegated:
                isNegated = true
            case UInt8(ascii: " "), UInt8(ascii: "_"), UInt8(ascii: "-"): continue
            case UInt8(ascii: "a")...UInt8(ascii: "z"): parts[parts.count - 1].append(byte - 32)
            default: parts[parts.count - 1].append(byte)
            }
        }
        let names = parts.map { String(decoding: $0, as: UTF8.self) }
        let found =
            names.count == 2
            ? set(property: names[0], value: names[1])
            : set(named: names[0]) ?? (names[0].hasPrefix("IS") ? set(named: String(names[0].dropFirst(2))) : nil)
        return isNegated ? found?.complement : found
    }

    /// The value or the binary property of that name, spelled as the tables spell it.
    private static func set(named name: String) -> ScalarSet? {
        switch name {
        case "ANY": .all
        case "ASCII": ScalarSet([0...0x7F])
        case "ASSIGNED": category("CN").map(\.complement)
        default:
            category(name) ?? directory[name].flatMap { $0 < enumerated.count ? nil : binary(at: $0) }
                ?? value(name, of: 1)
        }
    }

    private static func set(property: String, value: String) -> ScalarSet? {
        switch property {
        case "SCX", "SCRIPTEXTENSIONS":
            guard let index = valueIndexes[1][value], let script = self.value(value, of: 1) else { return nil }
            let differences = ScalarSet(ranges(scriptDifferences[index]))
            return script.subtracting(differences).union(differences.subtracting(script))
        case "GC", "GENERALCATEGORY":
            return category(value)
        default:
            guard let index = directory[property] else { return nil }
            if index < enumerated.count { return self.value(value, of: index) }
            switch value {
            case "Y", "YES", "T", "TRUE": return binary(at: index)
            case "N", "NO", "F", "FALSE": return binary(at: index).complement
            default: return nil
            }
        }
    }

    /// A general category, or a group of them (UAX 44, table 12).
    static func category(_ name: String) -> ScalarSet? {
        let members: String
        switch name {
        case "C", "OTHER": members = "CC CF CN CO"
        case "L", "LETTER": members = "LU LL LT LM LO"
        case "LC", "CASEDLETTER", "L&": members = "LU LL LT"
        case "M", "MARK", "COMBININGMARK": members = "MC ME MN"
        case "N", "NUMBER": members = "ND NL NO"
        case "P", "PUNCTUATION", "PUNCT": members = "PC PD PE PF PI PO PS"
        case "S", "SYMBOL": members = "SC SK SM SO"
        case "Z", "SEPARATOR": members = "ZL ZP ZS"
        default: return value(name, of: 0)
        }
        let indexes = members.split(separator: " ").compactMap { valueIndexes[0][String($0)] }
        return ScalarSet(runs(of: Set(indexes), in: enumerated[0].runs))
    }

    static func binary(_ name: String) -> ScalarSet {
        guard let index = directory[name], index >= enumerated.count else {
            preconditionFailure("no binary property \(name)")
        }
        return binary(at: index)
    }

    private static func binary(at index: Int) -> ScalarSet {
        ScalarSet(ranges(binary[index - enumerated.count].runs))
    }

    private static func value(_ name: String, of property: Int) -> ScalarSet? {
        valueIndexes[property][name].map { ScalarSet(runs(of: [$0], in: enumerated[property].runs)) }
    }

    /// Property names; enumerated ones come first, binary ones after them.
    private static let directory: [String: Int] = {
        var directory: [String: Int] = [:]
        for (index, table) in (enumerated + binary).enumerated() {
            for name in table.names.split(separator: ",") { directory[String(name)] = index }
        }
        return directory
    }()

    /// Per enumerated property, the place of each value's name.
    private static let valueIndexes: [[String: Int]] = enumerated.map { table in
        var indexes: [String: Int] = [:]
        for (index, names) in table.values.split(separator: " ").enumerated() {
            for name in names.split(separator: ",") { indexes[String(name)] = index }
        }
        return indexes
    }

    // MARK: Decoding

    /// The next number of `runs`, base 32, least significant digit first.
    static func number(_ runs: inout String.UTF8View.Iterator) -> UInt32? {
        var value: UInt32 = 0
        var shift: UInt32 = 0
        while let byte = runs.next() {
            let digit: UInt8 =
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
                case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - UInt8(ascii: "a") + 26
                case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0") + 52
                default: byte == UInt8(ascii: "+") ? 62 : 63
                }
            value |= UInt32(digit & 31) << shift
            if digit < 32 { return value }
            shift += 5
        }
        return nil
    }

    /// The ranges inside, of a binary property.
    private static func ranges(_ text: String) -> [ClosedRange<UInt32>] {
        var numbers = text.utf8.makeIterator()
        var ranges: [ClosedRange<UInt32>] = []
        var position: UInt32 = 0
        while let outside = number(&numbers), let inside = number(&numbers) {
            position += outside
            ranges.append(position...(position + inside - 1))
            position += inside
        }
        return ranges
    }

    /// The ranges where an enumerated property has one of `values`.
    private static func runs(of values: Set<Int>, in text: String) -> [ClosedRange<UInt32>] {
        var numbers = text.utf8.makeIterator()
        var ranges: [ClosedRange<UInt32>] = []
        var position: UInt32 = 0
        while let length = number(&numbers), let value = number(&numbers) {
            if values.contains(Int(value)) { ranges.append(position...(position + length - 1)) }
            position += length
        }
        return ranges
    }
}
