import QPConstraints
import Testing

@Suite("Limits are between nothing and their ceilings")
struct GrammarLimitsTests {
    static let counts: [(field: String, path: any WritableKeyPath<GrammarLimits, Int> & Sendable)] = [
        ("sourceBytes", \.sourceBytes), ("expressions", \.expressions), ("nestingDepth", \.nestingDepth),
        ("repetition", \.repetition), ("alternatives", \.alternatives), ("automatonStates", \.automatonStates),
        ("configurations", \.configurations), ("states", \.states), ("stateBytes", \.stateBytes),
        ("cacheBytes", \.cacheBytes),
    ]

    /// What `limits` make of sources that each limit has a say in.
    private func outcomes(_ limits: GrammarLimits) -> [ConstraintError?] {
        [
            outcome { try Grammar(regex: "(?:ab{2,3}|[c-é])*x", limits: limits) },
            outcome { try Grammar(gbnf: "root ::= (\"a\" | [b-é]{2,3} root?)*", limits: limits) },
            outcome {
                try Grammar(
                    jsonSchema: """
                        {"type": ["object", "string", "number"], "properties": {"a": {"$ref": "#"}},
                         "multipleOf": 4, "maxLength": 7, "pattern": "^a*b", "not": {"enum": ["aab", 12]},
                         "anyOf": [{"minProperties": 1}, {"minLength": 2}, {"minimum": 3}]}
                        """, limits: limits)
            },
        ]
    }

    private func outcome(_ body: () throws -> Grammar) -> ConstraintError? {
        do {
            _ = try body().accepts(#"{"a":16}"#.utf8)
            return nil
        } catch { return error as? ConstraintError }
    }

    @Test("No value of a limit traps, and too low a one is named", arguments: counts)
    func extremes(field: String, path: any WritableKeyPath<GrammarLimits, Int> & Sendable) {
        for value in [Int.max, 1 << 40, 5_000_000_000, Int(Int32.max)] {
            var limits = GrammarLimits()
            limits[keyPath: path] = value
            #expect(outcomes(limits) == [nil, nil, nil], "\(field) = \(value)")
        }
        for value in [0, -1, Int.min] {
            var limits = GrammarLimits()
            limits[keyPath: path] = value
            for error in outcomes(limits) {
                guard let error else { continue }
                #expect(error.code == .limit && error.advice.contains("GrammarLimits.\(field)"), "\(value): \(error)")
            }
            // Transitions are forgotten and made again, so that a matcher without room for them is only slow.
            if field != "cacheBytes" { #expect(outcomes(limits) != [nil, nil, nil], "\(field) = \(value)") }
        }
    }

    @Test("Seconds that are no time are none, and those without end do not trap")
    func seconds() {
        var limits = GrammarLimits()
        let long = String(repeating: "[a-z]", count: 3000)
        for none in [0, -1, -.infinity, .nan] as [Double] {
            limits.seconds = none
            let error = outcome { try Grammar(regex: long, limits: limits) }
            #expect(
                error?.description == """
                    the constraint takes longer than 0.0 s to compile
                    Raise GrammarLimits.seconds (--limit seconds=N), or write the constraint more simply.
                    """)
        }
        for endless in [1e9, 1e300, .infinity] as [Double] {
            limits.seconds = endless
            #expect(outcome { try Grammar(regex: long, limits: limits) } == nil)
        }
    }

    @Test("A repetition above the ceiling is refused with a limit above it, and none is said to help")
    func repetition() throws {
        var limits = GrammarLimits()
        limits.repetition = 5_000_000_000
        let text = """
            a repetition of 2147483647 exceeds the limit of 2147483646 (PLACE)
            This ceiling cannot be raised: GrammarLimits.repetition counts up to it. Give a smaller bound.
            """
        #expect(
            outcome { try Grammar(regex: "a{2147483647}", limits: limits) }?.description
                == text.replacing("PLACE", with: "at byte 1"))
        #expect(
            outcome { try Grammar(gbnf: #"root ::= "a"{2147483647}"#, limits: limits) }?.description
                == text.replacing("PLACE", with: "line 1, column 14"))
        for schema in [
            #"{"type": "string", "maxLength": 4294967296}"#, #"{"type": "string", "minLength": 2147483647}"#,
        ] {
            #expect(outcome { try Grammar(jsonSchema: schema, limits: limits) }?.code == .limit, "\(schema)")
        }
        // The highest that counts.
        let most = try Grammar(regex: "(?:ab){0,2147483646}", limits: limits)
        #expect(try most.accepts("abab".utf8) && !most.accepts("aba".utf8))
        #expect(outcome { try Grammar(gbnf: #"root ::= ("a" | "b"){2,2147483646}"#, limits: limits) } == nil)
        let strings = #"{"type": "string", "maxLength": 2147483646, "pattern": "^a"}"#
        #expect(outcome { try Grammar(jsonSchema: strings, limits: limits) } == nil)
    }

    @Test("A multiple of a high or low power of ten costs as many steps as it has digits")
    func multiples() throws {
        let zeros = String(repeating: "0", count: 10_000)
        let high = try Grammar(jsonSchema: #"{"type": "integer", "multipleOf": 1e10000}"#)
        #expect(try high.accepts("7\(zeros)".utf8) && high.accepts("0".utf8))
        #expect(try !high.accepts("7\(zeros.dropLast())".utf8) && !high.accepts("7\(zeros.dropLast())1".utf8))
        let low = try Grammar(jsonSchema: #"{"type": "number", "multipleOf": 3e-10000}"#)
        #expect(try low.accepts("0.\(zeros.dropLast())6".utf8) && low.accepts("1".utf8) == false)
        #expect(try !low.accepts("0.\(zeros.dropLast())5".utf8) && !low.accepts("0.\(zeros)3".utf8))
    }
}
