internal import CVulkan

/// The kind of one binding, in the order of its number in the shader.
public enum BindingKind: Hashable, Sendable {
    /// A storage buffer.
    case storage
    /// A uniform texel buffer of unsigned words.
    case texels
}

/// Bindings and push constants of a kernel.
public final class PipelineLayout: @unchecked Sendable {
    // @unchecked: immutable.
    public let bindings: [BindingKind]
    public let pushConstantBytes: Int
    let device: Device
    private let setLayoutHandle: OwnedHandle
    private let handle: OwnedHandle
    var raw: VkPipelineLayout { handle.raw }
    var setLayout: VkDescriptorSetLayout { setLayoutHandle.raw }

    public init(_ device: Device, bindings: [BindingKind], pushConstantCount: Int) throws(DeviceError) {
        precondition(pushConstantCount * 4 <= 128, "128 bytes of push constants are all that Vulkan promises")
        self.device = device
        self.bindings = bindings
        pushConstantBytes = pushConstantCount * 4
        let functions = device.functions
        let descriptions = bindings.enumerated().map { index, kind in
            var binding = VkDescriptorSetLayoutBinding()
            binding.binding = UInt32(index)
            binding.descriptorType = kind.descriptorType
            binding.descriptorCount = 1
            binding.stageFlags = UInt32(VK_SHADER_STAGE_COMPUTE_BIT.rawValue)
            return binding
        }
        var setLayout: VkDescriptorSetLayout?
        let setResult = descriptions.withUnsafeBufferPointer { descriptions in
            var info = VkDescriptorSetLayoutCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO
            info.bindingCount = UInt32(descriptions.count)
            info.pBindings = descriptions.baseAddress
            return functions.createDescriptorSetLayout(device.raw, &info, nil, &setLayout)
        }
        try check("vkCreateDescriptorSetLayout", setResult)
        setLayoutHandle = OwnedHandle(adopting: setLayout!) {
            functions.destroyDescriptorSetLayout(device.raw, $0, nil)
        }
        var range = VkPushConstantRange(
            stageFlags: UInt32(VK_SHADER_STAGE_COMPUTE_BIT.rawValue), offset: 0, size: UInt32(pushConstantBytes))
        var layout: VkPipelineLayout?
        let result = withUnsafePointer(to: &setLayout) { setLayout in
            withUnsafePointer(to: &range) { range in
                var info = VkPipelineLayoutCreateInfo()
                info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO
                info.setLayoutCount = 1
                info.pSetLayouts = setLayout
                info.pushConstantRangeCount = pushConstantCount > 0 ? 1 : 0
                info.pPushConstantRanges = range
                return functions.createPipelineLayout(device.raw, &info, nil, &layout)
            }
        }
        try check("vkCreatePipelineLayout", result)
        handle = OwnedHandle(adopting: layout!) { functions.destroyPipelineLayout(device.raw, $0, nil) }
    }
}

extension BindingKind {
    var descriptorType: VkDescriptorType {
        switch self {
        case .storage: VK_DESCRIPTOR_TYPE_STORAGE_BUFFER
        case .texels: VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER
        }
    }
}

/// A compiled kernel, ready to be bound.
public final class ComputePipeline: @unchecked Sendable {
    // @unchecked: immutable.
    public let layout: PipelineLayout
    private let handle: OwnedHandle
    var raw: VkPipeline { handle.raw }

    /// - Parameters:
    ///   - specialization: values of the specialization constants 0, 1, …
    ///   - subgroupSize: the subgroup size to insist on, with full subgroups; nil leaves it to the driver. Only
    ///     where ``DeviceLimits/hasSubgroupSizeControl``.
    /// - Throws: ``DeviceError``. Drivers may compile here or at the first dispatch: warm up before timing.
    public init(
        _ layout: PipelineLayout, spirv: [UInt32], specialization: [UInt32], subgroupSize: Int?
    ) throws(DeviceError) {
        self.layout = layout
        let device = layout.device
        let functions = device.functions
        var module: VkShaderModule?
        let moduleResult = spirv.withUnsafeBufferPointer { words in
            var info = VkShaderModuleCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO
            info.codeSize = words.count * 4
            info.pCode = words.baseAddress
            return functions.createShaderModule(device.raw, &info, nil, &module)
        }
        try check("vkCreateShaderModule", moduleResult)
        defer { functions.destroyShaderModule(device.raw, module, nil) }

        let entries = specialization.indices.map {
            VkSpecializationMapEntry(constantID: UInt32($0), offset: UInt32($0 * 4), size: 4)
        }
        var required = VkPipelineShaderStageRequiredSubgroupSizeCreateInfo()
        required.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO
        required.requiredSubgroupSize = UInt32(subgroupSize ?? 0)
        let insists = subgroupSize != nil && device.limits.hasSubgroupSizeControl
        var pipeline: VkPipeline?
        let result = entries.withUnsafeBufferPointer { entries in
            specialization.withUnsafeBytes { data in
                "main".withCString { name in
                    withUnsafePointer(to: &required) { required in
                        var values = VkSpecializationInfo()
                        values.mapEntryCount = UInt32(entries.count)
                        values.pMapEntries = entries.baseAddress
                        values.dataSize = data.count
                        values.pData = data.baseAddress
                        return withUnsafePointer(to: &values) { values in
                            var info = VkComputePipelineCreateInfo()
                            info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO
                            info.layout = layout.raw
                            info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO
                            info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT
                            info.stage.module = module
                            info.stage.pName = name
                            info.stage.pSpecializationInfo = values
                            if insists {
                                info.stage.pNext = UnsafeRawPointer(required)
                                info.stage.flags = UInt32(
                                    VK_PIPELINE_SHADER_STAGE_CREATE_REQUIRE_FULL_SUBGROUPS_BIT.rawValue)
                            }
                            return functions.createComputePipelines(
                                device.raw, device.pipelineCache.raw, 1, &info, nil, &pipeline)
                        }
                    }
                }
            }
        }
        try check("vkCreateComputePipelines", result)
        handle = OwnedHandle(adopting: pipeline!) { functions.destroyPipeline(device.raw, $0, nil) }
    }
}
