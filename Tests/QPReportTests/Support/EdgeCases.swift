import QPCore
import QPPlanner

/// Profiles that a report must survive.
enum EdgeCase: String, CaseIterable, Sendable {
    case usual
    case noHeads
    case noCeilings
    case nothingMeasured
    case noCrossover
    case noName
    case emptySamples
    case singleTokenCount
    case hugeVocabulary
    case impossibleShape
    case notNumbers
    case severalPatterns
    case hostileNames

    static let hostile = "<script>alert(\"x\")</script> & 'y' \u{1B}[2J]]>"

    var profile: Profile {
        var profile = SyntheticProfile.empty()
        switch self {
        case .usual: return SyntheticProfile.make()
        case .noHeads: return profile
        case .noCeilings:
            profile.ceilings = []
            profile.heads = [head()]
        case .nothingMeasured: profile.heads = [head(batches: [])]
        case .noCrossover:
            profile.heads = [head { $0.crossovers = [.none(reason: "sparse is cheaper at every K measured")] }]
        case .noName:
            profile.heads = [
                head {
                    $0.name = nil
                    $0.headShareOfWeights = nil
                }
            ]
        case .emptySamples: profile.heads = [head { head in head.samples.mapInPlace { $0.durationsMicroseconds = [] } }]
        case .singleTokenCount: profile.heads = [head { $0.curves.mapInPlace { $0.points = [$0.points[0]] } }]
        case .hugeVocabulary: profile.heads = [head(vocabularySize: HeadShape.maximumVocabularySize)]
        case .impossibleShape: profile.heads = [head { $0.vocabularySize = .max }]
        case .notNumbers: profile.heads = [head { $0.spoil() }]
        case .severalPatterns:
            profile.heads = [
                head { head in
                    head.curves += head.curves.map { curve in
                        var other = curve
                        other.pattern = .contiguous
                        return other
                    }
                }
            ]
        case .hostileNames:
            profile.device.name = Self.hostile
            profile.device.driver = Self.hostile
            profile.noise.explanation = Self.hostile
            profile.heads = [
                head { head in
                    head.name = Self.hostile
                    head.tunings.mapInPlace { $0.candidates[0].variant = Self.hostile }
                    head.fits.mapInPlace { $0.boundBy = Self.hostile }
                    head.crossovers = [.none(reason: Self.hostile)]
                }
            ]
        }
        return profile
    }

    private func head(
        vocabularySize: Int = 4096, batches: [Int] = [1], change: (inout HeadProfile) -> Void = { _ in }
    ) -> HeadProfile {
        var builder = SyntheticHead(
            name: "Small", vocabularySize: vocabularySize, hiddenSize: 64, headShareOfWeights: 0.04)
        var head = builder.build(batches: batches)
        change(&head)
        return head
    }
}

extension Crossover {
    static func none(reason: String) -> Crossover {
        Crossover(
            between: [.sparse, .dense], batch: 1, pattern: .uniform, allowedTokenCount: nil, reason: reason, low: nil,
            high: nil, bandLow: nil, bandHigh: nil, wrongChoiceRatioAtHalf: nil, wrongChoiceRatioAtDouble: nil,
            heldOutCorrectShare: nil, heldOutCount: 0)
    }
}

extension HeadProfile {
    /// Every number that can be NaN or infinite is.
    fileprivate mutating func spoil() {
        headShareOfWeights = .nan
        samples.mapInPlace { $0.durationsMicroseconds = [.nan, .infinity, -1, 0] }
        tunings.mapInPlace {
            $0.sharedOrderScanRatio = .infinity
            $0.candidates[0].scanMicroseconds = .nan
        }
        fits.mapInPlace {
            $0.fixedMicroseconds = .nan
            $0.roofMicrosecondsPerRow = 0
            $0.slowdown = .infinity
            $0.utilisation = .nan
            $0.heldOutMedianRelativeError = .infinity
        }
        curves.mapInPlace { curve in curve.points.mapInPlace { $0.nanoseconds = 0 } }
        crossovers.mapInPlace {
            $0.wrongChoiceRatioAtHalf = .infinity
            $0.bandLow = $0.bandHigh.map { $0 + 1 }
        }
    }
}

extension Array {
    fileprivate mutating func mapInPlace(_ change: (inout Element) -> Void) {
        for index in indices { change(&self[index]) }
    }
}
