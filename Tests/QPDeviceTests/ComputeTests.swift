import QPCore
import Testing

@testable import QPDevice

/// Small kernels, compiled here, that each use one thing which real kernels need.
@Suite struct ComputeTests {
    static let files = [
        "shared.glsl": """
        uint twist(uint x) { return x * FACTOR + 1u; }
        """,
        "affine.comp": """
        #version 450
        #include "shared.glsl"
        layout(local_size_x_id = 0) in;
        layout(constant_id = 1) const uint OFFSET = 0;
        layout(binding = 0) readonly buffer Source { uint source[]; };
        layout(binding = 1) buffer Target { uint target[]; };
        layout(push_constant) uniform Push { uint count; uint scale; };
        void main() {
            uint i = gl_GlobalInvocationID.x;
            if (i < count) target[i] = twist(source[i]) * scale + OFFSET;
        }
        """,
        "texels.comp": """
        #version 450
        layout(local_size_x = 8) in;
        layout(binding = 0) uniform usamplerBuffer source;
        layout(binding = 1) writeonly buffer Target { uvec4 target[]; };
        void main() {
            int i = int(gl_GlobalInvocationID.x);
            if (i < textureSize(source)) target[i] = texelFetch(source, i);
        }
        """,
        "count.comp": """
        #version 450
        layout(local_size_x = 1) in;
        layout(binding = 0) buffer Target { uint target[]; };
        void main() { atomicAdd(target[0], 1u); target[1 + gl_WorkGroupID.x] += 1u; }
        """,
        "double.comp": """
        #version 450
        layout(local_size_x = 1) in;
        layout(binding = 0) buffer Target { uint target[]; };
        void main() { target[0] = target[0] * 3u + 1u; }
        """,
    ]

    static let compiler = ShaderCompiler(files: files, cache: CacheFolder(path: nil))

    private func affine(
        _ device: Device, factor: Int, workgroupSize: UInt32, offset: UInt32
    ) throws -> ComputePipeline {
        let layout = try PipelineLayout(device, bindings: [.storage, .storage], pushConstantCount: 2)
        return try ComputePipeline(
            layout, spirv: try Self.compiler.compile("affine.comp", macros: ["FACTOR": "\(factor)u"]),
            specialization: [workgroupSize, offset], subgroupSize: nil)
    }

    /// Include, macro, specialisation constants and push constants, each of which changes the result.
    @Test(arguments: [(1, 8, 0), (1, 8, 5), (3, 64, 5), (1_000_003, 1, 0xFFFF_FFFF)] as [(Int, UInt32, UInt32)])
    func constantsReachTheKernel(factor: Int, workgroupSize: UInt32, offset: UInt32) throws {
        try withValidatedDevice { device in
            let count = 1000
            let words = (0..<UInt32(count)).map { $0 &* 0x9E37_79B9 }
            let source = try Buffer(device, byteCount: count * 4, use: .upload)
            let target = try Buffer(device, byteCount: count * 4 + 4, use: .readback)
            try source.write(words)
            try target.write([UInt32](repeating: 99, count: count + 1))
            let pipeline = try affine(device, factor: factor, workgroupSize: workgroupSize, offset: offset)
            let set = try BindingSet(pipeline.layout, [.storage(source), .storage(target)])
            for scale: UInt32 in [1, 7] {
                try device.run(
                    try device.record { recorder throws(DeviceError) in
                        recorder.bind(pipeline, set, constants: [UInt32(count), scale])
                        recorder.dispatch(x: (count + Int(workgroupSize) - 1) / Int(workgroupSize))
                        recorder.barrierToHost()
                    })
                let expected = words.map { ($0 &* UInt32(factor) &+ 1) &* scale &+ offset }
                #expect(try target.read(count: count + 1) == expected + [99])
            }
        }
    }

