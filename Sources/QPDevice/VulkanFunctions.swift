internal import CVulkan

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// The loader's entry point, opened once for the process.
///
/// A loader cannot be unloaded safely while a driver's threads run, so it stays open; it is no Vulkan object.
struct VulkanLoader: @unchecked Sendable {
    // @unchecked: a constant function pointer.
    let getInstanceProcAddr: PFN_vkGetInstanceProcAddr

    private static let opened: Result<VulkanLoader, DeviceError> = open(names: ["libvulkan.so.1", "libvulkan.so"])

    static func shared() throws(DeviceError) -> VulkanLoader { try opened.get() }

    static func open(names: [String]) -> Result<VulkanLoader, DeviceError> {
        var reasons: [String] = []
        for name in names {
            guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
                reasons.append(dlerror().map { String(cString: $0) } ?? name)
                continue
            }
            guard let symbol = dlsym(library, "vkGetInstanceProcAddr") else {
                reasons.append("\(name) has no vkGetInstanceProcAddr")
                continue
            }
            return .success(
                VulkanLoader(getInstanceProcAddr: unsafeBitCast(symbol, to: PFN_vkGetInstanceProcAddr.self)))
        }
        return .failure(
            DeviceError(
                .noLoader, "the Vulkan loader cannot be opened: \(reasons.joined(separator: "; "))",
                advice: "Install it (Debian, Ubuntu: libvulkan1) and a driver: your GPU's, or "
                    + "mesa-vulkan-drivers, which also brings the software rasteriser."))
    }

    func load<Function>(_ name: String, instance: VkInstance?, as type: Function.Type) throws(DeviceError) -> Function {
        guard let function = getInstanceProcAddr(instance, name) else {
            throw DeviceError(
                .callFailed, "the Vulkan loader has no \(name)", advice: "Install a loader for Vulkan 1.2 or newer.")
        }
        return unsafeBitCast(function, to: type)
    }
}

/// Functions that belong to an instance.
struct InstanceFunctions: @unchecked Sendable {
    // @unchecked: constant function pointers.
    let destroyInstance: PFN_vkDestroyInstance
    let enumeratePhysicalDevices: PFN_vkEnumeratePhysicalDevices
    let getProperties2: PFN_vkGetPhysicalDeviceProperties2
    let getFeatures2: PFN_vkGetPhysicalDeviceFeatures2
    let getMemoryProperties2: PFN_vkGetPhysicalDeviceMemoryProperties2
    let getQueueFamilyProperties: PFN_vkGetPhysicalDeviceQueueFamilyProperties
    let enumerateDeviceExtensions: PFN_vkEnumerateDeviceExtensionProperties
    let createDevice: PFN_vkCreateDevice
    let getDeviceProcAddr: PFN_vkGetDeviceProcAddr
    /// Nil where the loader knows no calibrated timestamps.
    let getCalibrateableTimeDomains: PFN_vkGetPhysicalDeviceCalibrateableTimeDomainsEXT?

    init(loader: VulkanLoader, instance: VkInstance) throws(DeviceError) {
        func load<F>(_ name: String, _ type: F.Type) throws(DeviceError) -> F {
            try loader.load(name, instance: instance, as: type)
        }
        destroyInstance = try load("vkDestroyInstance", PFN_vkDestroyInstance.self)
        enumeratePhysicalDevices = try load("vkEnumeratePhysicalDevices", PFN_vkEnumeratePhysicalDevices.self)
        getProperties2 = try load("vkGetPhysicalDeviceProperties2", PFN_vkGetPhysicalDeviceProperties2.self)
        getFeatures2 = try load("vkGetPhysicalDeviceFeatures2", PFN_vkGetPhysicalDeviceFeatures2.self)
        getMemoryProperties2 = try load(
            "vkGetPhysicalDeviceMemoryProperties2", PFN_vkGetPhysicalDeviceMemoryProperties2.self)
        getQueueFamilyProperties = try load(
            "vkGetPhysicalDeviceQueueFamilyProperties", PFN_vkGetPhysicalDeviceQueueFamilyProperties.self)
        enumerateDeviceExtensions = try load(
            "vkEnumerateDeviceExtensionProperties", PFN_vkEnumerateDeviceExtensionProperties.self)
        createDevice = try load("vkCreateDevice", PFN_vkCreateDevice.self)
        getDeviceProcAddr = try load("vkGetDeviceProcAddr", PFN_vkGetDeviceProcAddr.self)
        getCalibrateableTimeDomains = try? load(
            "vkGetPhysicalDeviceCalibrateableTimeDomainsEXT", PFN_vkGetPhysicalDeviceCalibrateableTimeDomainsEXT.self)
    }
}

