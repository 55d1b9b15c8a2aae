internal import CVulkan

/// The owner of a `VkDevice` and its functions.
///
/// ``Device`` and the parts of it that hold Vulkan objects share it, so the device is destroyed after the last of
/// them whatever the order in which Swift lets stored properties go.
final class DeviceOwner: @unchecked Sendable {
    // @unchecked: immutable.
    let functions: DeviceFunctions
    private let handle: OwnedHandle
    var raw: VkDevice { handle.raw }

    /// Takes over `raw`, which was made from `physical`, and keeps its instance alive.
    init(_ physical: PhysicalDevice, adopting raw: VkDevice) throws(DeviceError) {
        let functions = try DeviceFunctions(instance: physical.instance.functions, device: raw)
        self.functions = functions
        let instance = physical.instance
        handle = OwnedHandle(adopting: raw) { raw in
            withExtendedLifetime(instance) { functions.destroyDevice(raw, nil) }
        }
    }
}
