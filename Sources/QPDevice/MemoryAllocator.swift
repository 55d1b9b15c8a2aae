internal import CVulkan
internal import Synchronization

/// What a buffer's memory is for.
public enum MemoryUse: Sendable {
    /// Read and written by the device alone.
    case device
    /// Written by the host, read by the device.
    case upload
    /// Written by the device, read by the host.
    case readback
}

/// Gives buffers their memory: small ones share blocks, large ones get an allocation of their own.
///
/// Respects the largest allocation, the number of allocations, the heap's size, and the memory budget where the
/// driver tells one, so that a head that does not fit is an error with both numbers instead of a paging machine.
final class MemoryAllocator: @unchecked Sendable {
    // @unchecked: handles are only touched under `state`'s lock.

    /// Small enough to waste little, large enough that a head's workspaces share one.
    static let blockBytes = 32 << 20

    // @unchecked: handles and mapped addresses, which Vulkan lets any thread use one at a time.
    struct Block: @unchecked Sendable {
        let id: Int
        let type: Int
        let memory: VkDeviceMemory
        let mapped: UnsafeMutableRawPointer?
        var list: FreeList
    }

    struct Allocation: @unchecked Sendable {
        let blockID: Int
        let memory: VkDeviceMemory
        let range: Range<Int>
        /// Host address of the range; nil where the host cannot see it.
        let mapped: UnsafeMutableRawPointer?
    }

    private struct State: Sendable {
        var blocks: [Block] = []
        var nextID = 0
    }

    private let physical: PhysicalDevice
    private let owner: DeviceOwner
    private var functions: DeviceFunctions { owner.functions }
    private var device: VkDevice { owner.raw }
    private let state = Mutex(State())

    init(physical: PhysicalDevice, owner: DeviceOwner) {
        self.physical = physical
        self.owner = owner
    }

    deinit {
        state.withLock { state in
            for block in state.blocks { functions.freeMemory(device, block.memory, nil) }
        }
    }

    /// Memory types that serve `use`, best first.
    static func preference(_ types: [MemoryFacts.MemoryType], use: MemoryUse, allowed: UInt32) -> [Int] {
        func score(_ type: MemoryFacts.MemoryType) -> Int? {
            switch use {
            case .device:
                // Host-visible device memory saves a staging copy, but on discrete GPUs it can be a small window.
                // Never the host's memory: a head that does not fit would be read through the bus and measured as the
                // device's.
                guard type.isDeviceLocal else { return nil }
                return type.isHostVisible ? 1 : 2
            case .upload:
                guard type.isHostVisible, type.isHostCoherent else { return nil }
                return (type.isDeviceLocal ? 0 : 2) + (type.isHostCached ? 0 : 1)
            case .readback:
                guard type.isHostVisible, type.isHostCoherent else { return nil }
                return (type.isHostCached ? 2 : 0) + (type.isDeviceLocal ? 0 : 1)
            }
        }
        return types.indices
            .filter { allowed >> UInt32($0) & 1 == 1 }
            .compactMap { index in score(types[index]).map { (index, $0) } }
            .sorted { $0.1 > $1.1 }
            .map(\.0)
    }

    func allocate(_ requirements: VkMemoryRequirements, use: MemoryUse) throws(DeviceError) -> Allocation {
        let byteCount = Int(requirements.size)
        let limits = physical.limits
        guard byteCount <= limits.allocationBytes else {
            throw DeviceError(
                .outOfMemory,
                "an allocation of \(byteCount) bytes exceeds the device's largest, \(limits.allocationBytes) bytes",
                advice: "This is an error in qp-gpu, which splits larger buffers: please report it.")
        }
        let types = Self.preference(limits.memory.types, use: use, allowed: requirements.memoryTypeBits)
        var failure = DeviceError(.outOfMemory, "the device has no memory type for \(use) buffers")
        for type in types {
            do throws(DeviceError) {
                return try allocate(byteCount, alignment: Int(requirements.alignment), type: type)
            } catch {
                guard error.code == .outOfMemory else { throw error }
                failure = error
            }
        }
        throw failure
    }

