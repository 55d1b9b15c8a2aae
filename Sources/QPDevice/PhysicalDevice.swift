internal import CVulkan

/// A device as the driver describes it, and whether qp-gpu can run on it.
public struct PhysicalDevice: @unchecked Sendable {
    // @unchecked: the handle belongs to the instance, which this value keeps alive; the rest is constant.

    /// What kind of hardware executes the shaders.
    public enum Kind: String, Sendable, Comparable {
        case discrete
        case integrated
        case virtual
        case other
        /// A software rasteriser.
        case cpu

        private var rank: Int {
            switch self {
            case .discrete: 0
            case .integrated: 1
            case .virtual: 2
            case .other: 3
            case .cpu: 4
            }
        }

        public static func < (a: Kind, b: Kind) -> Bool { a.rank < b.rank }
    }

    let instance: Instance
    let handle: VkPhysicalDevice
    let queueFamily: Int?

    /// Position in the loader's order.
    public let index: Int
    public let name: String
    /// The driver's UUID of the device, as `8-4-4-4-12` hexadecimal digits.
    public let uuid: String
    /// For example `llvmpipe, Mesa 22.3.6 (LLVM 15.0.6)`.
    public let driver: String
    public let kind: Kind
    public let apiVersion: APIVersion
    public let limits: DeviceLimits
    /// Why qp-gpu cannot use it; nil when it can.
    public let refusal: String?

    /// Whether a CPU executes the shaders, so that its timings say nothing of a GPU.
    public var isSoftware: Bool { kind == .cpu }

    init(instance: Instance, handle: VkPhysicalDevice, index: Int) {
        self.instance = instance
        self.handle = handle
        self.index = index
        let functions = instance.functions
        let facts = PropertyQuery.run(functions, handle)
        let families = enumerated { functions.getQueueFamilyProperties(handle, $0, $1) } as [VkQueueFamilyProperties]
        let compute = families.indices.filter {
            families[$0].queueFlags & UInt32(VK_QUEUE_COMPUTE_BIT.rawValue) != 0 && families[$0].queueCount > 0
        }
        // A family without timestamps forces the host clock, so it comes last.
        queueFamily = compute.max { families[$0].timestampValidBits < families[$1].timestampValidBits }
        name = facts.name
        uuid = facts.uuid
        driver = facts.driver
        kind = facts.kind
        apiVersion = facts.apiVersion
        let memory = MemoryFacts.query(functions, handle)
        let extensions = Set(
            (enumerated { _ = functions.enumerateDeviceExtensions(handle, nil, $0, $1) } as [VkExtensionProperties])
                .map { string(fromTuple: $0.extensionName) })
        limits = DeviceLimits(
            facts: facts, memory: memory, timestampValidBits: queueFamily.map { families[$0].timestampValidBits } ?? 0,
            extensions: extensions, features: FeatureQuery.run(functions, handle),
            canCalibrate: Self.canCalibrate(functions, handle, extensions: extensions))
        refusal = Self.refusal(hasComputeQueue: queueFamily != nil, apiVersion: apiVersion, limits: limits)
    }

    static func refusal(hasComputeQueue: Bool, apiVersion: APIVersion, limits: DeviceLimits) -> String? {
        if apiVersion < APIVersion(1, 2) { return "it offers Vulkan \(apiVersion), but 1.2 is needed" }
        if !hasComputeQueue { return "it has no compute queue" }
        if !limits.hasTimelineSemaphores { return "it has no timeline semaphores" }
        if !limits.hasSubgroupShuffle {
            return "its compute shaders have no subgroup shuffle, arithmetic, ballot and vote"
        }
        return nil
    }
}

extension PhysicalDevice: CustomStringConvertible {
    /// For example `0: llvmpipe (LLVM 15.0.6, 256 bits), cpu, 6d657361-…`.
    public var description: String { "\(index): \(name), \(kind.rawValue), \(uuid)" }
}
