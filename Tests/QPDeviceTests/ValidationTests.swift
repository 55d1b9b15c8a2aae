import Testing

@testable import QPDevice

/// Without these an empty validation log would prove nothing: the layer might be off.
@Suite struct ValidationTests {
    /// Messages that `body` provokes.
    private func messages(_ body: (Device) throws -> Void) throws -> [String] {
        let log = ValidationLog()
        try { try body(try Device(try physicalDevice(validation: log), cache: CacheFolder(path: nil))) }()
        return log.messages
    }

    @Test func coreErrorsAreReported() throws {
        let messages = try messages { device in
            let buffer = try Buffer(device, byteCount: 64)
            // Recorded, never submitted: the offset of a fill is a multiple of four.
            _ = try device.record { recorder throws(DeviceError) in
                recorder.fill(buffer, offset: 2, byteCount: 4, with: 0)
            }
        }
        #expect(messages.count == 1)
        #expect(messages.first?.contains("VUID-vkCmdFillBuffer-dstOffset-00025") == true, "\(messages)")
    }

    @Test func hazardsBetweenTransfersAreReported() throws {
        let messages = try messages { device in
            let (a, b) = (try Buffer(device, byteCount: 64), try Buffer(device, byteCount: 64))
            _ = try device.record { recorder throws(DeviceError) in
                recorder.fill(a, offset: 0, byteCount: 64, with: 0)
                recorder.copy(from: a, 0, to: b, 0, byteCount: 64)
            }
        }
        #expect(messages.count == 1)
        #expect(messages.first?.contains("SYNC-HAZARD-READ-AFTER-WRITE") == true, "\(messages)")
    }

    /// The second dispatch reads what the first wrote; with the barrier between them nobody complains.
    @Test(arguments: [false, true])
    func hazardsBetweenDispatchesAreReported(hasBarrier: Bool) throws {
        let messages = try messages { device in
            let layout = try PipelineLayout(device, bindings: [.storage, .storage], pushConstantCount: 2)
            let pipeline = try ComputePipeline(
                layout, spirv: try ComputeTests.compiler.compile("affine.comp", macros: ["FACTOR": "1u"]),
                specialization: [8, 0], subgroupSize: nil)
            let buffers = try (0..<3).map { _ in try Buffer(device, byteCount: 64) }
            let first = try BindingSet(layout, [.storage(buffers[0]), .storage(buffers[1])])
            let second = try BindingSet(layout, [.storage(buffers[1]), .storage(buffers[2])])
            _ = try device.record { recorder throws(DeviceError) in
                recorder.bind(pipeline, first, constants: [16, 1])
                recorder.dispatch(x: 2)
                if hasBarrier { recorder.barrier() }
                recorder.bind(pipeline, second, constants: [16, 1])
                recorder.dispatch(x: 2)
            }
        }
        #expect(messages.isEmpty == hasBarrier, "\(messages)")
        if !hasBarrier {
            #expect(messages.contains { $0.contains("SYNC-HAZARD-READ-AFTER-WRITE") }, "\(messages)")
        }
    }

    /// Everything a device owns goes before it: the layer names each object that outlives its device.
    @Test func ownersDestroyTheirObjectsInOrder() throws {
        let messages = try messages { device in
            let buffer = try Buffer(device, byteCount: 64)
            let view = try TexelView(buffer)
            let large = try Buffer(device, byteCount: 40 << 20)
            let commands = try device.record { recorder throws(DeviceError) in
                recorder.fill(buffer, offset: 0, byteCount: 64, with: 1)
                recorder.fill(large, offset: 0, byteCount: 64, with: 1)
            }
            try device.run(commands)
            withExtendedLifetime(view) {}
        }
        #expect(messages.isEmpty, "\(messages)")
    }

    /// What was made from a device keeps it alive.
    @Test func objectsOutliveTheNameOfTheirDevice() throws {
        let log = ValidationLog()
        var buffer: Buffer? = try Buffer(
            try Device(try physicalDevice(validation: log), cache: CacheFolder(path: nil)), byteCount: 64)
        try buffer!.write([1, 2, 3] as [UInt32])
        let commands = try buffer!.device.record { [buffer] recorder throws(DeviceError) in
            recorder.fill(buffer!, offset: 4, byteCount: 4, with: 9)
            recorder.barrierToHost()
        }
        let device = buffer!.device
        try device.run(commands)
        #expect(try buffer!.read(count: 3) == [1, 9, 3] as [UInt32])
        buffer = nil
        // The commands still hold the buffer that they fill.
        try device.run(commands)
        #expect(log.messages.isEmpty, "\(log.messages)")
    }
}
