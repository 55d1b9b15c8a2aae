import QPConstraints
import QPFormats
import Testing

@Suite struct SchemaRandomTests {
    /// What random schemas and instances came to.
    struct Tally {
        var compiled = 0
        var unsatisfiable = 0
        var allowed = 0
        var forbidden = 0
    }

    @Test("Random schemas allow exactly what the specification's text does", arguments: 0..<8)
    func agreement(_ part: Int) throws {
        var tally = Tally()
        for seed in UInt64(part) * 1_000_000..<UInt64(part) * 1_000_000 + 100 { try check(seed, &tally) }
        // A test that judges nothing would pass as well.
        #expect(tally.compiled > 60 && tally.allowed > 500 && tally.forbidden > 100)
    }

    private func check(_ seed: UInt64, _ tally: inout Tally) throws {
        var generator = SchemaGenerator(seed: seed)
        let schema = generator.document()
        let validator = ReferenceValidator(root: schema)
        let instances = (0..<40).map { _ in generator.instance() }
        let grammar: Grammar
        do {
            grammar = try Grammar(jsonSchema: schema)
            tally.compiled += 1
        } catch {
            guard error.code == .unsatisfiable else { return }
            tally.unsatisfiable += 1
            for instance in instances where !validator.isCircular {
                #expect(!validator.isValid(instance) || validator.isCircular, "seed \(seed): \(instance) of \(schema)")
            }
            return
        }
        for instance in instances {
            let isValid = validator.isValid(instance)
            guard !validator.isCircular else { return }
            // Members in declared order are among all orders of them.
            var isAllowed = false
            for order in instance.orders(atMost: 2000) where !isAllowed {
                isAllowed = try grammar.accepts(order.serializedBytes())
            }
            if isValid { tally.allowed += 1 } else { tally.forbidden += 1 }
            #expect(isAllowed == isValid, "seed \(seed): \(instance) of \(schema)")
        }
    }
}
