internal import QPCore
public import QPDevice
public import QPShaders
internal import Synchronization

/// The kernels of one device: compiled on first use, kept for the life of the library.
public final class KernelLibrary: Sendable {
    /// The device they run on.
    public let device: Device
    private let compiler: ShaderCompiler
    private let pipelines = Mutex<[Key: ComputePipeline]>([:])
    private let layouts = Mutex<[LayoutKey: PipelineLayout]>([:])
    /// Macros every kernel gets, after looking at what the driver does.
    private let deviceMacros: [String: String]

    private struct Key: Hashable {
        let file: String
        let macros: [String: String]
        let specialization: [UInt32]
    }

    private struct LayoutKey: Hashable {
        let bindings: [BindingKind]
        let pushConstantCount: Int
    }

    /// - Parameters:
    ///   - sources: file name to GLSL; a kernel author overrides single files.
    ///   - macros: further macros for every kernel; tests force a decoding path with it.
    /// - Throws: ``DeviceError``; runs one tiny probe on the device.
    public init(
        _ device: Device, sources: [String: String] = ShaderSources.files, cache: CacheFolder = .standard,
        macros: [String: String] = [:], onWarning: @escaping @Sendable (DeviceError) -> Void = { _ in }
    ) throws(DeviceError) {
        self.device = device
        compiler = ShaderCompiler(files: sources, cache: cache, onWarning: onWarning)
        let keepsSubnormals = try HalfProbe.keepsSubnormals(device, compiler)
        deviceMacros = macros.merging(keepsSubnormals ? [:] : ["F16_BY_INTEGERS": "1"]) { given, _ in given }
    }

    /// Lanes of a subgroup in every kernel.
    public var subgroupSize: Int { device.limits.subgroupSize }

    /// The workgroup of a kernel that takes any multiple of a subgroup: one subgroup on software, which executes a
    /// barrier as a switch of coroutines; elsewhere as many lanes as the device allows, `most` at most.
    func workgroupSize(upTo most: Int) -> Int {
        device.physical.isSoftware
            ? subgroupSize
            : max(subgroupSize, min(most, device.limits.workgroupInvocations) / subgroupSize * subgroupSize)
    }

    /// Whether halves are decoded by integers because the driver's unpacking flushes subnormals.
    public var decodesHalvesByIntegers: Bool { deviceMacros["F16_BY_INTEGERS"] != nil }

    /// Subgroups over which one dispatch spreads its rows. Enough to balance and to hide latency, few enough that
    /// their partial results cost little: a software rasteriser pays 0.1 µs a workgroup and has as many cores as
    /// the host; a GPU holds some thousands of subgroups at once.
    public var targetSubgroupCount: Int { device.physical.isSoftware ? 256 : 8192 }

    /// Some Mesa releases end all loops of an invocation after 65,535 iterations in total, silently. Dispatches stay
    /// far below that on software devices.
    var maximumIterations: Int { device.physical.isSoftware ? 50_000 : Int(Int32.max) }

    /// The pipeline of a shader file under these macros, made on first use.
    /// - Parameter further: specialisation constants after the workgroup and subgroup size.
    func pipeline(
        _ file: String, macros: [String: String] = [:], bindings: [BindingKind], pushConstantCount: Int,
        workgroupSize: Int, further: [UInt32] = []
    ) throws(DeviceError) -> ComputePipeline {
        let all = deviceMacros.merging(macros) { _, kernel in kernel }
        let specialization = [UInt32(workgroupSize), UInt32(subgroupSize)] + further
        let key = Key(file: file, macros: all, specialization: specialization)
        if let known = pipelines.withLock({ $0[key] }) { return known }
        let spirv = try compiler.compile(file, macros: all)
        let layout = try layout(bindings: bindings, pushConstantCount: pushConstantCount)
        let made = try ComputePipeline(
            layout, spirv: spirv, specialization: specialization,
            subgroupSize: device.limits.hasSubgroupSizeControl ? subgroupSize : nil)
        // Two threads may both have made it; the first one kept wins.
        return pipelines.withLock { pipelines in
            if let known = pipelines[key] { return known }
            pipelines[key] = made
            return made
        }
    }

    private func layout(bindings: [BindingKind], pushConstantCount: Int) throws(DeviceError) -> PipelineLayout {
        let key = LayoutKey(bindings: bindings, pushConstantCount: pushConstantCount)
        if let known = layouts.withLock({ $0[key] }) { return known }
        let made = try PipelineLayout(device, bindings: bindings, pushConstantCount: pushConstantCount)
        layouts.withLock { $0[key] = made }
        return made
    }
}

extension ElementType {
    /// The macro that selects this type in the shaders.
    var macro: String {
        switch self {
        case .f32: "ELEMENT_F32"
        case .f16: "ELEMENT_F16"
        case .bf16: "ELEMENT_BF16"
        case .int8: "ELEMENT_INT8"
        }
    }
}

/// Asks the driver whether `unpackHalf2x16` keeps subnormals: Vulkan lets it flush them.
enum HalfProbe {
    /// A normal value, the smallest and the largest subnormal, and a negative one.
    static let words: [UInt32] = [0x0001_3C00, 0x03FF_8001, 0x83FF_0200, 0x0000_8000]

    static func keepsSubnormals(_ device: Device, _ compiler: ShaderCompiler) throws(DeviceError) -> Bool {
        let layout = try PipelineLayout(device, bindings: [.storage, .storage], pushConstantCount: 1)
        let size = device.limits.subgroupSize
        let pipeline = try ComputePipeline(
            layout, spirv: try compiler.compile("half_probe.comp", macros: [:]),
            specialization: [UInt32(size), UInt32(size)], subgroupSize: nil)
        let input = try Buffer(device, byteCount: words.count * 4, use: .upload)
        let output = try Buffer(device, byteCount: words.count * 8, use: .readback)
        try input.write(words)
        let set = try BindingSet(layout, [.storage(input), .storage(output)])
        try device.run(
            try device.record { recorder throws(DeviceError) in
                recorder.bind(pipeline, set, constants: [UInt32(words.count)])
                recorder.dispatch(x: (words.count + size - 1) / size)
                recorder.barrierToHost()
            })
        let values: [UInt32] = try output.read(count: words.count * 2)
        let expected = words.flatMap { word in
            [UInt16(truncatingIfNeeded: word), UInt16(truncatingIfNeeded: word >> 16)].map {
                HalfCoding.decode($0).bitPattern
            }
        }
        return values == expected
    }
}
