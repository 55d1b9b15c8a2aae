import Testing

@testable import QPConstraints

@Suite("The Unicode tables agree with the standard library")
struct RegexUnicodeTests {
    /// Scalars that were assigned by Unicode 15: later versions, of which the library may know more, change few of
    /// them.
    private static let assigned: [Unicode.Scalar] = (0...0x10FFFF).compactMap(Unicode.Scalar.init).filter {
        $0.properties.age.map { $0.major <= 15 } ?? false
    }

    private func difference(_ set: ScalarSet, _ holds: (Unicode.Scalar.Properties) -> Bool) -> Int {
        Self.assigned.count { set.contains($0.value) != holds($0.properties) }
    }

    @Test("General categories")
    func categories() throws {
        let categories: [(name: String, category: Unicode.GeneralCategory)] = [
            ("Lu", .uppercaseLetter), ("Ll", .lowercaseLetter), ("Lt", .titlecaseLetter), ("Lm", .modifierLetter),
            ("Lo", .otherLetter), ("Mn", .nonspacingMark), ("Mc", .spacingMark), ("Me", .enclosingMark),
            ("Nd", .decimalNumber), ("Nl", .letterNumber), ("No", .otherNumber), ("Pc", .connectorPunctuation),
            ("Pd", .dashPunctuation), ("Ps", .openPunctuation), ("Pe", .closePunctuation),
            ("Pi", .initialPunctuation), ("Pf", .finalPunctuation), ("Po", .otherPunctuation), ("Sm", .mathSymbol),
            ("Sc", .currencySymbol), ("Sk", .modifierSymbol), ("So", .otherSymbol), ("Zs", .spaceSeparator),
            ("Zl", .lineSeparator), ("Zp", .paragraphSeparator), ("Cc", .control), ("Cf", .format),
            ("Co", .privateUse),
        ]
        for (name, category) in categories {
            let set = try #require(UnicodeProperty.set(name.utf8))
            #expect(!set.isEmpty)
            // Between neighbouring versions a handful of characters changes category.
            #expect(difference(set) { $0.generalCategory == category } <= 5, "\(name)")
        }
        let all = categories.compactMap { UnicodeProperty.set($0.name.utf8) } + [UnicodeProperty.set("Cn".utf8)!]
        #expect(all.reduce(0) { $0 + $1.count } == ScalarSet.all.count)
        #expect(all.reduce(ScalarSet()) { $0.union($1) } == .all)
    }

    @Test("Binary properties")
    func binary() throws {
        let properties: [(name: String, holds: (Unicode.Scalar.Properties) -> Bool)] = [
            ("Alphabetic", \.isAlphabetic), ("Uppercase", \.isUppercase), ("Lowercase", \.isLowercase),
            ("White_Space", \.isWhitespace), ("Math", \.isMath), ("ID_Start", \.isIDStart), ("XIDC", \.isXIDContinue),
            ("Cased", \.isCased), ("Dash", \.isDash), ("Emoji", \.isEmoji), ("Hex", \.isHexDigit),
            ("Ideo", \.isIdeographic),
            ("Join_Control", \.isJoinControl), ("QMark", \.isQuotationMark), ("DI", \.isDefaultIgnorableCodePoint),
        ]
        for (name, holds) in properties {
            let set = try #require(UnicodeProperty.set(name.utf8))
            #expect(!set.isEmpty)
            #expect(difference(set, holds) <= 5, "\(name)")
        }
    }

    @Test("Names are found in any spelling, and unknown ones are not")
    func names() {
        let lower = UnicodeProperty.set("Ll".utf8)
        for name in [
            "lowercase letter", "Lowercase_Letter", "LOWERCASE-LETTER", "gc=Ll", "General_Category: ll", "isLl",
        ] {
            #expect(UnicodeProperty.set(name.utf8) == lower, "\(name)")
        }
        for name in ["", "=", "gc=", "gc=Greek", "Xx", "sc=Ll", "Alphabetic=2", "Ll=Ll=Ll", "!Ll!"] {
            #expect(UnicodeProperty.set(name.utf8) == nil, "\(name)")
        }
        #expect(UnicodeProperty.set("Alphabetic=No".utf8) == UnicodeProperty.set("Alphabetic".utf8)?.complement)
        #expect(UnicodeProperty.set("Greek".utf8)?.contains(0x3B1) == true)
        #expect(UnicodeProperty.set("sc=Deva".utf8)?.contains(0x951) == false)
        #expect(UnicodeProperty.set("scx=Deva".utf8)?.contains(0x951) == true)
    }

    @Test("Case folding joins letters with their simple mappings, and nothing with two")
    func folding() {
        for scalar in Self.assigned where scalar.properties.isCased && scalar.value != 0x130 && scalar.value != 0x131 {
            let closure = CaseFolding.closure(of: ScalarSet(scalar), isUnicode: true)
            for mapped in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
                guard mapped.unicodeScalars.count == 1, let other = mapped.unicodeScalars.first,
                    other.properties.age.map({ $0.major <= 15 }) ?? false
                else { continue }
                #expect(closure.contains(other.value), "\(scalar) and \(other)")
            }
            #expect(closure.contains(scalar.value) && closure.count <= 4)
            // An equivalence: from any member the same set.
            for range in closure.ranges {
                for member in range {
                    let again = CaseFolding.closure(of: ScalarSet([member...member]), isUnicode: true)
                    #expect(again == closure, "\(scalar)")
                }
            }
        }
        #expect(CaseFolding.closure(of: ScalarSet("k"), isUnicode: true) == ScalarSet("k", "K", "\u{212A}"))
        #expect(CaseFolding.closure(of: ScalarSet("k"), isUnicode: false) == ScalarSet("k", "K"))
        #expect(CaseFolding.closure(of: ScalarSet("i"), isUnicode: true) == ScalarSet("i", "I"))
        #expect(
            CaseFolding.closure(of: ScalarSet([0x40...0x5B]), isUnicode: false)
                == ScalarSet([0x40...0x5B, 0x61...0x7A]))
    }
}
