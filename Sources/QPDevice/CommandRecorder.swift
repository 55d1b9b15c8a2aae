internal import CVulkan

/// Records commands into one command buffer; valid only inside the closure that received it.
public struct CommandRecorder {
    private let functions: DeviceFunctions
    private let buffer: VkCommandBuffer
    /// What the commands refer to.
    private(set) var uses: [AnyObject] = []
    /// Where the device is traced.
    let stages: StageTimestamps?

    init(functions: DeviceFunctions, buffer: VkCommandBuffer, stages: StageTimestamps?) {
        self.stages = stages
        self.functions = functions
        self.buffer = buffer
    }

    /// Binds a pipeline with its resources and push constants for the dispatches that follow.
    public mutating func bind(_ pipeline: ComputePipeline, _ bindings: BindingSet, constants: [UInt32]) {
        precondition(constants.count * 4 == pipeline.layout.pushConstantBytes, "push constants do not fit the layout")
        uses.append(pipeline)
        uses.append(bindings)
        functions.cmdBindPipeline(buffer, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.raw)
        var set: VkDescriptorSet? = bindings.raw
        functions.cmdBindDescriptorSets(
            buffer, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout.raw, 0, 1, &set, 0, nil)
        if !constants.isEmpty {
            functions.cmdPushConstants(
                buffer, pipeline.layout.raw, UInt32(VK_SHADER_STAGE_COMPUTE_BIT.rawValue), 0,
                UInt32(constants.count * 4), constants)
        }
    }

    /// Dispatches `x × y × z` workgroups.
    public func dispatch(x: Int, y: Int = 1, z: Int = 1) {
        functions.cmdDispatch(buffer, UInt32(x), UInt32(y), UInt32(z))
    }

    /// Dispatches as many workgroups as three words at `offset` of `arguments` say.
    public mutating func dispatchIndirect(_ arguments: Buffer, offset: Int = 0) {
        uses.append(arguments)
        functions.cmdDispatchIndirect(buffer, arguments.raw, VkDeviceSize(offset))
    }

    public mutating func copy(
        from source: Buffer, _ sourceOffset: Int, to target: Buffer, _ targetOffset: Int, byteCount: Int
    ) {
        uses.append(source)
        uses.append(target)
        var region = VkBufferCopy(
            srcOffset: VkDeviceSize(sourceOffset), dstOffset: VkDeviceSize(targetOffset), size: VkDeviceSize(byteCount))
        functions.cmdCopyBuffer(buffer, source.raw, target.raw, 1, &region)
    }

    /// Fills the words of a range with `word`.
    public mutating func fill(_ target: Buffer, offset: Int, byteCount: Int, with word: UInt32) {
        uses.append(target)
        functions.cmdFillBuffer(buffer, target.raw, VkDeviceSize(offset), VkDeviceSize(byteCount), word)
    }

    /// Writes a timestamp once everything before it has finished.
    ///
    /// A barrier comes first: without it single readings on one software driver were off by milliseconds.
    public mutating func timestamp(_ timestamps: TimestampPool, _ index: Int) {
        uses.append(timestamps)
        barrier()
        functions.cmdWriteTimestamp(
            buffer, VK_PIPELINE_STAGE_BOTTOM_OF_PIPE_BIT, timestamps.raw, UInt32(index))
    }

    /// Resets all of `timestamps`; needed before they are written again.
    public mutating func reset(_ timestamps: TimestampPool) {
        uses.append(timestamps)
        functions.cmdResetQueryPool(buffer, timestamps.raw, 0, UInt32(timestamps.count))
    }

    /// Makes all earlier shader and transfer writes visible to later shaders, transfers and indirect arguments.
    public func barrier() {
        memoryBarrier(
            from: [VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT],
            [VK_ACCESS_SHADER_WRITE_BIT, VK_ACCESS_TRANSFER_WRITE_BIT],
            to: [
                VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT,
                VK_PIPELINE_STAGE_DRAW_INDIRECT_BIT,
            ],
            [
                VK_ACCESS_SHADER_READ_BIT, VK_ACCESS_SHADER_WRITE_BIT, VK_ACCESS_TRANSFER_READ_BIT,
                VK_ACCESS_TRANSFER_WRITE_BIT, VK_ACCESS_INDIRECT_COMMAND_READ_BIT,
            ])
    }

    /// Makes all earlier writes visible to the host once the submission is waited for.
    public func barrierToHost() {
        memoryBarrier(
            from: [VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_PIPELINE_STAGE_TRANSFER_BIT],
            [VK_ACCESS_SHADER_WRITE_BIT, VK_ACCESS_TRANSFER_WRITE_BIT],
            to: [VK_PIPELINE_STAGE_HOST_BIT], [VK_ACCESS_HOST_READ_BIT])
    }

    private func memoryBarrier(
        from sourceStages: [VkPipelineStageFlagBits], _ sourceAccess: [VkAccessFlagBits],
        to targetStages: [VkPipelineStageFlagBits], _ targetAccess: [VkAccessFlagBits]
    ) {
        var barrier = VkMemoryBarrier()
        barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER
        barrier.srcAccessMask = sourceAccess.reduce(0) { $0 | UInt32($1.rawValue) }
        barrier.dstAccessMask = targetAccess.reduce(0) { $0 | UInt32($1.rawValue) }
        functions.cmdPipelineBarrier(
            buffer, sourceStages.reduce(0) { $0 | UInt32($1.rawValue) },
            targetStages.reduce(0) { $0 | UInt32($1.rawValue) }, 0, 1, &barrier, 0, nil, 0, nil)
    }
}
