import QPFormats
import QPTestInputs
import Testing

@testable import QPConstraints

@Suite struct NumberAlgebraTests {
    /// A random set, and what decides it by plain arithmetic in tenths.
    struct Sample {
        let set: NumberSet
        let contains: (Int) -> Bool
        let name: String
    }

    static func number(tenths: Int) -> JSONNumber {
        try! JSONNumber(parsing: "\(tenths)e-1")
    }

    static func random(_ depth: Int, _ generator: inout SplitMix) throws(ConstraintError) -> Sample {
        if depth == 0 || Int.random(in: 0..<4, using: &generator) == 0 {
            let bound = Int.random(in: -40...40, using: &generator)
            let number = number(tenths: bound)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: return Sample(set: .atLeast(number), contains: { $0 >= bound }, name: "≥\(bound)")
            case 1: return Sample(set: .above(number), contains: { $0 > bound }, name: ">\(bound)")
            case 2: return Sample(set: .atMost(number), contains: { $0 <= bound }, name: "≤\(bound)")
            case 3: return Sample(set: .below(number), contains: { $0 < bound }, name: "<\(bound)")
            case 4:
                let values = (0..<3).map { _ in Int.random(in: -40...40, using: &generator) }
                return Sample(
                    set: .values(values.map { Self.number(tenths: $0) }), contains: { values.contains($0) },
                    name: "\(values)")
            case 5: return Sample(set: .integers, contains: { $0 % 10 == 0 }, name: "ℤ")
            default:
                let multiple = [1, 2, 3, 5, 7, 10, 15, 20, 30, 60, 100].randomElement(using: &generator)!
                return Sample(
                    set: try .multiples(of: Self.number(tenths: multiple)), contains: { $0 % multiple == 0 },
                    name: "\(multiple)·k")
            }
        }
        let left = try random(depth - 1, &generator)
        if Int.random(in: 0..<4, using: &generator) == 0 {
            return Sample(set: try left.set.complement(), contains: { !left.contains($0) }, name: "¬\(left.name)")
        }
        let right = try random(depth - 1, &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            return Sample(
                set: try left.set.intersection(right.set), contains: { left.contains($0) && right.contains($0) },
                name: "(\(left.name) ∩ \(right.name))")
        case 1:
            return Sample(
                set: try left.set.union(right.set), contains: { left.contains($0) || right.contains($0) },
                name: "(\(left.name) ∪ \(right.name))")
        default:
            return Sample(
                set: try left.set.subtracting(right.set), contains: { left.contains($0) && !right.contains($0) },
                name: "(\(left.name) − \(right.name))")
        }
    }

    @Test("the Boolean operations are those of the members", arguments: 1...400)
    func operations(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let sample = try Self.random(4, &generator)
        for tenths in -120...120 {
            #expect(
                sample.set.contains(Self.number(tenths: tenths)) == sample.contains(tenths),
                "\(tenths) tenths in \(sample.name), seed \(seed)")
        }
    }

    @Test("a set is empty exactly when it has no member", arguments: 1...400)
    func emptiness(seed: Int) throws {
        var generator = SplitMix(seed: UInt64(seed))
        let sample = try Self.random(3, &generator)
        let complement = try sample.set.complement()
        #expect(try sample.set.isDisjoint(with: complement), "\(sample.name), seed \(seed)")
        #expect(try sample.set.union(complement).complement().isEmpty, "\(sample.name), seed \(seed)")
        #expect(try sample.set.subtracting(sample.set).isEmpty, "\(sample.name), seed \(seed)")
        if sample.set.isEmpty {
            #expect(!(-2000...2000).contains(where: sample.contains), "\(sample.name), seed \(seed)")
        } else if let members = sample.set.members(atMost: 10_000) {
            #expect(!members.isEmpty && members.allSatisfy(sample.set.contains), "\(sample.name), seed \(seed)")
            let tenths = (-2000...2000).filter(sample.contains).map(Self.number(tenths:))
            #expect(members == tenths, "\(sample.name), seed \(seed)")
        }
    }

    @Test("multiples and what is none of them between bounds are found exactly")
    func exactEmptiness() throws {
        func multiples(_ text: String) throws -> NumberSet { try .multiples(of: NumberSetTests.number(text)) }
        let gap = try NumberSetTests.interval("(7000000000000000000000000, 7000000000000000000000007)")
        #expect(try gap.intersection(multiples("7")).isEmpty)
        #expect(try !gap.intersection(multiples("6")).isEmpty)
        #expect(try NumberSetTests.interval("(0.1,0.2)").intersection(multiples("0.1")).isEmpty)
        #expect(try !NumberSetTests.interval("(0.1,0.2]").intersection(multiples("0.1")).isEmpty)
        #expect(try NumberSetTests.interval("(0,1)").intersection(.integers).isEmpty)
        #expect(try NumberSetTests.interval("(-1,1)").intersection(.integers).members(atMost: 1) == [JSONNumber(0)])
        // 2…5 have a factor of 2 or 3 or 5; 7 is the first that has none.
        var rest = try NumberSetTests.interval("[2,6]").intersection(.integers)
        for factor in ["2", "3", "5"] { rest = try rest.subtracting(multiples(factor)) }
        #expect(rest.isEmpty)
        rest = try NumberSetTests.interval("[2,7]").intersection(.integers)
        for factor in ["2", "3", "5"] { rest = try rest.subtracting(multiples(factor)) }
        #expect(rest.members(atMost: 6) == [JSONNumber(7)])
        #expect(try multiples("1000000000").subtracting(.integers).isEmpty)
        #expect(try NumberSet.integers.union(NumberSet.integers.complement()) == .all)
    }

    @Test("numbers of a hundred thousand digits are decided by arithmetic on their exponents")
    func largeExponents() throws {
        let thirds = try NumberSet.multiples(of: NumberSetTests.number("3e-100000"))
        // A number is a multiple of 3 if the sum of its digits is.
        #expect(
            thirds.contains(NumberSetTests.number("12e99999")) && !thirds.contains(NumberSetTests.number("1e100000")))
        let values = NumberSet.values((1...9999).map { NumberSetTests.number("\($0)e99990") })
        #expect(try values.intersection(thirds).segments.count == 3333)
        let error = #expect(throws: ConstraintError.self) {
            try NumberSet.integers.intersection(.atMost(NumberSetTests.number("1e2001")))
        }
        #expect(
            error?.description == """
                the multiples of 1 up to 1e2001 are not enforced: they differ by more than 2000 powers of ten
                Give a smaller bound, or a larger multipleOf.
                """)
        #expect(try !NumberSet.integers.intersection(.atMost(NumberSetTests.number("1e2000"))).isEmpty)
    }

    @Test("multiples that combine beyond 18 digits are an error, not a looser set")
    func limits() throws {
        let left = try NumberSet.multiples(of: NumberSetTests.number("999999999989"))
        let right = try NumberSet.multiples(of: NumberSetTests.number("999999999961"))
        let error = #expect(throws: ConstraintError.self) { try left.intersection(right) }
        #expect(
            error?.description
                == "the common multiples of 999999999989 and 999999999961 have more than 18 digits")
        #expect(throws: ConstraintError.self) {
            try NumberSet.multiples(of: NumberSetTests.number("1234567890123456789"))
        }
    }
}
