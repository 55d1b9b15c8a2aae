internal import CVulkan
internal import Synchronization

/// A logical device with one compute queue: makes buffers and pipelines, submits and waits.
///
/// Every object made from it keeps it alive. All methods may be called from any thread.
public final class Device: @unchecked Sendable {
    // @unchecked: the queue is used under `queueState`'s lock; everything else is set in init.

    /// What this device is and allows.
    public let physical: PhysicalDevice
    /// Called with problems that do not stop the work, such as a cache folder that cannot be written.
    let onWarning: @Sendable (DeviceError) -> Void

    let functions: DeviceFunctions
    let cache: CacheFolder
    let allocator: MemoryAllocator
    private let owner: DeviceOwner
    private let timeline: OwnedHandle
    private let queue: VkQueue
    private let queueState = Mutex(QueueState())
    let pipelineCache: PipelineCache
    let tracing = Mutex<DeviceTracer?>(nil)

    /// The raw `VkDevice`, borrowed.
    var raw: VkDevice { owner.raw }
    public var limits: DeviceLimits { physical.limits }

    /// Creates the device.
    /// - Parameters:
    ///   - cache: where compiled shaders are kept between runs.
    ///   - onWarning: receives problems that do not stop the work.
    /// - Throws: ``DeviceError``. Costs some milliseconds.
    public init(
        _ physical: PhysicalDevice, cache: CacheFolder = .standard,
        onWarning: @escaping @Sendable (DeviceError) -> Void = { _ in }
    ) throws(DeviceError) {
        self.physical = physical
        self.onWarning = onWarning
        self.cache = cache
        let owner = try DeviceOwner(physical, adopting: try Self.create(physical))
        self.owner = owner
        let functions = owner.functions
        self.functions = functions
        var queue: VkQueue?
        functions.getDeviceQueue(owner.raw, UInt32(physical.queueFamily!), 0, &queue)
        self.queue = queue!
        allocator = MemoryAllocator(physical: physical, owner: owner)
        timeline = try Self.makeTimeline(owner)
        pipelineCache = try PipelineCache(
            owner: owner, cache: cache, key: physical.limits.pipelineCacheUUID, onWarning: onWarning)
    }

    /// Refuses what cannot fit whatever is allocated first, before anything is: allocations that are made one by
    /// one fail only when the memory is full.
    /// - Throws: ``DeviceError`` `outOfMemory` naming both numbers.
    public func requireMemory(_ byteCount: Int, for purpose: String) throws(DeviceError) {
        let left = allocator.remainingBytes
        guard byteCount <= left else {
            throw DeviceError(
                .outOfMemory, "\(purpose) needs \(byteCount) bytes, but \(physical.name) has \(left) bytes left",
                advice: "Choose a smaller head or element type, or free memory on the device.")
        }
    }

    private static func create(_ physical: PhysicalDevice) throws(DeviceError) -> VkDevice {
        var extensions: [String] = []
        if physical.limits.hasMemoryBudget { extensions.append(VK_EXT_MEMORY_BUDGET_EXTENSION_NAME) }
        if physical.limits.hasSubgroupSizeControl, physical.apiVersion < APIVersion(1, 3) {
            extensions.append(VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME)
        }
        if physical.limits.hasCalibratedTimestamps { extensions.append(VK_EXT_CALIBRATED_TIMESTAMPS_EXTENSION_NAME) }
        var control = VkPhysicalDeviceSubgroupSizeControlFeatures()
        control.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES
        control.subgroupSizeControl = VkBool32(VK_TRUE)
        control.computeFullSubgroups = VkBool32(VK_TRUE)
        var timeline = VkPhysicalDeviceTimelineSemaphoreFeatures()
        timeline.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES
        timeline.timelineSemaphore = VkBool32(VK_TRUE)
        var priority: Float = 1
        var created: VkDevice?
        let result = withUnsafeMutablePointer(to: &control) { control in
            withUnsafePointer(to: &priority) { priority in
                if physical.limits.hasSubgroupSizeControl { timeline.pNext = UnsafeMutableRawPointer(control) }
                var queue = VkDeviceQueueCreateInfo()
                queue.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO
                queue.queueFamilyIndex = UInt32(physical.queueFamily!)
                queue.queueCount = 1
                queue.pQueuePriorities = priority
                return withUnsafePointer(to: &timeline) { timeline in
                    withUnsafePointer(to: &queue) { queue in
                        withCStrings(extensions) { extensions in
                            var info = VkDeviceCreateInfo()
                            info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO
                            info.pNext = UnsafeRawPointer(timeline)
                            info.queueCreateInfoCount = 1
                            info.pQueueCreateInfos = queue
                            info.enabledExtensionCount = UInt32(extensions.count)
                            info.ppEnabledExtensionNames = extensions.baseAddress
                            return physical.instance.functions.createDevice(physical.handle, &info, nil, &created)
                        }
                    }
                }
            }
        }
        try check("vkCreateDevice for \(physical.name)", result)
        return created!
    }