/// Functions of one device, called without the loader's dispatch.
struct DeviceFunctions: @unchecked Sendable {
    // @unchecked: constant function pointers.
    let destroyDevice: PFN_vkDestroyDevice
    let getDeviceQueue: PFN_vkGetDeviceQueue
    let deviceWaitIdle: PFN_vkDeviceWaitIdle
    let allocateMemory: PFN_vkAllocateMemory
    let freeMemory: PFN_vkFreeMemory
    let mapMemory: PFN_vkMapMemory
    let createBuffer: PFN_vkCreateBuffer
    let destroyBuffer: PFN_vkDestroyBuffer
    let getBufferMemoryRequirements: PFN_vkGetBufferMemoryRequirements
    let bindBufferMemory: PFN_vkBindBufferMemory
    let createBufferView: PFN_vkCreateBufferView
    let destroyBufferView: PFN_vkDestroyBufferView
    let createShaderModule: PFN_vkCreateShaderModule
    let destroyShaderModule: PFN_vkDestroyShaderModule
    let createDescriptorSetLayout: PFN_vkCreateDescriptorSetLayout
    let destroyDescriptorSetLayout: PFN_vkDestroyDescriptorSetLayout
    let createDescriptorPool: PFN_vkCreateDescriptorPool
    let destroyDescriptorPool: PFN_vkDestroyDescriptorPool
    let allocateDescriptorSets: PFN_vkAllocateDescriptorSets
    let updateDescriptorSets: PFN_vkUpdateDescriptorSets
    let createPipelineLayout: PFN_vkCreatePipelineLayout
    let destroyPipelineLayout: PFN_vkDestroyPipelineLayout
    let createPipelineCache: PFN_vkCreatePipelineCache
    let destroyPipelineCache: PFN_vkDestroyPipelineCache
    let getPipelineCacheData: PFN_vkGetPipelineCacheData
    let createComputePipelines: PFN_vkCreateComputePipelines
    let destroyPipeline: PFN_vkDestroyPipeline
    let createCommandPool: PFN_vkCreateCommandPool
    let destroyCommandPool: PFN_vkDestroyCommandPool
    let allocateCommandBuffers: PFN_vkAllocateCommandBuffers
    let beginCommandBuffer: PFN_vkBeginCommandBuffer
    let endCommandBuffer: PFN_vkEndCommandBuffer
    let createQueryPool: PFN_vkCreateQueryPool
    let destroyQueryPool: PFN_vkDestroyQueryPool
    let getQueryPoolResults: PFN_vkGetQueryPoolResults
    let createSemaphore: PFN_vkCreateSemaphore
    let destroySemaphore: PFN_vkDestroySemaphore
    let waitSemaphores: PFN_vkWaitSemaphores
    let queueSubmit: PFN_vkQueueSubmit
    let cmdBindPipeline: PFN_vkCmdBindPipeline
    let cmdBindDescriptorSets: PFN_vkCmdBindDescriptorSets
    let cmdPushConstants: PFN_vkCmdPushConstants
    let cmdDispatch: PFN_vkCmdDispatch
    let cmdDispatchIndirect: PFN_vkCmdDispatchIndirect
    let cmdPipelineBarrier: PFN_vkCmdPipelineBarrier
    let cmdCopyBuffer: PFN_vkCmdCopyBuffer
    let cmdFillBuffer: PFN_vkCmdFillBuffer
    let cmdResetQueryPool: PFN_vkCmdResetQueryPool
    let cmdWriteTimestamp: PFN_vkCmdWriteTimestamp
    /// Nil unless the device was made with calibrated timestamps.
    let getCalibratedTimestamps: PFN_vkGetCalibratedTimestampsEXT?

