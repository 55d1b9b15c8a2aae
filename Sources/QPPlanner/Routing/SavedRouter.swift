#if canImport(FoundationEssentials)
private import FoundationEssentials
#else
private import Foundation
#endif

/// A router's state as JSON, with its kind and a version: `{"kind": "linUCB", "state": {…}, "version": 1}`.
///
/// Another version or kind is refused rather than guessed at, since a misread state would choose badly in silence.
public enum SavedRouter {
    /// The version that is written and read. It changes with any router's state.
    public static let version = 1

    private struct Document<State: Codable>: Codable {
        var version: Int
        var kind: String
        var state: State
    }

    private struct Header: Decodable {
        var version: Int
        var kind: String
    }

    /// The whole state, keys sorted, so that equal routers give equal bytes.
    /// - Throws: ``RouterError/damaged(kind:reason:)`` for a state that JSON cannot hold: a number that is not finite.
    public static func encode<R: Router>(_ router: R) throws(RouterError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        do {
            return [UInt8](try encoder.encode(Document(version: version, kind: R.name, state: router)))
        } catch {
            throw .damaged(kind: R.name, reason: "its state holds a number that is not finite")
        }
    }

    /// The kind of a saved router, its ``Router/name``: for a caller that takes any.
    /// - Throws: ``RouterError`` for another version or no saved router.
    public static func kind(of json: some Sequence<UInt8>) throws(RouterError) -> String {
        try header(Data(json), expected: "a router").kind
    }

    /// The router that was saved, checked.
    /// - Throws: ``RouterError``: another version or kind, damaged text, or a parameter outside its range.
    public static func decode<R: Router>(_ type: R.Type, from json: some Sequence<UInt8>) throws(RouterError) -> R {
        let data = Data(json)
        let header = try header(data, expected: R.name)
        guard header.kind == R.name else { throw .kind(found: header.kind, expected: R.name) }
        let router: R
        do {
            router = try JSONDecoder().decode(Document<R>.self, from: data).state
        } catch {
            throw .damaged(kind: R.name, reason: reason(error))
        }
        try router.validate()
        return router
    }

    /// Version first: a document of another version may lack anything else.
    private static func header(_ data: Data, expected: String) throws(RouterError) -> Header {
        let header: Header
        do {
            header = try JSONDecoder().decode(Header.self, from: data)
        } catch {
            throw .damaged(kind: expected, reason: reason(error))
        }
        guard header.version == version else { throw .version(found: header.version, supported: version) }
        return header
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? DecodingError {
        case .keyNotFound(let key, _): "\(key.stringValue) is missing"
        case .valueNotFound(_, let context), .typeMismatch(_, let context):
            "\(context.codingPath.last?.stringValue ?? "the document") is of the wrong type"
        case .dataCorrupted, nil: "it is not JSON"
        default: "\(error)"
        }
    }
}
