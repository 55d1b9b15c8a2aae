import Foundation
import QPCore
import Testing

@testable import QPPlanner

@Suite struct SavedRouterTests {
    /// Saved in the middle of a run, a router goes on as the one that was not saved.
    private func check<R: Router & Equatable>(_ made: R) throws {
        var router = made
        var generator = PhiloxGenerator(seed: 77)
        func step(_ router: inout R, _ generator: inout PhiloxGenerator) -> RouterChoice {
            var context = RouterContext.priced(1, 1.1, 0.9, 1.05, features: .random(using: &generator))
            context.features[0] = generator.uniform()
            let choice = router.choose(context, using: &generator)
            router.observe(RouterFeedback(context: context, choice: choice, loss: 0.5 + generator.uniform()))
            return choice
        }
        for _ in 0..<300 { _ = step(&router, &generator) }
        let json = try SavedRouter.encode(router)
        #expect(try SavedRouter.kind(of: json) == R.name)
        var loaded = try SavedRouter.decode(R.self, from: json)
        #expect(loaded == router, "\(R.name)")
        #expect(try SavedRouter.encode(loaded) == json)
        var other = generator
        for _ in 0..<300 { #expect(step(&router, &generator) == step(&loaded, &other), "\(R.name)") }
    }

    @Test func everyRouterGoesOnWhereItWasSaved() throws {
        try check(CostModelRouter())
        try check(CalibratedThresholdRouter(rule: .test, threshold: 0.4))
        try check(EpsilonGreedyRouter(armCount: 4))
        try check(LinUCBRouter(armCount: 4, bound: .paperA1))
        try check(LinearThompsonRouter(armCount: 4))
        try check(SlidingWindowLinUCBRouter(armCount: 4, window: 50))
        try check(RestartLinUCBRouter(armCount: 4, restartInterval: 70))
        try check(ThresholdExpertsRouter(rule: .test, thresholds: [0.2, 0.6], learningRate: 0.1))
        try check(ResidualLinUCBRouter())
    }

    @Test func anArmThatCannotServeIsNullInAContext() throws {
        let context = RouterContext.priced(1, .infinity, 2.5, features: SIMD8(first: [0.25]))
        let json = try JSONEncoder().encode(context)
        #expect(String(decoding: json, as: UTF8.self).contains("[1,null,2.5,null,null,null,null,null]"))
        #expect(try JSONDecoder().decode(RouterContext.self, from: json) == context)
        let short = Data(#"{"features":[0,0,0,0,0,0,0,0],"predictedLoss":[1,2]}"#.utf8)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(RouterContext.self, from: short) }
    }

    private func text(_ replacing: (String, String)...) throws -> [UInt8] {
        var text = String(decoding: try SavedRouter.encode(try EpsilonGreedyRouter()), as: UTF8.self)
        for (old, new) in replacing {
            #expect(text.contains(old), "\(text) has no \(old)")
            text = text.replacingOccurrences(of: old, with: new)
        }
        return [UInt8](text.utf8)
    }

    private func message<R: Router>(_ type: R.Type, _ json: [UInt8]) -> String? {
        do {
            _ = try SavedRouter.decode(type, from: json)
            return nil
        } catch { return "\(error)" }
    }

    @Test func anotherVersionIsRefused() throws {
        #expect(
            message(EpsilonGreedyRouter.self, try text(("\"version\":1", "\"version\":2")))
                == "the saved router has version 2, but this program reads version 1; start with a new router")
        // Of another version nothing else is read.
        let json = Array(#"{"kind": "fromTheFuture", "version": 3}"#.utf8)
        #expect(throws: RouterError.version(found: 3, supported: 1)) { try SavedRouter.kind(of: json) }
    }

    @Test func anotherKindIsRefused() throws {
        #expect(
            message(LinUCBRouter.self, try text())
                == "the saved router is of kind epsilonGreedy, not linUCB; load it as epsilonGreedy, "
                + "or start with a new router")
    }

    @Test func damagedTextIsRefused() throws {
        #expect(
            message(EpsilonGreedyRouter.self, Array("{".utf8))
                == "the saved router cannot be read as epsilonGreedy: it is not JSON; start with a new router")
        #expect(
            message(EpsilonGreedyRouter.self, try text(("\"epsilon\"", "\"delta\"")))
                == "the saved router cannot be read as epsilonGreedy: epsilon is missing; start with a new router")
        #expect(
            message(EpsilonGreedyRouter.self, try text(("\"epsilon\":0.05", "\"epsilon\":\"x\"")))
                == "the saved router cannot be read as epsilonGreedy: epsilon is of the wrong type; "
                + "start with a new router")
        // A parameter that no initializer would take.
        #expect(
            throws: RouterError.outOfRange(.epsilon, value: 7)
        ) { try SavedRouter.decode(EpsilonGreedyRouter.self, from: try text(("\"epsilon\":0.05", "\"epsilon\":7"))) }
    }

    @Test func stateThatNoRunReachesIsRefused() throws {
        func refuses<R: Router>(_ router: R, _ old: String, _ new: String) throws {
            let json = String(decoding: try SavedRouter.encode(router), as: UTF8.self)
            #expect(json.contains(old), "\(json.prefix(200)) has no \(old)")
            let broken = json.replacingOccurrences(of: old, with: new)
            #expect(throws: RouterError.self) { try SavedRouter.decode(R.self, from: [UInt8](broken.utf8)) }
        }
        try refuses(
            ThresholdExpertsRouter(rule: .test, thresholds: [0.1, 0.2], learningRate: 1), "\"logWeights\":[0,0]",
            "\"logWeights\":[900,0]")
        try refuses(
            RestartLinUCBRouter(restartInterval: 5), "\"observationCount\":0", "\"observationCount\":9")
        try refuses(EpsilonGreedyRouter(), "\"counts\":[0,", "\"counts\":[-1,")
        try refuses(ResidualLinUCBRouter(), "\"step\":0", "\"step\":-4")
    }

    @Test func stateThatDoesNotFitItsParametersIsRefused() throws {
        let json = String(decoding: try SavedRouter.encode(try SlidingWindowLinUCBRouter(window: 3)), as: UTF8.self)
        func broken(_ old: String, _ new: String) -> String? {
            #expect(json.contains(old))
            return message(
                SlidingWindowLinUCBRouter.self, [UInt8](json.replacingOccurrences(of: old, with: new).utf8))
        }
        #expect(
            broken("\"window\":3", "\"window\":4")
                == "the saved router cannot be read as slidingWindowLinUCB: its ring of 3 does not fit a window of 4; "
                + "start with a new router")
        #expect(
            broken("\"armCount\":8", "\"armCount\":7")
                == "the saved router cannot be read as slidingWindowLinUCB: it has 8 models for 7 arms; "
                + "start with a new router")
    }
}
