#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Profile {
    /// The document as JSON, ending in a newline: keys sorted, so that equal profiles give equal bytes; indented, but
    /// arrays of numbers on one line, or the samples would take a line each.
    /// - Throws: ``ProfileError/invalid(source:field:reason:)`` for a profile that could not be read back, for example
    ///   with a duration that is not finite.
    public func encoded() throws(ProfileError) -> String {
        try validate(source: "to be written")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            let text = Self.joiningNumberArrays([UInt8](try encoder.encode(self)))
            return String(decoding: text, as: UTF8.self) + "\n"
        } catch {
            // Validation has let only encodable numbers through where they are many; the few others end here.
            guard case EncodingError.invalidValue(let value, let context)? = error as? EncodingError else {
                throw .invalid(source: "to be written", field: "document", reason: "cannot be encoded: \(error)")
            }
            throw .invalid(
                source: "to be written", field: Self.path(context.codingPath),
                reason: "is \(value), which JSON cannot hold")
        }
    }

    /// The profile in `json`, checked.
    /// - Parameters:
    ///   - json: UTF-8.
    ///   - source: what errors call it, for example a path.
    /// - Throws: ``ProfileError``: truncated, not JSON, another schema version, or a field missing or invalid.
    public init(json: some Sequence<UInt8>, source: String) throws(ProfileError) {
        let bytes = Array(json)
        let data = Data(bytes)
        do {
            // The version first: a document of another schema may lack any other field.
            let version = try JSONDecoder().decode(VersionOnly.self, from: data).schemaVersion
            guard version == Self.currentSchemaVersion else {
                throw ProfileError.schemaVersion(source: source, found: version, supported: Self.currentSchemaVersion)
            }
            self = try JSONDecoder().decode(Profile.self, from: data)
        } catch let error as ProfileError {
            throw error
        } catch {
            throw Self.explained(error, bytes, source: source)
        }
        try validate(source: source)
    }

    private struct VersionOnly: Decodable {
        let schemaVersion: Int
    }

    private static func explained(_ error: any Error, _ bytes: [UInt8], source: String) -> ProfileError {
        switch JSONSyntax.fault(in: bytes) {
        case .truncated: return .truncated(source: source, byteCount: bytes.count)
        case .unexpected(let line, let column, let reason):
            return .notJSON(source: source, line: line, column: column, reason: reason)
        case nil: break
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            return .invalid(source: source, field: path(context.codingPath + [key]), reason: "is missing")
        case .valueNotFound(_, let context):
            return .invalid(source: source, field: path(context.codingPath), reason: "is null")
        case .typeMismatch(let type, let context):
            return .invalid(source: source, field: path(context.codingPath), reason: "is not of type \(type)")
        case .dataCorrupted(let context):
            return .invalid(
                source: source, field: path(context.codingPath), reason: "cannot be read: \(context.debugDescription)")
        default:
            return .invalid(source: source, field: "document", reason: "cannot be read: \(error)")
        }
    }

    /// `heads[0].samples[3].batch`.
    private static func path(_ keys: [any CodingKey]) -> String {
        let text = keys.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
        return text.isEmpty ? "document" : text
    }

    /// `text` with each array that holds only numbers on one line.
    private static func joiningNumberArrays(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        let space: Set<UInt8> = [0x20, 0x0A]
        let number = Set("0123456789+-.eE,".utf8)
        var index = 0
        var isInString = false
        while index < text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "\""), index == 0 || !isEscaped(text, index) { isInString.toggle() }
            result.append(byte)
            index += 1
            guard byte == UInt8(ascii: "["), !isInString else { continue }
            var end = index
            while end < text.count, space.contains(text[end]) || number.contains(text[end]) { end += 1 }
            guard end < text.count, text[end] == UInt8(ascii: "]") else { continue }
            for inner in text[index..<end] where !space.contains(inner) {
                result.append(inner)
                if inner == UInt8(ascii: ",") { result.append(0x20) }
            }
            index = end
        }
        return result
    }

    private static func isEscaped(_ text: [UInt8], _ index: Int) -> Bool {
        !text[..<index].reversed().prefix { $0 == UInt8(ascii: "\\") }.count.isMultiple(of: 2)
    }
}
