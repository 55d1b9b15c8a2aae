import QPPlanner
import Testing

@Suite struct EpsilonEquivalenceTests {
    @Test func equalScoresAreZeroEquivalent() {
        let found = EpsilonEquivalence(allowed: [3, 8, 9], first: [1, 2, -1], second: [1, 2, -1])
        #expect(found.holds(epsilon: 0) && found.tokens == (8, 8) && found.token == nil)
    }

    @Test func theLargestDifferenceIsNamed() {
        let found = EpsilonEquivalence(allowed: [3, 8, 9], first: [1, 2, -1], second: [1.25, 2, -1.5])
        #expect(found.greatestScoreDifference == 0.5 && found.token == 9 && found.sameToken)
        #expect(found.holds(epsilon: 0.5) && !found.holds(epsilon: 0.49))
    }

    /// Scores may be close and the token another: that is no equivalence, whatever ε.
    @Test func anotherTokenIsNoEquivalence() {
        let found = EpsilonEquivalence(allowed: [3, 8], first: [1, 1.001], second: [1.001, 1])
        #expect(!found.sameToken && !found.holds(epsilon: 1))
    }

    @Test func tiesGoToTheLowerID() {
        #expect(EpsilonEquivalence(allowed: [9, 3], first: [1, 1], second: [1, 1]).tokens == (3, 3))
    }

    @Test func whatIsNotFiniteNeverWins() {
        let found = EpsilonEquivalence(
            allowed: [1, 2, 3], first: [.nan, 1, .infinity], second: [.nan, 1, 0.5])
        #expect(found.tokens == (2, 2) && found.finitenessMismatchCount == 1 && !found.holds(epsilon: 1))
        let none = EpsilonEquivalence(allowed: [1], first: [.nan], second: [.nan])
        #expect(none.tokens == (nil, nil) && none.holds(epsilon: 0))
    }

    @Test func aReportCountsByPlan() {
        var report = VerificationReport()
        func add(
            _ step: Int, _ answer: VerificationReport.Answer, _ dense: VerificationReport.Answer,
            to report: inout VerificationReport
        ) {
            report.add(plan: "sparse", step: step, batchRow: 0, allowedTokenCount: 5, answer, dense: dense)
        }
        let dense = VerificationReport.Answer(token: 3, runnerUp: 7, scores: [1, 0.5])
        add(0, dense, dense, to: &report)
        // A plan that gives the token alone is asked for no more.
        add(0, .init(token: 3), dense, to: &report)
        #expect(report.isClean)
        add(1, .init(token: 4, runnerUp: 7, scores: [1, 0.25]), dense, to: &report)
        #expect(!report.isClean && report.tokenMismatches == ["sparse": 1] && report.greatestScoreDifference == 0.25)
        #expect(report.examples.map(\.step) == [1])
        // Another runner-up of the same score, and none at all: mismatches whose difference is a number.
        add(2, .init(token: 3, runnerUp: 8, scores: [1, 0.5]), dense, to: &report)
        add(3, .init(token: 3, runnerUp: nil, scores: [1, -.infinity]), dense, to: &report)
        #expect(report.tokenMismatches == ["sparse": 3] && report.greatestScoreDifference == 0.25)
        // Two runners-up that do not exist are no difference.
        var single = VerificationReport()
        let one = VerificationReport.Answer(token: 3, scores: [1, -.infinity])
        add(0, one, one, to: &single)
        #expect(single.isClean)
    }
}
