internal import CVulkan

/// The driver's own cache of compiled pipelines, kept on disk between runs.
///
/// Drivers must ignore data that is not theirs, and one that did not crashed on it; so the entry is keyed by the
/// driver's cache UUID and checksummed before the driver sees it.
final class PipelineCache: @unchecked Sendable {
    // @unchecked: the driver synchronises a pipeline cache itself.
    private let owner: DeviceOwner
    private let cache: CacheFolder
    private let key: String
    private let onWarning: @Sendable (DeviceError) -> Void
    private var loaded: [UInt8]
    private let handle: OwnedHandle
    var raw: VkPipelineCache { handle.raw }

    init(
        owner: DeviceOwner, cache: CacheFolder, key: String, onWarning: @escaping @Sendable (DeviceError) -> Void
    ) throws(DeviceError) {
        self.owner = owner
        self.cache = cache
        self.key = key
        self.onWarning = onWarning
        let data = cache.load("pipelines", key: key) ?? []
        loaded = data
        var created: VkPipelineCache?
        let result = data.withUnsafeBytes { data in
            var info = VkPipelineCacheCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO
            info.initialDataSize = data.count
            info.pInitialData = data.isEmpty ? nil : data.baseAddress
            return owner.functions.createPipelineCache(owner.raw, &info, nil, &created)
        }
        try check("vkCreatePipelineCache", result)
        handle = OwnedHandle(adopting: created!) { owner.functions.destroyPipelineCache(owner.raw, $0, nil) }
    }

    /// Writes what the driver has gathered, when it changed.
    func save() {
        let functions = owner.functions
        var byteCount = 0
        guard functions.getPipelineCacheData(owner.raw, raw, &byteCount, nil) == VK_SUCCESS, byteCount > 0 else {
            return
        }
        var data = [UInt8](repeating: 0, count: byteCount)
        guard functions.getPipelineCacheData(owner.raw, raw, &byteCount, &data) == VK_SUCCESS else { return }
        data.removeLast(data.count - byteCount)
        guard data != loaded else { return }
        loaded = data
        do throws(DeviceError) { try cache.store("pipelines", key: key, data) } catch { onWarning(error) }
    }
}

extension Device {
    /// Keeps compiled pipelines for the next run; call it when the pipelines of a head have been made.
    public func savePipelineCache() { pipelineCache.save() }
}
