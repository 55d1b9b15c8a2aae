import Foundation
import QPCore
import Testing

@testable import QPPlanner

/// Step by step against a public implementation; `scripts/router-fixture` makes the file.
@Suite struct RouterFixtureTests {
    private struct Fixture: Decodable {
        struct LinUCBStep: Decodable {
            let features: [Double]
            let losses: [Double]
            let arm: Int
            let lowerBounds: [Double]
        }

        struct ThompsonStep: Decodable {
            let means: [Double]
            let variances: [Double]
        }

        let source: String
        let beta: Double
        let posteriorScale: Double
        let ridge: Double
        let linUCB: [LinUCBStep]
        let thompson: [ThompsonStep]
    }

    private func fixture() throws -> Fixture {
        try JSONDecoder().decode(Fixture.self, from: Data(PackageResources.mabwiser_json))
    }

    @Test func linUCBTakesTheSameArmsByTheSameBounds() throws {
        let fixture = try fixture()
        var router = try LinUCBRouter(armCount: 4, beta: fixture.beta, ridge: fixture.ridge)
        #expect(fixture.linUCB.count == 40)
        // A run that never explores or never settles would compare little.
        #expect(Set(fixture.linUCB.map(\.arm)).count == 4)
        for (index, step) in fixture.linUCB.enumerated() {
            let context = RouterContext.priced(1, 1, 1, 1, features: SIMD8(first: step.features))
            for arm in 0..<4 {
                let estimate = router.models[arm].estimate(context.features)
                let bound = estimate.mean - fixture.beta * estimate.width
                #expect(difference(bound, step.lowerBounds[arm]) < 1e-10, "step \(index), arm \(arm)")
            }
            #expect(router.arm(context) == step.arm, "step \(index), \(fixture.source)")
            router.learn(context, arm: step.arm, loss: step.losses[step.arm])
        }
    }

    /// The draws differ by generator and factorisation; what they are drawn from must not.
    @Test func thompsonDrawsFromTheSamePosterior() throws {
        let fixture = try fixture()
        var router = try LinearThompsonRouter(
            armCount: 4, posteriorScale: fixture.posteriorScale, ridge: fixture.ridge)
        for (index, (step, shared)) in zip(fixture.thompson, fixture.linUCB).enumerated() {
            let context = RouterContext.priced(1, 1, 1, 1, features: SIMD8(first: shared.features))
            for arm in 0..<4 {
                let estimate = router.models[arm].estimate(context.features)
                let deviation = fixture.posteriorScale * estimate.width
                #expect(difference(estimate.mean, step.means[arm]) < 1e-10, "step \(index), arm \(arm)")
                #expect(difference(deviation * deviation, step.variances[arm]) < 1e-10, "step \(index), arm \(arm)")
            }
            router.learn(context, arm: index % 4, loss: shared.losses[index % 4])
        }
    }
}