    private func allocate(_ byteCount: Int, alignment: Int, type: Int) throws(DeviceError) -> Allocation {
        let isLarge = byteCount > Self.blockBytes / 2
        // `withLock` cannot carry a typed throw out of its closure here, so the result travels as a value.
        let result: Result<Allocation, DeviceError> = state.withLock { state in
            if !isLarge {
                for index in state.blocks.indices where state.blocks[index].type == type {
                    if let range = state.blocks[index].list.take(byteCount: byteCount, alignment: alignment) {
                        return .success(Self.allocation(state.blocks[index], range))
                    }
                }
            }
            do throws(DeviceError) {
                let blockBytes = isLarge ? byteCount : min(Self.blockBytes, physical.limits.allocationBytes)
                var block = try makeBlock(blockBytes, type: type, id: state.nextID, beside: state.blocks)
                let range = block.list.take(byteCount: byteCount, alignment: alignment)!
                state.nextID += 1
                state.blocks.append(block)
                return .success(Self.allocation(block, range))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func allocation(_ block: Block, _ range: Range<Int>) -> Allocation {
        Allocation(
            blockID: block.id, memory: block.memory, range: range,
            mapped: block.mapped.map { $0 + range.lowerBound })
    }

    private func makeBlock(
        _ byteCount: Int, type: Int, id: Int, beside blocks: [Block]
    ) throws(DeviceError) -> Block {
        let limits = physical.limits
        guard blocks.count < limits.allocationCount else {
            throw DeviceError(.outOfMemory, "the device allows no more than \(limits.allocationCount) allocations")
        }
        let heap = limits.memory.types[type].heap
        let left = remainingBytes(heap: heap, blocks)
        guard byteCount <= left else {
            throw DeviceError(
                .outOfMemory, "\(byteCount) bytes are needed, but memory heap \(heap) has \(left) bytes left",
                advice: "Choose a smaller head or element type, or free memory on the device.")
        }
        var info = VkMemoryAllocateInfo()
        info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
        info.allocationSize = VkDeviceSize(byteCount)
        info.memoryTypeIndex = UInt32(type)
        var memory: VkDeviceMemory?
        try check("vkAllocateMemory of \(byteCount) bytes", functions.allocateMemory(device, &info, nil, &memory))
        var mapped: UnsafeMutableRawPointer?
        let properties = limits.memory.types[type]
        if properties.isHostVisible && properties.isHostCoherent {
            let result = functions.mapMemory(device, memory, 0, VkDeviceSize(VK_WHOLE_SIZE), 0, &mapped)
            if result != VK_SUCCESS {
                functions.freeMemory(device, memory, nil)
                throw .failed("vkMapMemory", result)
            }
        }
        return Block(id: id, type: type, memory: memory!, mapped: mapped, list: FreeList(byteCount: byteCount))
    }

    /// What the driver's budget leaves, or else the heap less what was taken from it here.
    ///
    /// Some software drivers report a heap far smaller than they grant, and grant more than the host has, so there
    /// the host's memory is the heap.
    private func remainingBytes(heap: Int, _ blocks: [Block]) -> Int {
        if physical.limits.hasMemoryBudget {
            return MemoryFacts.budget(physical.instance.functions, physical.handle)[heap]
        }
        let memory = physical.limits.memory
        // Every heap of a software device is the same memory.
        let taken = blocks.filter { physical.isSoftware || memory.types[$0.type].heap == heap }
        let whole = physical.isSoftware ? HostMemory.byteCount : memory.heapBytes[heap]
        return max(0, whole - taken.reduce(0) { $0 + $1.list.byteCount })
    }

    /// Bytes left in all heaps of the device's own together.
    var remainingBytes: Int {
        state.withLock { state in
            let memory = physical.limits.memory
            let left = memory.heapBytes.indices.filter { memory.heapIsDeviceLocal[$0] }
                .map { remainingBytes(heap: $0, state.blocks) }
            return physical.isSoftware ? left.max() ?? 0 : left.reduce(0, +)
        }
    }

    func release(_ allocation: Allocation) {
        state.withLock { state in
            guard let index = state.blocks.firstIndex(where: { $0.id == allocation.blockID }) else { return }
            state.blocks[index].list.release(allocation.range)
            if state.blocks[index].list.isUnused {
                functions.freeMemory(device, state.blocks.remove(at: index).memory, nil)
            }
        }
    }
}
