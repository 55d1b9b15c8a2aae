internal import CVulkan
internal import Synchronization

/// Messages of the Vulkan validation layer, collected while an instance lives.
public final class ValidationLog: Sendable {
    private let collected = Mutex<[String]>([])

    public init() {}

    /// Every warning and error so far, in order.
    public var messages: [String] { collected.withLock { $0 } }

    func append(_ message: String) { collected.withLock { $0.append(message) } }

    /// What the layer calls; it gets the log as its user data.
    static let callback: PFN_vkDebugUtilsMessengerCallbackEXT = { _, _, data, user in
        if let user {
            let text = data?.pointee.pMessage.map { String(cString: $0) } ?? "a message without text"
            Unmanaged<ValidationLog>.fromOpaque(user).takeUnretainedValue().append(text)
        }
        return VkBool32(VK_FALSE)
    }
}