    init(instance: InstanceFunctions, device: VkDevice) throws(DeviceError) {
        func load<F>(_ name: String, _ type: F.Type) throws(DeviceError) -> F {
            guard let function = instance.getDeviceProcAddr(device, name) else {
                throw DeviceError(.callFailed, "the driver has no \(name)", advice: "Install a newer driver.")
            }
            return unsafeBitCast(function, to: type)
        }
        destroyDevice = try load("vkDestroyDevice", PFN_vkDestroyDevice.self)
        getDeviceQueue = try load("vkGetDeviceQueue", PFN_vkGetDeviceQueue.self)
        deviceWaitIdle = try load("vkDeviceWaitIdle", PFN_vkDeviceWaitIdle.self)
        allocateMemory = try load("vkAllocateMemory", PFN_vkAllocateMemory.self)
        freeMemory = try load("vkFreeMemory", PFN_vkFreeMemory.self)
        mapMemory = try load("vkMapMemory", PFN_vkMapMemory.self)
        createBuffer = try load("vkCreateBuffer", PFN_vkCreateBuffer.self)
        destroyBuffer = try load("vkDestroyBuffer", PFN_vkDestroyBuffer.self)
        getBufferMemoryRequirements = try load("vkGetBufferMemoryRequirements", PFN_vkGetBufferMemoryRequirements.self)
        bindBufferMemory = try load("vkBindBufferMemory", PFN_vkBindBufferMemory.self)
        createBufferView = try load("vkCreateBufferView", PFN_vkCreateBufferView.self)
        destroyBufferView = try load("vkDestroyBufferView", PFN_vkDestroyBufferView.self)
        createShaderModule = try load("vkCreateShaderModule", PFN_vkCreateShaderModule.self)
        destroyShaderModule = try load("vkDestroyShaderModule", PFN_vkDestroyShaderModule.self)
        createDescriptorSetLayout = try load("vkCreateDescriptorSetLayout", PFN_vkCreateDescriptorSetLayout.self)
        destroyDescriptorSetLayout = try load("vkDestroyDescriptorSetLayout", PFN_vkDestroyDescriptorSetLayout.self)
        createDescriptorPool = try load("vkCreateDescriptorPool", PFN_vkCreateDescriptorPool.self)
        destroyDescriptorPool = try load("vkDestroyDescriptorPool", PFN_vkDestroyDescriptorPool.self)
        allocateDescriptorSets = try load("vkAllocateDescriptorSets", PFN_vkAllocateDescriptorSets.self)
        updateDescriptorSets = try load("vkUpdateDescriptorSets", PFN_vkUpdateDescriptorSets.self)
        createPipelineLayout = try load("vkCreatePipelineLayout", PFN_vkCreatePipelineLayout.self)
        destroyPipelineLayout = try load("vkDestroyPipelineLayout", PFN_vkDestroyPipelineLayout.self)
        createPipelineCache = try load("vkCreatePipelineCache", PFN_vkCreatePipelineCache.self)
        destroyPipelineCache = try load("vkDestroyPipelineCache", PFN_vkDestroyPipelineCache.self)
        getPipelineCacheData = try load("vkGetPipelineCacheData", PFN_vkGetPipelineCacheData.self)
        createComputePipelines = try load("vkCreateComputePipelines", PFN_vkCreateComputePipelines.self)
        destroyPipeline = try load("vkDestroyPipeline", PFN_vkDestroyPipeline.self)
        createCommandPool = try load("vkCreateCommandPool", PFN_vkCreateCommandPool.self)
        destroyCommandPool = try load("vkDestroyCommandPool", PFN_vkDestroyCommandPool.self)
        allocateCommandBuffers = try load("vkAllocateCommandBuffers", PFN_vkAllocateCommandBuffers.self)
        beginCommandBuffer = try load("vkBeginCommandBuffer", PFN_vkBeginCommandBuffer.self)
        endCommandBuffer = try load("vkEndCommandBuffer", PFN_vkEndCommandBuffer.self)
        createQueryPool = try load("vkCreateQueryPool", PFN_vkCreateQueryPool.self)
        destroyQueryPool = try load("vkDestroyQueryPool", PFN_vkDestroyQueryPool.self)
        getQueryPoolResults = try load("vkGetQueryPoolResults", PFN_vkGetQueryPoolResults.self)
        createSemaphore = try load("vkCreateSemaphore", PFN_vkCreateSemaphore.self)
        destroySemaphore = try load("vkDestroySemaphore", PFN_vkDestroySemaphore.self)
        waitSemaphores = try load("vkWaitSemaphores", PFN_vkWaitSemaphores.self)
        queueSubmit = try load("vkQueueSubmit", PFN_vkQueueSubmit.self)
        cmdBindPipeline = try load("vkCmdBindPipeline", PFN_vkCmdBindPipeline.self)
        cmdBindDescriptorSets = try load("vkCmdBindDescriptorSets", PFN_vkCmdBindDescriptorSets.self)
        cmdPushConstants = try load("vkCmdPushConstants", PFN_vkCmdPushConstants.self)
        cmdDispatch = try load("vkCmdDispatch", PFN_vkCmdDispatch.self)
        cmdDispatchIndirect = try load("vkCmdDispatchIndirect", PFN_vkCmdDispatchIndirect.self)
        cmdPipelineBarrier = try load("vkCmdPipelineBarrier", PFN_vkCmdPipelineBarrier.self)
        cmdCopyBuffer = try load("vkCmdCopyBuffer", PFN_vkCmdCopyBuffer.self)
        cmdFillBuffer = try load("vkCmdFillBuffer", PFN_vkCmdFillBuffer.self)
        cmdResetQueryPool = try load("vkCmdResetQueryPool", PFN_vkCmdResetQueryPool.self)
        cmdWriteTimestamp = try load("vkCmdWriteTimestamp", PFN_vkCmdWriteTimestamp.self)
        getCalibratedTimestamps = instance.getDeviceProcAddr(device, "vkGetCalibratedTimestampsEXT").map {
            unsafeBitCast($0, to: PFN_vkGetCalibratedTimestampsEXT.self)
        }
    }
}
