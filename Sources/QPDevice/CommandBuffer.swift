internal import CVulkan

/// Commands recorded once and submitted as often as wanted. Keeps everything it uses alive.
public final class CommandBuffer: @unchecked Sendable {
    // @unchecked: immutable after recording; the queue orders its execution.
    let raw: VkCommandBuffer
    // A pool of its own: pools need external synchronisation, and the buffer goes with its pool.
    private let pool: OwnedHandle
    private let uses: [AnyObject]
    /// Nil unless it was recorded while the device was traced.
    let stages: StageTimestamps?

    init(
        device: Device, _ body: (inout CommandRecorder) throws(DeviceError) -> Void
    ) throws(DeviceError) {
        let functions = device.functions
        var poolInfo = VkCommandPoolCreateInfo()
        poolInfo.sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO
        poolInfo.queueFamilyIndex = UInt32(device.physical.queueFamily!)
        var created: VkCommandPool?
        try check("vkCreateCommandPool", functions.createCommandPool(device.raw, &poolInfo, nil, &created))
        pool = OwnedHandle(adopting: created!) { functions.destroyCommandPool(device.raw, $0, nil) }

        var info = VkCommandBufferAllocateInfo()
        info.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO
        info.commandPool = pool.raw
        info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY
        info.commandBufferCount = 1
        var buffer: VkCommandBuffer?
        try check("vkAllocateCommandBuffers", functions.allocateCommandBuffers(device.raw, &info, &buffer))
        raw = buffer!
        var begin = VkCommandBufferBeginInfo()
        begin.sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO
        try check("vkBeginCommandBuffer", functions.beginCommandBuffer(raw, &begin))
        stages =
            device.tracer != nil && device.limits.timestampValidBits > 0 ? try StageTimestamps(device) : nil
        var recorder = CommandRecorder(functions: functions, buffer: raw, stages: stages)
        stages?.begin(&recorder)
        try body(&recorder)
        stages?.end(&recorder)
        uses = recorder.uses
        try check("vkEndCommandBuffer", functions.endCommandBuffer(raw))
    }
}
