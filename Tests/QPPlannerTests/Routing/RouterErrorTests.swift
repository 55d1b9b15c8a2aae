import QPCore
import Testing

@testable import QPPlanner

@Suite struct RouterErrorTests {
    /// What making a router throws.
    private func error(_ make: () throws -> some Router) -> String? {
        do {
            _ = try make()
            return nil
        } catch { return "\(error)" }
    }

    @Test func parametersOutOfRangeAreRefusedByName() {
        #expect(
            error { try LinUCBRouter(beta: -0.1) }
                == "the width factor β is -0.1; it must be finite and at least 0; 0.1…1 is usual")
        #expect(
            error { try LinUCBRouter(ridge: 0) } == "the ridge α is 0; it must be finite and above 0; 1 is usual")
        #expect(error { try LinUCBRouter(armCount: 9) } == "the number of arms is 9; it must lie in 1…8")
        #expect(
            error { try EpsilonGreedyRouter(epsilon: 1.5) }
                == "the random share ε is 1.5; it is a share of steps and must lie in 0…1; 0.05 is usual")
        #expect(
            error { try LinearThompsonRouter(posteriorScale: 0) }
                == "the posterior scale v is 0; it must be finite and above 0; the standard deviation of a loss is usual"
        )
        #expect(
            error { try SlidingWindowLinUCBRouter(window: 0) }
                == "the window is 0; it must be at least 1; some thousand observations are usual")
        #expect(
            error { try RestartLinUCBRouter(restartInterval: 0) }
                == "the restart interval is 0; it must be at least 1; some thousand observations are usual")
        #expect(
            error { try CalibratedThresholdRouter(rule: .test, threshold: -1) }
                == "the threshold τ is -1; it must be finite and at least 0")
        #expect(
            error { try ThresholdExpertsRouter(rule: .test, thresholds: [1], learningRate: 0) }
                == "the learning rate η is 0; it must be finite and above 0; "
                + "√(ln N / (A·T)) for N experts, A arms and T steps is usual")
        #expect(
            error { try ThresholdExpertsRouter(rule: .test, thresholds: [], learningRate: 1) }
                == "the number of thresholds is 0; give at least one")
        #expect(
            error { try ThresholdExpertsRouter(rule: .test, thresholds: [0.5, 0.5], learningRate: 1) }
                == "the threshold 0.5 follows 0.5; give thresholds in ascending order, each once")
        for discount in [0, 1.001, -1] {
            #expect(
                error { try ResidualLinUCBRouter(discount: discount) }?.hasSuffix(
                    "it must lie in (0, 1], where 1 forgets nothing; 0.999 remembers some 1000 steps") == true)
        }
        #expect(
            error { try ResidualLinUCBRouter(noise: 0) }
                == "the noise of a loss is 0; it is relative, and must be finite and above 0; 0.1 is usual")
        #expect(
            error { try ResidualLinUCBRouter(priorSpread: -1) }
                == "the spread of the cost model's error is -1; it is relative, and must be finite and above 0; "
                + "0.1 is usual")
        #expect(throws: RouterError.outOfRange(.feature, value: 8)) {
            try ThresholdRule(feature: 8, armBelow: 0, armFrom: 1)
        }
        #expect(throws: RouterError.outOfRange(.arm, value: -1)) {
            try ThresholdRule(feature: 0, armBelow: -1, armFrom: 1)
        }
    }

    @Test(arguments: RouterParameter.allCases)
    func noParameterTakesWhatIsNoNumber(parameter: RouterParameter) {
        for value in [Double.nan, .infinity, -.infinity] {
            #expect(throws: (any Error).self) { try parameter.check(value) }
        }
        let message = "\(RouterError.outOfRange(parameter, value: .infinity))"
        #expect(message.contains(" is inf; "))
    }

    @Test func bordersAreAllowed() throws {
        _ = try LinUCBRouter(armCount: 1, beta: 0)
        _ = try EpsilonGreedyRouter(epsilon: 0)
        _ = try EpsilonGreedyRouter(epsilon: 1)
        _ = try ResidualLinUCBRouter(discount: 1)
        _ = try SlidingWindowLinUCBRouter(window: 1)
        _ = try CalibratedThresholdRouter(rule: .test, threshold: 0)
    }
}
