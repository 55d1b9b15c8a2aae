internal import CVulkan

/// What is bound to one binding.
public enum BoundResource: Sendable {
    /// `byteCount` bytes of a buffer from `offset` on; to its end when nil.
    case storage(Buffer, offset: Int = 0, byteCount: Int? = nil)
    case texels(TexelView)
}

/// The resources of one dispatch, bound together. Keeps them alive.
public final class BindingSet: @unchecked Sendable {
    // @unchecked: immutable after init.
    let raw: VkDescriptorSet
    // A pool of its own: sets need no free list then, and the set goes with its pool.
    private let pool: OwnedHandle
    private let layout: PipelineLayout
    private let resources: [BoundResource]

    /// Binds `resources` in the order of the layout. Traps when kinds or limits do not fit.
    public init(_ layout: PipelineLayout, _ resources: [BoundResource]) throws(DeviceError) {
        precondition(resources.count == layout.bindings.count, "the layout has \(layout.bindings.count) bindings")
        self.layout = layout
        self.resources = resources
        let device = layout.device
        let functions = device.functions
        let kinds = Set(layout.bindings)
        let sizes = kinds.map { kind in
            VkDescriptorPoolSize(
                type: kind.descriptorType, descriptorCount: UInt32(layout.bindings.count { $0 == kind }))
        }
        var created: VkDescriptorPool?
        let poolResult = sizes.withUnsafeBufferPointer { sizes in
            var info = VkDescriptorPoolCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO
            info.maxSets = 1
            info.poolSizeCount = UInt32(sizes.count)
            info.pPoolSizes = sizes.baseAddress
            return functions.createDescriptorPool(device.raw, &info, nil, &created)
        }
        try check("vkCreateDescriptorPool", poolResult)
        let owner = created!
        pool = OwnedHandle(adopting: owner) { functions.destroyDescriptorPool(device.raw, $0, nil) }
        var setLayout: VkDescriptorSetLayout? = layout.setLayout
        var set: VkDescriptorSet?
        let setResult = withUnsafePointer(to: &setLayout) { setLayout in
            var info = VkDescriptorSetAllocateInfo()
            info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO
            info.descriptorPool = owner
            info.descriptorSetCount = 1
            info.pSetLayouts = setLayout
            return functions.allocateDescriptorSets(device.raw, &info, &set)
        }
        try check("vkAllocateDescriptorSets", setResult)
        raw = set!
        for (index, resource) in resources.enumerated() { bind(resource, index, layout.bindings[index], device) }
    }

    private func bind(_ resource: BoundResource, _ index: Int, _ kind: BindingKind, _ device: Device) {
        var write = VkWriteDescriptorSet()
        write.sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET
        write.dstSet = raw
        write.dstBinding = UInt32(index)
        write.descriptorCount = 1
        write.descriptorType = kind.descriptorType
        switch resource {
        case .storage(let buffer, let offset, let byteCount):
            let range = byteCount ?? (buffer.byteCount - offset)
            precondition(kind == .storage, "binding \(index) takes texels")
            precondition(range <= device.limits.storageBindingBytes, "binding \(index) exceeds the device's limit")
            var info = VkDescriptorBufferInfo(
                buffer: buffer.raw, offset: VkDeviceSize(offset), range: VkDeviceSize(range))
            withUnsafePointer(to: &info) { info in
                write.pBufferInfo = info
                device.functions.updateDescriptorSets(device.raw, 1, &write, 0, nil)
            }
        case .texels(let view):
            precondition(kind == .texels, "binding \(index) takes a storage buffer")
            var handle: VkBufferView? = view.raw
            withUnsafePointer(to: &handle) { handle in
                write.pTexelBufferView = handle
                device.functions.updateDescriptorSets(device.raw, 1, &write, 0, nil)
            }
        }
    }
}