    @Test func bindingsMayShowAPartOfABuffer() throws {
        try withValidatedDevice { device in
            let alignment = max(device.limits.storageOffsetAlignment, 16)
            let buffer = try Buffer(device, byteCount: alignment * 3, use: .readback)
            try buffer.write([UInt32](repeating: 5, count: alignment * 3 / 4))
            let pipeline = try affine(device, factor: 1, workgroupSize: 8, offset: 0)
            let set = try BindingSet(
                pipeline.layout,
                [
                    .storage(buffer, offset: 0, byteCount: 16),
                    .storage(buffer, offset: alignment * 2, byteCount: 16),
                ])
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    recorder.bind(pipeline, set, constants: [4, 2])
                    recorder.dispatch(x: 1)
                    recorder.barrierToHost()
                })
            var expected = [UInt32](repeating: 5, count: alignment * 3 / 4)
            for index in 0..<4 { expected[alignment / 2 + index] = 12 }
            #expect(try buffer.read(count: expected.count) == expected)
        }
    }

    /// A whole buffer, a range from an offset on, and one with an end.
    @Test(arguments: [(0, nil), (256, nil), (256, 512)] as [(Int, Int?)])
    func texelViewShowsItsRange(offset: Int, byteCount: Int?) throws {
        try withValidatedDevice { device in
            let source = try Buffer(device, byteCount: 1024, use: .upload)
            let words = (0..<UInt32(256)).map { $0 &* 40_503 }
            try source.write(words)
            let target = try Buffer(device, byteCount: 1024, use: .readback)
            try target.write([UInt32](repeating: 0, count: 256))
            let layout = try PipelineLayout(device, bindings: [.texels, .storage], pushConstantCount: 0)
            let pipeline = try ComputePipeline(
                layout, spirv: try Self.compiler.compile("texels.comp", macros: [:]), specialization: [],
                subgroupSize: nil)
            let view = try TexelView(source, offset: offset, byteCount: byteCount)
            let set = try BindingSet(layout, [.texels(view), .storage(target)])
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    recorder.bind(pipeline, set, constants: [])
                    recorder.dispatch(x: 8)
                    recorder.barrierToHost()
                })
            let shown = words[(offset / 4)..<((offset + (byteCount ?? 1024 - offset)) / 4)]
            let read: [UInt32] = try target.read(count: 256)
            #expect(read == Array(shown) + [UInt32](repeating: 0, count: 256 - shown.count))
        }
    }

    private func counter(_ device: Device) throws -> (ComputePipeline, Buffer, BindingSet) {
        let layout = try PipelineLayout(device, bindings: [.storage], pushConstantCount: 0)
        let pipeline = try ComputePipeline(
            layout, spirv: try Self.compiler.compile("count.comp", macros: [:]), specialization: [], subgroupSize: nil)
        let target = try Buffer(device, byteCount: 64, use: .readback)
        try target.write([UInt32](repeating: 0, count: 16))
        return (pipeline, target, try BindingSet(layout, [.storage(target)]))
    }

    @Test(arguments: [0, 1, 5, 15], [0, 16])
    func indirectDispatchTakesItsCountFromTheDevice(groups: Int, offset: Int) throws {
        try withValidatedDevice { device in
            let (pipeline, target, set) = try counter(device)
            let arguments = try Buffer(device, byteCount: 32)
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    // The count is born on the device, in the same submission.
                    recorder.fill(arguments, offset: offset, byteCount: 4, with: UInt32(groups))
                    recorder.fill(arguments, offset: offset + 4, byteCount: 8, with: 1)
                    recorder.barrier()
                    recorder.bind(pipeline, set, constants: [])
                    recorder.dispatchIndirect(arguments, offset: offset)
                    recorder.barrierToHost()
                })
            let expected = [UInt32(groups)] + (0..<15).map { $0 < groups ? 1 : 0 }
            #expect(try target.read(count: 16) == expected)
        }
    }

    @Test func recordedCommandsRunAsOftenAsSubmitted() throws {
        try withValidatedDevice { device in
            let (pipeline, target, set) = try counter(device)
            let commands = try device.record { recorder throws(DeviceError) in
                recorder.bind(pipeline, set, constants: [])
                recorder.dispatch(x: 3)
                recorder.barrierToHost()
            }
            for turn in 1...200 {
                try device.run(commands)
                #expect(try target.read(UInt32.self, count: 4).first == UInt32(3 * turn))
            }
        }
    }

    /// Tickets may be waited for late, in any order, and twice.
    @Test func ticketsOrderTheQueue() throws {
        try withValidatedDevice { device in
            let (pipeline, target, set) = try counter(device)
            let commands = try (0..<8).map { _ in
                try device.record { recorder throws(DeviceError) in
                    recorder.barrier()
                    recorder.bind(pipeline, set, constants: [])
                    recorder.dispatch(x: 1)
                    recorder.barrierToHost()
                }
            }
            let tickets = try commands.map { try device.submit($0) }
            try device.wait(for: tickets[7])
            #expect(try target.read(count: 2) == [8, 8] as [UInt32])
            for ticket in tickets.reversed() { try device.wait(for: ticket) }
        }
    }

    /// Each dispatch reads what the one before wrote: wrong at once when a barrier does not hold.
    @Test func barrierOrdersDispatches() throws {
        try withValidatedDevice { device in
            let layout = try PipelineLayout(device, bindings: [.storage], pushConstantCount: 0)
            let pipeline = try ComputePipeline(
                layout, spirv: try Self.compiler.compile("double.comp", macros: [:]), specialization: [],
                subgroupSize: nil)
            let target = try Buffer(device, byteCount: 4, use: .readback)
            try target.write([UInt32(1)])
            let set = try BindingSet(layout, [.storage(target)])
            try device.run(
                try device.record { recorder throws(DeviceError) in
                    recorder.bind(pipeline, set, constants: [])
                    for _ in 0..<100 {
                        recorder.dispatch(x: 1)
                        recorder.barrier()
                    }
                    recorder.barrierToHost()
                })
            #expect(try target.read(count: 1) == [(0..<100).reduce(UInt32(1)) { value, _ in value &* 3 &+ 1 }])
        }
    }

    @Test func timestampsAreOrderedAndNameTheirMethod() throws {
        try withValidatedDevice { device in
            guard device.limits.timestampValidBits > 0 else { return }
            let (pipeline, _, set) = try counter(device)
            let timestamps = try TimestampPool(device, count: 3)
            let commands = try device.record { recorder throws(DeviceError) in
                recorder.reset(timestamps)
                recorder.timestamp(timestamps, 0)
                recorder.bind(pipeline, set, constants: [])
                recorder.dispatch(x: 15)
                recorder.timestamp(timestamps, 1)
                recorder.barrier()
                recorder.dispatch(x: 15)
                recorder.timestamp(timestamps, 2)
            }
            for _ in 0..<20 {
                try device.run(commands)
                let first = try timestamps.duration(from: 0, to: 1)
                let second = try timestamps.duration(from: 1, to: 2)
                let both = try timestamps.duration(from: 0, to: 2)
                #expect(first.method == .deviceTimestamp)
                #expect(first.nanoseconds > 0 && second.nanoseconds > 0)
                // Ticks are whole, so parts add up but for the rounding of three products.
                #expect(abs(first.nanoseconds + second.nanoseconds - both.nanoseconds) <= 1e-9 * both.nanoseconds)
            }
        }
    }
}
