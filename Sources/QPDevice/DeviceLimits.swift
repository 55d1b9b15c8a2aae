internal import CVulkan

/// What a device allows: every size that a kernel or an allocation must respect.
public struct DeviceLimits: Sendable {
    /// Largest range of one storage-buffer binding, bytes.
    public let storageBindingBytes: Int
    /// Most 16-byte texels of one texel-buffer view.
    public let texelCount: Int
    /// Largest single allocation, bytes.
    public let allocationBytes: Int
    /// Most allocations alive at once.
    public let allocationCount: Int
    /// Most workgroups along x and along y of a dispatch.
    public let workgroupCount: Int
    /// Most invocations of one workgroup with subgroups of ``subgroupSize``.
    public let workgroupInvocations: Int
    /// Bytes of memory that the invocations of a workgroup share.
    public let sharedMemoryBytes: Int
    public let storageOffsetAlignment: Int
    public let texelOffsetAlignment: Int
    public let subgroupSize: Int
    public let minimumSubgroupSize: Int
    public let maximumSubgroupSize: Int
    /// Nanoseconds of one timestamp tick.
    public let timestampPeriod: Double
    /// Valid bits of a timestamp; 0 when the queue has none.
    public let timestampValidBits: Int
    public let memory: MemoryFacts
    public let hasSubgroupSizeControl: Bool
    public let hasMemoryBudget: Bool
    /// Whether timestamps can be brought to the host's clock.
    public let hasCalibratedTimestamps: Bool
    let hasTimelineSemaphores: Bool
    let hasSubgroupShuffle: Bool
    let pipelineCacheUUID: String

    init(
        facts: PropertyQuery, memory: MemoryFacts, timestampValidBits: UInt32, extensions: Set<String>,
        features: FeatureQuery, canCalibrate: Bool
    ) {
        storageBindingBytes = Int(facts.limits.maxStorageBufferRange)
        texelCount = Int(facts.limits.maxTexelBufferElements)
        allocationBytes = Int(clamping: facts.maximumAllocationBytes)
        allocationCount = Int(facts.limits.maxMemoryAllocationCount)
        // x may reach 2³¹ where y stops at 65,535; one bound for both keeps every dispatch legal.
        workgroupCount = Int(
            min(facts.limits.maxComputeWorkGroupCount.0, facts.limits.maxComputeWorkGroupCount.1))
        sharedMemoryBytes = Int(facts.limits.maxComputeSharedMemorySize)
        storageOffsetAlignment = Int(facts.limits.minStorageBufferOffsetAlignment)
        texelOffsetAlignment = Int(facts.limits.minTexelBufferOffsetAlignment)
        subgroupSize = Int(facts.subgroupSize)
        hasSubgroupSizeControl =
            features.hasSubgroupSizeControl
            && facts.requiredSubgroupSizeStages & UInt32(VK_SHADER_STAGE_COMPUTE_BIT.rawValue) != 0
        // A required subgroup size limits the number of subgroups as well.
        let lanes =
            hasSubgroupSizeControl
            ? UInt32(clamping: Int(facts.subgroupSize) * Int(facts.maximumWorkgroupSubgroups)) : .max
        workgroupInvocations = Int(
            min(facts.limits.maxComputeWorkGroupInvocations, facts.limits.maxComputeWorkGroupSize.0, lanes))
        minimumSubgroupSize = hasSubgroupSizeControl ? Int(facts.minimumSubgroupSize) : subgroupSize
        maximumSubgroupSize = hasSubgroupSizeControl ? Int(facts.maximumSubgroupSize) : subgroupSize
        timestampPeriod = Double(facts.limits.timestampPeriod)
        self.timestampValidBits = Int(timestampValidBits)
        self.memory = memory
        hasMemoryBudget = extensions.contains(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME)
        hasCalibratedTimestamps = canCalibrate
        hasTimelineSemaphores = features.hasTimelineSemaphores
        let needed =
            UInt32(VK_SUBGROUP_FEATURE_BASIC_BIT.rawValue) | UInt32(VK_SUBGROUP_FEATURE_ARITHMETIC_BIT.rawValue)
            | UInt32(VK_SUBGROUP_FEATURE_SHUFFLE_BIT.rawValue) | UInt32(VK_SUBGROUP_FEATURE_VOTE_BIT.rawValue)
            | UInt32(VK_SUBGROUP_FEATURE_BALLOT_BIT.rawValue)
        hasSubgroupShuffle =
            facts.subgroupOperations & needed == needed
            && facts.subgroupStages & UInt32(VK_SHADER_STAGE_COMPUTE_BIT.rawValue) != 0
        pipelineCacheUUID = facts.pipelineCacheUUID
    }
}

