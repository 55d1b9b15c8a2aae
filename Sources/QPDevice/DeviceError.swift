internal import CVulkan

/// What can go wrong between this program and a Vulkan device.
///
/// The text of an error says what failed, with which values, and what to try. Programmer mistakes (a binding of
/// the wrong kind, say) trap instead.
public struct DeviceError: Error, Equatable, Sendable {
    /// The kinds of failure a caller may want to tell apart.
    public enum Code: String, Sendable {
        /// The Vulkan loader library cannot be opened.
        case noLoader
        /// Vulkan is there, but no device can be used.
        case noDevice
        /// `--device` or `QPGPU_DEVICE` names no usable device, or more than one.
        case noSuchDevice
        /// The validation layer was asked for and is not installed.
        case noValidationLayer
        /// An allocation exceeds a limit or the memory that is left.
        case outOfMemory
        /// The device stopped answering; all of its objects are gone.
        case deviceLost
        /// GLSL did not compile, or SPIR-V did not validate.
        case shader
        /// A cache file or folder cannot be read or written.
        case cache
        /// Any other failed call.
        case callFailed
        /// A step asks for what is not there: an execution, or a state that a plan needs.
        case unsupported
    }

    public let code: Code
    /// What failed, with which values.
    public let message: String
    /// What to try; empty where there is nothing sensible to say.
    public let advice: String

    public init(_ code: Code, _ message: String, advice: String = "") {
        self.code = code
        self.message = message
        self.advice = advice
    }
}

extension DeviceError: CustomStringConvertible {
    public var description: String { advice.isEmpty ? message : "\(message)\n\(advice)" }
}

extension DeviceError {
    /// The error for a Vulkan call that returned `result`.
    static func failed(_ call: String, _ result: VkResult) -> DeviceError {
        switch result {
        case VK_ERROR_DEVICE_LOST:
            DeviceError(
                .deviceLost, "the device was lost (\(call) returned \(result.name))",
                advice: "What was saved so far is intact. Another program or the driver may have reset the device: "
                    + "check the system log, then run again with --resume.")
        case VK_ERROR_OUT_OF_DEVICE_MEMORY, VK_ERROR_OUT_OF_HOST_MEMORY:
            DeviceError(
                .outOfMemory, "\(call) returned \(result.name)",
                advice: "Close other programs that use the device, or choose a smaller head or element type.")
        default:
            DeviceError(.callFailed, "\(call) returned \(result.name)")
        }
    }
}

/// Throws unless `result` is success.
func check(_ call: @autoclosure () -> String, _ result: VkResult) throws(DeviceError) {
    guard result == VK_SUCCESS else { throw .failed(call(), result) }
}

extension VkResult {
    /// The name in the specification.
    var name: String {
        switch self {
        case VK_SUCCESS: "VK_SUCCESS"
        case VK_NOT_READY: "VK_NOT_READY"
        case VK_TIMEOUT: "VK_TIMEOUT"
        case VK_INCOMPLETE: "VK_INCOMPLETE"
        case VK_ERROR_OUT_OF_HOST_MEMORY: "VK_ERROR_OUT_OF_HOST_MEMORY"
        case VK_ERROR_OUT_OF_DEVICE_MEMORY: "VK_ERROR_OUT_OF_DEVICE_MEMORY"
        case VK_ERROR_INITIALIZATION_FAILED: "VK_ERROR_INITIALIZATION_FAILED"
        case VK_ERROR_DEVICE_LOST: "VK_ERROR_DEVICE_LOST"
        case VK_ERROR_MEMORY_MAP_FAILED: "VK_ERROR_MEMORY_MAP_FAILED"
        case VK_ERROR_LAYER_NOT_PRESENT: "VK_ERROR_LAYER_NOT_PRESENT"
        case VK_ERROR_EXTENSION_NOT_PRESENT: "VK_ERROR_EXTENSION_NOT_PRESENT"
        case VK_ERROR_FEATURE_NOT_PRESENT: "VK_ERROR_FEATURE_NOT_PRESENT"
        case VK_ERROR_INCOMPATIBLE_DRIVER: "VK_ERROR_INCOMPATIBLE_DRIVER"
        case VK_ERROR_TOO_MANY_OBJECTS: "VK_ERROR_TOO_MANY_OBJECTS"
        case VK_ERROR_FRAGMENTED_POOL: "VK_ERROR_FRAGMENTED_POOL"
        case VK_ERROR_OUT_OF_POOL_MEMORY: "VK_ERROR_OUT_OF_POOL_MEMORY"
        case VK_ERROR_UNKNOWN: "VK_ERROR_UNKNOWN"
        default: "VkResult \(rawValue)"
        }
    }
}
