import Foundation
import QPCore
import Testing

@testable import QPPlanner

@Suite struct LinearAlgebraTests {
    /// Plain loops, to compare with.
    private func product(_ a: SymmetricMatrix8, _ b: SymmetricMatrix8) -> [[Double]] {
        (0..<8).map { row in
            (0..<8).map { column in (0..<8).reduce(0) { $0 + a[row][$1] * b[$1][column] } }
        }
    }

    private func distance(_ a: SymmetricMatrix8, _ b: SymmetricMatrix8) -> Double {
        (0..<8).map { row in (0..<8).map { difference(a[row][$0], b[row][$0]) }.max()! }.max()!
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func aMatrixTimesItsInverseIsOne(seed: UInt64) throws {
        var generator = PhiloxGenerator(seed: seed)
        var matrix = SymmetricMatrix8(diagonal: SIMD8(repeating: 0.1))
        for _ in 0..<12 { matrix.add(generator.uniform() + 0.1, outer: .random(using: &generator)) }
        let product = product(matrix, try #require(matrix.inverse()))
        for row in 0..<8 {
            for column in 0..<8 {
                #expect(abs(product[row][column] - (row == column ? 1 : 0)) < 1e-12, "seed \(seed)")
            }
        }
    }

    @Test func onlyPositiveDefiniteMatricesAreInverted() {
        #expect(SymmetricMatrix8(diagonal: .zero).inverse() == nil)
        var indefinite = SymmetricMatrix8(diagonal: SIMD8(repeating: 1))
        indefinite.add(-2, outer: SIMD8(first: [0.6, 0.6, 0.6]))
        #expect(indefinite.inverse() == nil)
        #expect(SymmetricMatrix8(diagonal: SIMD8(repeating: .nan)).inverse() == nil)
        #expect(SymmetricMatrix8(diagonal: SIMD8(repeating: 4)).inverse()?[3][3] == 0.25)
    }

    @Test func productsFollowTheirDefinition() {
        var generator = PhiloxGenerator(seed: 5)
        var matrix = SymmetricMatrix8(diagonal: .random(using: &generator))
        matrix.add(0.7, outer: .random(using: &generator))
        let x = SIMD8<Double>.random(using: &generator)
        let times = matrix.times(x)
        var form = 0.0
        for row in 0..<8 {
            let expected = (0..<8).reduce(0.0) { $0 + matrix[row][$1] * x[$1] }
            #expect(difference(times[row], expected) < 1e-14)
            form += x[row] * expected
        }
        #expect(difference(matrix.quadraticForm(x), form) < 1e-14)

        var scaled = matrix
        scaled.scale(by: 0.5, adding: SIMD8(repeating: 2))
        #expect(scaled[2][5] == matrix[2][5] / 2)
        #expect(scaled[4][4] == matrix[4][4] / 2 + 2)

        var rescaled = matrix
        rescaled.rescale(lane: 3, by: 2)
        #expect(rescaled[3][3] == 4 * matrix[3][3])
        #expect(rescaled[3][6] == 2 * matrix[3][6])
        #expect(rescaled[6][3] == rescaled[3][6])
        #expect(rescaled[5][6] == matrix[5][6])
    }

    @Test func aMatrixSurvivesCoding() throws {
        var generator = PhiloxGenerator(seed: 6)
        var matrix = SymmetricMatrix8(diagonal: .random(using: &generator))
        matrix.add(0.7, outer: .random(using: &generator))
        let data = try JSONEncoder().encode(matrix)
        #expect(try JSONDecoder().decode(SymmetricMatrix8.self, from: data) == matrix)
    }

    /// 200,000 changes in a window that is barely wide enough: off by 2·10⁻⁸, and by 1.4·10⁻⁵ without the exact
    /// inversions between them.
    @Test func theKeptInverseStaysTheDirectOne() throws {
        let seed: UInt64 = 7
        var generator = PhiloxGenerator(seed: seed)
        var model = RidgeModel(ridge: 1e-6)
        var window: [(x: SIMD8<Double>, y: Double)] = []
        var worst = 0.0
        for step in 0..<100_000 {
            if window.count == 9 {
                let oldest = window.removeFirst()
                model.remove(oldest.x, oldest.y)
            }
            let entry = (x: SIMD8<Double>.random(using: &generator), y: generator.uniform())
            window.append(entry)
            model.add(entry.x, entry.y)
            guard step % 997 == 0 else { continue }
            var gram = SymmetricMatrix8(diagonal: SIMD8(repeating: 1e-6))
            var moment = SIMD8<Double>.zero
            for entry in window {
                gram.add(1, outer: entry.x)
                moment += entry.x * entry.y
            }
            let direct = try #require(gram.inverse())
            worst = max(worst, distance(model.inverse, direct))
            let theta = direct.times(moment)
            for index in 0..<8 { worst = max(worst, difference(model.coefficients[index], theta[index])) }
        }
        #expect(worst < 1e-6, "seed \(seed): off by \(worst)")
    }

    @Test func aRidgeModelFindsTheLine() {
        var generator = PhiloxGenerator(seed: 8)
        let truth = SIMD8<Double>.random(using: &generator)
        var model = RidgeModel(ridge: 1e-6)
        for _ in 0..<300 {
            let x = SIMD8<Double>.random(using: &generator)
            model.add(x, (x * truth).sum())
        }
        for index in 0..<8 { #expect(abs(model.coefficients[index] - truth[index]) < 1e-5) }
        let before = RidgeModel(ridge: 4).estimate(SIMD8(first: [0.6, 0.8]))
        #expect(before.mean == 0 && before.width == 0.5)
    }
}
