import Foundation
import QPConstraints
import QPFormats
import Synchronization
import Testing

/// Sources that nest, on threads with as much stack as some hosts give: 512 KiB. A crash ends all tests.
@Suite("A small stack never overflows")
struct SmallStackTests {
    /// What `body` gives on a thread of its own.
    private func onThread(kibibytes: Int, _ body: @escaping @Sendable () -> String) -> String {
        let result = Mutex("")
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            let text = body()
            result.withLock { $0 = text }
            done.signal()
        }
        thread.stackSize = kibibytes << 10
        thread.start()
        done.wait()
        return result.withLock { $0 }
    }

    private static func outcome(_ body: () throws -> Grammar) -> String {
        do {
            return try body().nodeCount > 0 ? "compiles" : ""
        } catch { return (error as? ConstraintError)?.description ?? "\(error)" }
    }

    static let schemas: [(before: String, middle: String, after: String)] = [
        (#"{"allOf":["#, #"{"type":"string"}"#, "]}"),
        (#"{"anyOf":[{"type":"string"},"#, #"{"type":"object","properties":{"a":{}}}"#, "]}"),
        (#"{"oneOf":[{"type":"string"},"#, #"{"type":"object","properties":{"a":{}}}"#, "]}"),
        (#"{"not":"#, #"{"type":"string"}"#, "}"),
        (#"{"if":"#, #"{"type":"string"}"#, #","then":{"minLength":1}}"#),
        (#"{"type":"object","required":["a"],"properties":{"a":"#, "true", "}}"),
        (#"{"type":"array","minItems":1,"items":"#, "true", "}"),
        (#"{"type":"array","contains":"#, "true", "}"),
        (#"{"unevaluatedProperties":false,"allOf":["#, #"{"type":"object","properties":{"a":{}}}"#, "]}"),
        (#"{"dependentSchemas":{"a":"#, "true", "}}"),
        (#"{"type":"object","propertyNames":{"anyOf":["#, #"{"pattern":"^a"}"#, "]}}"),
    ]

    @Test("Schemas within schemas", arguments: schemas)
    func nested(before: String, middle: String, after: String) {
        for depth in [20, 100, 250, 500] {
            let schema =
                String(repeating: before, count: depth) + middle + String(repeating: after, count: depth)
            var limits = GrammarLimits()
            limits.nestingDepth = 1000
            limits.seconds = 1
            let result = onThread(kibibytes: 512) { [limits] in
                Self.outcome { try Grammar(jsonSchema: schema, limits: limits) }
            }
            #expect(!result.isEmpty)
            if depth == 20 { #expect(result == "compiles", "\(before)") }
        }
    }

    @Test("Chains of references")
    func references() {
        for depth in [20, 250, 990] {
            let places = (0..<depth).map {
                ##""a\##($0)":{"minimum":\##($0),"allOf":[{"$ref":"#/$defs/a\##($0 + 1)"}]}"##
            }
            let last = #""a\#(depth)":{"type":"integer"}"#
            let schema = ##"{"$ref":"#/$defs/a0","$defs":{\##(places.joined(separator: ",")),\##(last)}}"##
            let result = onThread(kibibytes: 512) { Self.outcome { try Grammar(jsonSchema: schema) } }
            #expect(depth > 20 ? result.hasPrefix("more than ") : result == "compiles", "\(result)")
        }
    }

    @Test("Groups of regular expressions and GBNF: what is too deep for the stack is refused by name")
    func groups() {
        var limits = GrammarLimits()
        limits.nestingDepth = 1000
        let regex = String(repeating: "(a|b", count: 900) + String(repeating: ")*c", count: 900)
        let gbnf =
            "root ::= " + String(repeating: "(\"a\" | ", count: 900) + "\"c\""
            + String(repeating: ")*", count: 900)
        for source in [
            { [limits] in try Grammar(regex: regex, limits: limits) },
            { [limits] in try Grammar(gbnf: gbnf, limits: limits) },
        ] as [@Sendable () throws -> Grammar] {
            let small = onThread(kibibytes: 512) { Self.outcome(source) }
            #expect(small.hasPrefix("more than ") && small.contains(", which take the whole stack of this thread ("))
            #expect(small.contains("\nCompile on a thread with a larger stack (8 MiB is enough for every"))
            #expect(onThread(kibibytes: 8192) { Self.outcome(source) } == "compiles")
        }
    }

    @Test("JSON texts")
    func json() {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let text = String(repeating: open, count: 512) + "1" + String(repeating: close, count: 512)
            let parse = { @Sendable () -> String in
                do throws(JSONError) {
                    return try JSONValue(parsing: text).serialized() == text ? "same" : "other"
                } catch { return error.message }
            }
            #expect(onThread(kibibytes: 8192, parse) == "same")
            let small = onThread(kibibytes: 256, parse)
            #expect(small.hasSuffix(" deep, which takes the whole stack of this thread"), "\(small)")
        }
    }

    @Test("Texts each of which begins the next: as many levels as texts")
    func beginnings() {
        let result = onThread(kibibytes: 512) {
            do {
                let builder = GrammarBuilder()
                let texts = (1...3000).map { [UInt8](repeating: UInt8(ascii: "a"), count: $0) }
                let grammar = try builder.grammar(root: builder.anyOf(texts.reversed() + texts))
                let isExact = try [1, 1500, 3000].allSatisfy { try grammar.accepts(texts[$0 - 1]) }
                return try isExact && !grammar.accepts([]) && !grammar.accepts(texts[2999] + [97]) ? "exact" : "wrong"
            } catch { return "\(error)" }
        }
        #expect(result == "exact")
    }
}
