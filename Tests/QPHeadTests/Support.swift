import QPCore
import QPDevice
import QPKernels
import Testing

/// One device for all kernel tests, with the validation layer on.
enum TestDevice {
    static let log = ValidationLog()

    static let library: Result<KernelLibrary, DeviceError> = Result { () throws(DeviceError) in
        let instance = try Instance(validation: log)
        let choice = DeviceChoice(option: nil, environment: ProcessEnvironment.value("QPGPU_DEVICE"))
        let physical = try choice.choose(from: try instance.physicalDevices())
        return try KernelLibrary(try Device(physical, cache: CacheFolder(path: nil)))
    }
}

/// Fails the test for every message that the validation layer gave while `body` ran.
///
/// Tests of one process share the layer, so a message may come from a neighbour; either way it is a failure.
func validated(_ body: (KernelLibrary) throws -> Void) throws {
    let library = try TestDevice.library.get()
    let before = TestDevice.log.messages.count
    try body(library)
    for message in TestDevice.log.messages.dropFirst(before) { Issue.record("validation: \(message)") }
}

enum ProcessEnvironment {
    static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}

#if canImport(Glibc)
import Glibc
#endif