/// Memory types and heaps.
public struct MemoryFacts: Sendable {
    /// One memory type: its heap and property flags.
    struct MemoryType: Sendable {
        let heap: Int
        let isDeviceLocal: Bool
        let isHostVisible: Bool
        let isHostCoherent: Bool
        let isHostCached: Bool
    }

    let types: [MemoryType]
    /// Size of each heap, bytes.
    let heapBytes: [Int]
    /// Whether each heap is local to the device.
    let heapIsDeviceLocal: [Bool]

    /// Size of the largest device-local heap.
    public var deviceLocalBytes: Int { zip(heapBytes, heapIsDeviceLocal).filter { $1 }.map(\.0).max() ?? 0 }

    static func query(_ functions: InstanceFunctions, _ device: VkPhysicalDevice) -> MemoryFacts {
        var properties = VkPhysicalDeviceMemoryProperties2()
        properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2
        functions.getMemoryProperties2(device, &properties)
        let memory = properties.memoryProperties
        let types = withUnsafeBytes(of: memory.memoryTypes) {
            Array($0.bindMemory(to: VkMemoryType.self).prefix(Int(memory.memoryTypeCount)))
        }
        let heaps = withUnsafeBytes(of: memory.memoryHeaps) {
            Array($0.bindMemory(to: VkMemoryHeap.self).prefix(Int(memory.memoryHeapCount)))
        }
        func has(_ type: VkMemoryType, _ bit: VkMemoryPropertyFlagBits) -> Bool {
            type.propertyFlags & UInt32(bit.rawValue) != 0
        }
        return MemoryFacts(
            types: types.map {
                MemoryType(
                    heap: Int($0.heapIndex), isDeviceLocal: has($0, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT),
                    isHostVisible: has($0, VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT),
                    isHostCoherent: has($0, VK_MEMORY_PROPERTY_HOST_COHERENT_BIT),
                    isHostCached: has($0, VK_MEMORY_PROPERTY_HOST_CACHED_BIT))
            },
            heapBytes: heaps.map { Int(clamping: $0.size) },
            heapIsDeviceLocal: heaps.map { $0.flags & UInt32(VK_MEMORY_HEAP_DEVICE_LOCAL_BIT.rawValue) != 0 })
    }

    /// Bytes that this process may still take from each heap, where the driver tells it.
    static func budget(_ functions: InstanceFunctions, _ device: VkPhysicalDevice) -> [Int] {
        var budget = VkPhysicalDeviceMemoryBudgetPropertiesEXT()
        budget.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT
        return withUnsafeMutablePointer(to: &budget) { budget in
            var properties = VkPhysicalDeviceMemoryProperties2()
            properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2
            properties.pNext = UnsafeMutableRawPointer(budget)
            functions.getMemoryProperties2(device, &properties)
            let limits = withUnsafeBytes(of: budget.pointee.heapBudget) { Array($0.bindMemory(to: UInt64.self)) }
            let usage = withUnsafeBytes(of: budget.pointee.heapUsage) { Array($0.bindMemory(to: UInt64.self)) }
            return zip(limits, usage).map { Int(clamping: $0 > $1 ? $0 - $1 : 0) }
        }
    }
}

