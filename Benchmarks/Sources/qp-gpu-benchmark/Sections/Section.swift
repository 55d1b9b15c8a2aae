import ArgumentParser

/// The parts of a run, in their order.
enum Section: String, CaseIterable, Codable, ExpressibleByArgument {
    case scan
    case types
    case gather
    case steps
    case screen
    case overheads
    case error
    case memory
    case planner

    /// Whether it runs for every shape, or for the first alone.
    var isPerShape: Bool {
        switch self {
        case .scan, .types, .gather, .steps, .screen, .error: true
        case .overheads, .memory, .planner: false
        }
    }
}
