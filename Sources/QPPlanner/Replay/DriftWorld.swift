internal import QPCore

/// How costs change while a trace is replayed: not at all, or one kernel's launch or streaming time by a factor.
///
/// A step's time is its launch, the least time of the cheapest form, plus what it streams. A world multiplies one of
/// the two for one family of kernels, scans or gathers.
public struct DriftWorld: Codable, Equatable, Sendable {
    /// How the factor comes on.
    public enum Pace: String, Codable, CaseIterable, Sendable {
        case none
        /// From the middle of the replay on.
        case abrupt
        /// In equal ratios from a quarter to three quarters of it.
        case slow
    }

    /// Whose time.
    public enum Family: String, Codable, CaseIterable, Sendable {
        case scan
        case gather
    }

    /// Which part of it.
    public enum Part: String, Codable, CaseIterable, Sendable {
        case launch
        case streaming
    }

    public var pace: Pace
    public var family: Family
    public var part: Part
    /// What the part is multiplied by in the end.
    public var factor: Double

    public init(pace: Pace, family: Family = .scan, part: Part = .streaming, factor: Double = 1) {
        self.pace = pace
        self.family = family
        self.part = part
        self.factor = factor
    }

    /// No change.
    public static let none = DriftWorld(pace: .none)

    /// A world of that pace, drawn by the seed: family and part at random, factor 3…8; of the draws, the first that
    /// `matters` accepts, since a drift that leaves every choice as it was judges nobody. The last of 200 where none
    /// is.
    static func random(_ pace: Pace, seed: UInt64, matters: (DriftWorld) -> Bool) -> DriftWorld {
        guard pace != .none else { return .none }
        var generator = PhiloxGenerator(seed: seed ^ 0xD21F)
        var world = DriftWorld.none
        for _ in 0..<200 {
            world = DriftWorld(
                pace: pace, family: Family.allCases.randomElement(using: &generator)!,
                part: Part.allCases.randomElement(using: &generator)!,
                factor: Double.random(in: 3...8, using: &generator))
            if matters(world) { break }
        }
        return world
    }

    /// The factor at `step` of `count`.
    func factor(at step: Int, of count: Int) -> Double {
        let t = Double(step) / Double(max(1, count))
        switch pace {
        case .none: return 1
        case .abrupt: return t < 0.5 ? 1 : factor
        case .slow: return ElementaryMath.power(factor, min(1, max(0, (t - 0.25) / 0.5)))
        }
    }

    /// The drifted time of a form.
    func apply(_ microseconds: Double, form: StepName, launch: Double, factor: Double) -> Double {
        let own: Family = form == .dense || form == .denseSkipping ? .scan : .gather
        guard own == family, factor != 1 else { return microseconds }
        let launch = min(launch, microseconds)
        switch part {
        case .launch: return microseconds + launch * (factor - 1)
        case .streaming: return microseconds + (microseconds - launch) * (factor - 1)
        }
    }
}
