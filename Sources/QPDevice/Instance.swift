internal import CVulkan
internal import Synchronization

/// A connection to the Vulkan loader: lists devices and makes them.
///
/// There is no process-wide instance; each owner has its own, and devices keep theirs alive.
public final class Instance: @unchecked Sendable {
    // @unchecked: everything is set in init, and the calls made on it are free of external synchronisation.
    static let layerName = "VK_LAYER_KHRONOS_validation"

    let functions: InstanceFunctions
    let handle: OwnedHandle
    /// Where validation messages go; nil when validation is off.
    public let validationLog: ValidationLog?

    /// Opens the loader and creates an instance.
    ///
    /// - Parameter validation: turns the validation layer on, synchronisation validation included, and collects
    ///   every warning and error. Costs 2–5× in recording and submission; meant for tests.
    /// - Throws: ``DeviceError`` `noLoader`, `noValidationLayer` or `callFailed`.
    public init(validation: ValidationLog? = nil) throws(DeviceError) {
        let loader = try VulkanLoader.shared()
        if validation != nil { try Self.requireValidationLayer(loader) }
        let create = try loader.load("vkCreateInstance", instance: nil, as: PFN_vkCreateInstance.self)

        var application = VkApplicationInfo()
        application.sType = VK_STRUCTURE_TYPE_APPLICATION_INFO
        application.apiVersion = APIVersion(1, 3).packed
        var created: VkInstance?
        let result = withValidationChain(validation) { chain in
            withUnsafePointer(to: &application) { application in
                withCStrings(validation == nil ? [] : [Self.layerName]) { layers in
                    withCStrings(validation == nil ? [] : [VK_EXT_DEBUG_UTILS_EXTENSION_NAME]) { extensions in
                        var info = VkInstanceCreateInfo()
                        info.sType = VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO
                        info.pNext = chain
                        info.pApplicationInfo = application
                        info.enabledLayerCount = UInt32(layers.count)
                        info.ppEnabledLayerNames = layers.baseAddress
                        info.enabledExtensionCount = UInt32(extensions.count)
                        info.ppEnabledExtensionNames = extensions.baseAddress
                        return create(&info, nil, &created)
                    }
                }
            }
        }
        if result == VK_ERROR_INCOMPATIBLE_DRIVER {
            throw DeviceError(
                .noDevice, "the Vulkan loader found no driver (vkCreateInstance returned \(result.name))",
                advice: Self.driverAdvice)
        }
        try check("vkCreateInstance", result)
        let functions = try InstanceFunctions(loader: loader, instance: created!)
        let destroy = functions.destroyInstance
        let detachMessenger = try validation.map { log throws(DeviceError) in
            try Self.attachMessenger(log, created!, loader)
        }
        handle = OwnedHandle(adopting: created!) { raw in
            detachMessenger?()
            destroy(raw, nil)
        }
        self.functions = functions
        validationLog = validation
    }

    static let driverAdvice =
        "Install your GPU's driver, or mesa-vulkan-drivers for the software rasteriser; "
        + "if VK_DRIVER_FILES is set, check that it names an existing file."

    private static func requireValidationLayer(_ loader: VulkanLoader) throws(DeviceError) {
        let enumerate = try loader.load(
            "vkEnumerateInstanceLayerProperties", instance: nil, as: PFN_vkEnumerateInstanceLayerProperties.self)
        let layers = enumerated { count, items in _ = enumerate(count, items) } as [VkLayerProperties]
        guard layers.contains(where: { string(fromTuple: $0.layerName) == layerName }) else {
            throw DeviceError(
                .noValidationLayer, "the validation layer \(layerName) is not installed",
                advice: "Install it (Debian, Ubuntu: vulkan-validationlayers) or run without validation.")
        }
    }

    /// A messenger for the whole life of the instance (the one on the creation chain covers only its ends);
    /// returns what destroys it and keeps the log alive until then.
    private static func attachMessenger(
        _ log: ValidationLog, _ instance: VkInstance, _ loader: VulkanLoader
    ) throws(DeviceError) -> () -> Void {
        let create = try loader.load(
            "vkCreateDebugUtilsMessengerEXT", instance: instance, as: PFN_vkCreateDebugUtilsMessengerEXT.self)
        let destroy = try loader.load(
            "vkDestroyDebugUtilsMessengerEXT", instance: instance, as: PFN_vkDestroyDebugUtilsMessengerEXT.self)
        var info = messengerInfo(log)
        var messenger: VkDebugUtilsMessengerEXT?
        try check("vkCreateDebugUtilsMessengerEXT", create(instance, &info, nil, &messenger))
        let attached = messenger
        return { withExtendedLifetime(log) { destroy(instance, attached, nil) } }
    }

    /// All physical devices in the loader's order: the index that `--device` takes.
    public func physicalDevices() throws(DeviceError) -> [PhysicalDevice] {
        var result = VK_SUCCESS
        let handles =
            enumerated { count, items in
                result = functions.enumeratePhysicalDevices(handle.raw, count, items)
            } as [VkPhysicalDevice?]
        try check("vkEnumeratePhysicalDevices", result)
        return handles.enumerated().map { PhysicalDevice(instance: self, handle: $1!, index: $0) }
    }
}

private func messengerInfo(_ log: ValidationLog) -> VkDebugUtilsMessengerCreateInfoEXT {
    var info = VkDebugUtilsMessengerCreateInfoEXT()
    info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT
    info.messageSeverity =
        UInt32(VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT.rawValue)
        | UInt32(VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT.rawValue)
    info.messageType =
        UInt32(VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT.rawValue)
        | UInt32(VK_DEBUG_UTILS_MESSAGE_TYPE_GENERAL_BIT_EXT.rawValue)
    info.pfnUserCallback = ValidationLog.callback
    info.pUserData = Unmanaged.passUnretained(log).toOpaque()
    return info
}

/// Calls `body` with the `pNext` chain that turns synchronisation validation on, or nil.
private func withValidationChain<R>(_ log: ValidationLog?, _ body: (UnsafeRawPointer?) -> R) -> R {
    guard let log else { return body(nil) }
    var messenger = messengerInfo(log)
    var enabled = [VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT]
    return enabled.withUnsafeMutableBufferPointer { enabled in
        withUnsafePointer(to: &messenger) { messenger in
            var features = VkValidationFeaturesEXT()
            features.sType = VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT
            features.pNext = UnsafeRawPointer(messenger)
            features.enabledValidationFeatureCount = UInt32(enabled.count)
            features.pEnabledValidationFeatures = UnsafePointer(enabled.baseAddress)
            return withUnsafePointer(to: &features) { body(UnsafeRawPointer($0)) }
        }
    }
}
