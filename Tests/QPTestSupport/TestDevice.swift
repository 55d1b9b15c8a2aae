public import QPDevice
public import QPKernels

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// One device for all tests of a process, with core and synchronisation validation on.
public enum TestDevice {
    static let log = ValidationLog()

    /// The kernels on it, compiled anew so that every variant is validated.
    public static let library: Result<KernelLibrary, DeviceError> = Result { () throws(DeviceError) in
        let instance = try Instance(validation: log)
        let choice = DeviceChoice(option: nil, environment: getenv("QPGPU_DEVICE").map { String(cString: $0) })
        let physical = try choice.choose(from: try instance.physicalDevices())
        return try KernelLibrary(try Device(physical, cache: CacheFolder(path: nil)), cache: CacheFolder(path: nil))
    }
}

/// What the validation layer said.
public struct ValidationFailure: Error, CustomStringConvertible {
    let messages: [String]
    public var description: String { "validation: " + messages.joined(separator: "\n") }
}

/// Runs `body` on the test device; throws when the validation layer gave a message meanwhile.
///
/// Tests of one process share the layer, so a message may come from a neighbour; either way it is a failure.
public func validated(_ body: (KernelLibrary) throws -> Void) throws {
    let library = try TestDevice.library.get()
    let before = TestDevice.log.messages.count
    try body(library)
    let messages = TestDevice.log.messages.dropFirst(before)
    if !messages.isEmpty { throw ValidationFailure(messages: Array(messages)) }
}
