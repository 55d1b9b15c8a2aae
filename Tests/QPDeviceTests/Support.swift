import Foundation
import Testing

@testable import QPDevice

/// Calls `body` with a folder of its own, removed afterwards.
func inFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("qp-gpu-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// The device that tests of this module run on: `QPGPU_DEVICE`, else the best.
func physicalDevice(validation log: ValidationLog? = nil) throws -> PhysicalDevice {
    let choice = DeviceChoice(option: nil, environment: ProcessInfo.processInfo.environment["QPGPU_DEVICE"])
    return try choice.choose(from: try Instance(validation: log).physicalDevices())
}

/// Calls `body` with a device under the validation layer, destroys all of it, and fails the test for every message.
///
/// Each call has an instance of its own, so messages are those of this test, and those of destruction are seen.
func withValidatedDevice(cache: CacheFolder = CacheFolder(path: nil), _ body: (Device) throws -> Void) throws {
    let log = ValidationLog()
    try { try body(try Device(try physicalDevice(validation: log), cache: cache)) }()
    for message in log.messages { Issue.record("validation: \(message)") }
}
