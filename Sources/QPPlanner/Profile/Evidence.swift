/// How well a number is known.
public enum Evidence: String, Codable, Sendable {
    /// Timed at this very K.
    case measured
    /// Between two K that were timed.
    case interpolated
    /// Outside the K that were timed.
    case extrapolated
    /// Assumed without measurement.
    case `default`
    /// Measured on another device, driver or shape.
    case foreign
}
