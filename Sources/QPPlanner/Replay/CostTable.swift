public import QPCore

/// Measured times of steps at every K that traces ask for: what a replay charges.
///
/// The readings of each cell fall into two halves. Whoever may look ahead, the oracle and the best fixed plan, looks at
/// one half's medians; everybody is charged the other half's. So nobody profits from noise that they were shown.
public struct CostTable: Codable, Equatable, Sendable {
    /// The arms, in order.
    public var forms: [StepName]
    /// One for each distinct K, ascending.
    public var rows: [Row]

    /// Readings at one K.
    public struct Row: Codable, Equatable, Sendable {
        public var allowedTokenCount: Int
        /// Microseconds `[form][reading]`, in the order they were taken.
        public var microseconds: [[Double]]

        public init(allowedTokenCount: Int, microseconds: [[Double]]) {
            self.allowedTokenCount = allowedTokenCount
            self.microseconds = microseconds
        }
    }

    /// - Precondition: two readings of every form at every K.
    public init(forms: [StepName], rows: [Row]) {
        precondition(
            rows.allSatisfy { $0.microseconds.count == forms.count && $0.microseconds.allSatisfy { $0.count >= 2 } })
        self.forms = forms
        self.rows = rows.sorted { $0.allowedTokenCount < $1.allowedTokenCount }
    }

    /// Which readings.
    public enum Half: Sendable {
        /// Those with even number: who looks ahead looks here.
        case shown
        /// Those with odd number: everybody pays these.
        case charged
    }

    /// Readings of one half.
    public static func readings(_ all: [Double], _ half: Half) -> [Double] {
        all.indices.filter { ($0 % 2 == 0) == (half == .shown) }.map { all[$0] }
    }

    /// Medians `[row][form]` of one half, in microseconds.
    public func medians(_ half: Half) -> [SIMD8<Double>] {
        rows.map { row in
            var result = SIMD8<Double>(repeating: .infinity)
            for form in forms.indices { result[form] = Statistics.median(Self.readings(row.microseconds[form], half))! }
            return result
        }
    }

    /// Position of K.
    public func index(of allowedTokenCount: Int) -> Int? {
        rows.firstIndex { $0.allowedTokenCount == allowedTokenCount }
    }
}
