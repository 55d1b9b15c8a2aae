/// A profile that cannot be read, written or used, with what to try.
public enum ProfileError: Error, Equatable, CustomStringConvertible {
    /// The operating system refused to read the file.
    case unreadable(path: String, reason: String)
    /// The operating system refused to write the file; what stood there before still stands.
    case unwritable(path: String, reason: String)
    /// The text breaks off.
    case truncated(source: String, byteCount: Int)
    /// The text is no JSON from this place on.
    case notJSON(source: String, line: Int, column: Int, reason: String)
    /// The document is of a schema that this program does not read.
    case schemaVersion(source: String, found: Int, supported: Int)
    /// A field is missing or holds what it cannot hold.
    case invalid(source: String, field: String, reason: String)
    /// The profile was measured on another device or driver.
    case foreign(profileDevice: String, profileDriver: String, device: String, driver: String)
    /// A ceiling that the roofline needs was not measured.
    case missingCeiling(String)

    /// What failed, with which values, and what to try.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "cannot read profile \(path): \(reason); check the path, or measure one with `qp-gpu profile --output \(path)`"
        case .unwritable(let path, let reason):
            "cannot write profile \(path): \(reason); nothing was changed, choose another place with --output"
        case .truncated(let source, let byteCount):
            "profile \(source) breaks off after \(byteCount) bytes; the copy is incomplete, fetch or measure it again"
        case .notJSON(let source, let line, let column, let reason):
            "profile \(source) is not JSON: line \(line), column \(column): \(reason); "
                + "give a file that `qp-gpu profile --output` wrote"
        case .schemaVersion(let source, let found, let supported) where found < supported:
            "profile \(source) has schema version \(found), which is older than version \(supported), the one this "
                + "program reads; measure again with `qp-gpu profile`"
        case .schemaVersion(let source, let found, let supported):
            "profile \(source) has schema version \(found), which is newer than version \(supported), the one this "
                + "program reads; update qp-gpu"
        case .invalid(let source, let field, let reason):
            "profile \(source): \(field) \(reason); the file was damaged or edited, measure again with `qp-gpu profile`"
        case .foreign(let profileDevice, let profileDriver, let device, let driver):
            "the profile was measured on device \(profileDevice) with driver \(profileDriver), but this is device "
                + "\(device) with driver \(driver); measure this one with `qp-gpu profile`"
        case .missingCeiling(let name):
            "the ceiling \(name) was not measured, so no kernel can be held against its roof; measure the profile again"
        }
    }
}