    private static func makeTimeline(_ owner: DeviceOwner) throws(DeviceError) -> OwnedHandle {
        var type = VkSemaphoreTypeCreateInfo()
        type.sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO
        type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE
        var semaphore: VkSemaphore?
        let result = withUnsafePointer(to: &type) { type in
            var info = VkSemaphoreCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO
            info.pNext = UnsafeRawPointer(type)
            return owner.functions.createSemaphore(owner.raw, &info, nil, &semaphore)
        }
        try check("vkCreateSemaphore", result)
        return OwnedHandle(adopting: semaphore!) { owner.functions.destroySemaphore(owner.raw, $0, nil) }
    }
}

extension Device {
    /// A point on the queue's timeline: reached when everything submitted with it has run.
    public struct Ticket: Sendable {
        let value: UInt64
    }

    private struct QueueState {
        var last: UInt64 = 0
        /// Submitted and not known to be finished: kept alive here, for the caller may let go of them at once.
        var running: [(value: UInt64, commands: [CommandBuffer])] = []
    }

    /// Submits a recorded command buffer; returns at once. A buffer must not be submitted again before its
    /// ticket is reached, and lives until that ticket or a later one has been waited for. Costs 10–30 µs on the
    /// drivers measured.
    public func submit(_ commands: CommandBuffer) throws(DeviceError) -> Ticket { try submit([commands]) }

    /// Submits command buffers that run behind one another, as one submission. Barriers reach across them: what one of
    /// them, or an earlier submission, leaves behind a barrier is there for the next.
    public func submit(_ commands: [CommandBuffer]) throws(DeviceError) -> Ticket {
        let start = HostClock.nanoseconds()
        precondition(!commands.isEmpty, "a submission has commands")
        let buffers: [VkCommandBuffer?] = commands.map(\.raw)
        let result: Result<Ticket, DeviceError> = queueState.withLock { state in
            var value = state.last + 1
            var semaphore: VkSemaphore? = timeline.raw
            let status = withUnsafePointer(to: &value) { value in
                var timelineInfo = VkTimelineSemaphoreSubmitInfo()
                timelineInfo.sType = VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO
                timelineInfo.signalSemaphoreValueCount = 1
                timelineInfo.pSignalSemaphoreValues = value
                return withUnsafePointer(to: &timelineInfo) { timelineInfo in
                    withUnsafePointer(to: &semaphore) { semaphore in
                        buffers.withUnsafeBufferPointer { buffers in
                            var info = VkSubmitInfo()
                            info.sType = VK_STRUCTURE_TYPE_SUBMIT_INFO
                            info.pNext = UnsafeRawPointer(timelineInfo)
                            info.commandBufferCount = UInt32(buffers.count)
                            info.pCommandBuffers = buffers.baseAddress
                            info.signalSemaphoreCount = 1
                            info.pSignalSemaphores = semaphore
                            return functions.queueSubmit(queue, 1, &info, nil)
                        }
                    }
                }
            }
            guard status == VK_SUCCESS else { return .failure(.failed("vkQueueSubmit", status)) }
            state.last = value
            state.running.append((value, commands))
            return .success(Ticket(value: value))
        }
        let ticket = try result.get()
        tracer?.didSubmit(commands, value: ticket.value, from: start)
        return ticket
    }

    /// Blocks, without spinning, until `ticket` is reached.
    public func wait(for ticket: Ticket) throws(DeviceError) {
        let start = HostClock.nanoseconds()
        var value = ticket.value
        var semaphore: VkSemaphore? = timeline.raw
        let result = withUnsafePointer(to: &value) { value in
            withUnsafePointer(to: &semaphore) { semaphore in
                var info = VkSemaphoreWaitInfo()
                info.sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO
                info.semaphoreCount = 1
                info.pSemaphores = semaphore
                info.pValues = value
                return functions.waitSemaphores(raw, &info, UInt64.max)
            }
        }
        try check("vkWaitSemaphores", result)
        // What was waited for has succeeded, whether or not it can be shown.
        try? tracer?.didWait(self, upTo: value, from: start)
        // Released outside of the lock: letting go of commands may destroy them and all that they use.
        let finished = queueState.withLock { state in
            let end = state.running.firstIndex { $0.value > value } ?? state.running.endIndex
            defer { state.running.removeFirst(end) }
            return state.running[..<end].map(\.commands)
        }
        withExtendedLifetime(finished) {}
    }

    /// Submits and waits.
    public func run(_ commands: CommandBuffer) throws(DeviceError) {
        try wait(for: try submit(commands))
    }

    /// Records commands once, to be submitted as often as wanted.
    public func record(
        _ body: (inout CommandRecorder) throws(DeviceError) -> Void
    ) throws(DeviceError) -> CommandBuffer {
        try CommandBuffer(device: self, body)
    }
}