/// The properties read in one query.
struct PropertyQuery {
    var name = ""
    var uuid = ""
    var driver = ""
    var pipelineCacheUUID = ""
    var kind = PhysicalDevice.Kind.other
    var apiVersion = APIVersion(1, 0)
    var limits = VkPhysicalDeviceLimits()
    var maximumAllocationBytes: UInt64 = 0
    var subgroupSize: UInt32 = 1
    var subgroupOperations: UInt32 = 0
    var subgroupStages: UInt32 = 0
    var requiredSubgroupSizeStages: UInt32 = 0
    var minimumSubgroupSize: UInt32 = 1
    var maximumSubgroupSize: UInt32 = 1
    var maximumWorkgroupSubgroups: UInt32 = 1

    static func run(_ functions: InstanceFunctions, _ device: VkPhysicalDevice) -> PropertyQuery {
        var control = VkPhysicalDeviceSubgroupSizeControlProperties()
        control.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES
        var v12 = VkPhysicalDeviceVulkan12Properties()
        v12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES
        var v11 = VkPhysicalDeviceVulkan11Properties()
        v11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES
        var properties = VkPhysicalDeviceProperties2()
        properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        withUnsafeMutablePointer(to: &control) { control in
            withUnsafeMutablePointer(to: &v12) { v12 in
                withUnsafeMutablePointer(to: &v11) { v11 in
                    v12.pointee.pNext = UnsafeMutableRawPointer(control)
                    v11.pointee.pNext = UnsafeMutableRawPointer(v12)
                    properties.pNext = UnsafeMutableRawPointer(v11)
                    functions.getProperties2(device, &properties)
                }
            }
        }
        let core = properties.properties
        var query = PropertyQuery()
        query.name = string(fromTuple: core.deviceName)
        query.uuid = uuidText(withUnsafeBytes(of: v11.deviceUUID) { Array($0) })
        let driverName = string(fromTuple: v12.driverName)
        let driverInfo = string(fromTuple: v12.driverInfo)
        query.driver = [driverName, driverInfo].filter { !$0.isEmpty }.joined(separator: ", ")
        query.pipelineCacheUUID = uuidText(withUnsafeBytes(of: core.pipelineCacheUUID) { Array($0) })
        query.kind =
            switch core.deviceType {
            case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: .discrete
            case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: .integrated
            case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: .virtual
            case VK_PHYSICAL_DEVICE_TYPE_CPU: .cpu
            default: .other
            }
        query.apiVersion = APIVersion(packed: core.apiVersion)
        query.limits = core.limits
        query.maximumAllocationBytes = v11.maxMemoryAllocationSize
        query.subgroupSize = v11.subgroupSize
        query.subgroupOperations = v11.subgroupSupportedOperations
        query.subgroupStages = v11.subgroupSupportedStages
        query.requiredSubgroupSizeStages = control.requiredSubgroupSizeStages
        query.minimumSubgroupSize = control.minSubgroupSize
        query.maximumSubgroupSize = control.maxSubgroupSize
        query.maximumWorkgroupSubgroups = control.maxComputeWorkgroupSubgroups
        return query
    }

    static func uuidText(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        var text = ""
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append("-") }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}

/// The optional features that qp-gpu looks for.
struct FeatureQuery {
    var hasTimelineSemaphores = false
    var hasSubgroupSizeControl = false

    static func run(_ functions: InstanceFunctions, _ device: VkPhysicalDevice) -> FeatureQuery {
        var control = VkPhysicalDeviceSubgroupSizeControlFeatures()
        control.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES
        var v12 = VkPhysicalDeviceVulkan12Features()
        v12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES
        var features = VkPhysicalDeviceFeatures2()
        features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
        withUnsafeMutablePointer(to: &control) { control in
            withUnsafeMutablePointer(to: &v12) { v12 in
                v12.pointee.pNext = UnsafeMutableRawPointer(control)
                features.pNext = UnsafeMutableRawPointer(v12)
                functions.getFeatures2(device, &features)
            }
        }
        return FeatureQuery(
            hasTimelineSemaphores: v12.timelineSemaphore != 0,
            hasSubgroupSizeControl: control.subgroupSizeControl != 0 && control.computeFullSubgroups != 0)
    }
}
