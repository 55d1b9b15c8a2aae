import Foundation
import Testing

@testable import QPDevice

@Suite struct PipelineCacheTests {
    private func makePipeline(_ device: Device) throws {
        let layout = try PipelineLayout(device, bindings: [.storage], pushConstantCount: 0)
        _ = try ComputePipeline(
            layout, spirv: try ComputeTests.compiler.compile("count.comp", macros: [:]), specialization: [],
            subgroupSize: nil)
    }

    private func stored(_ folder: String) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/pipelines")
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: URL(filePath: "\(folder)/pipelines/\($0)"))) })
    }

    @Test func isSavedAndLoadedByTheNextDevice() throws {
        try inFolder { folder in
            let cache = CacheFolder(path: folder)
            var key = ""
            try withValidatedDevice(cache: cache) { device in
                key = device.limits.pipelineCacheUUID
                try makePipeline(device)
                device.savePipelineCache()
            }
            // The header that Vulkan prescribes: 32 bytes, version one, and the driver's UUID.
            let payload = try #require(cache.load("pipelines", key: key))
            #expect(Array(payload.prefix(8)) == [32, 0, 0, 0, 1, 0, 0, 0])
            let uuid = payload[16..<32].map { String(format: "%02x", $0) }.joined()
            #expect(uuid == key.replacing("-", with: ""))
            // And the driver takes it back without a complaint.
            try withValidatedDevice(cache: cache) { try makePipeline($0) }
        }
    }

    @Test func damagedEntryNeverReachesTheDriver() throws {
        try inFolder { folder in
            let cache = CacheFolder(path: folder)
            try withValidatedDevice(cache: cache) { device in
                try makePipeline(device)
                device.savePipelineCache()
            }
            let sound = try stored(folder)
            let name = try #require(sound.keys.first)
            var damaged = [UInt8](sound[name]!)
            for index in damaged.indices.suffix(24) { damaged[index] = 0xFF }
            try Data(damaged).write(to: URL(filePath: "\(folder)/pipelines/\(name)"))
            try withValidatedDevice(cache: cache) { device in
                #expect(cache.load("pipelines", key: device.limits.pipelineCacheUUID) == nil)
                try makePipeline(device)
                device.savePipelineCache()
            }
            // Rebuilt.
            #expect(try stored(folder) == sound)
        }
    }

    @Test func unwritableFolderIsAWarning() throws {
        try inFolder { folder in
            try Data().write(to: URL(filePath: folder + "/file"))
            let warnings = Warnings()
            let device = try Device(
                try physicalDevice(), cache: CacheFolder(path: folder + "/file"), onWarning: warnings.append)
            try makePipeline(device)
            device.savePipelineCache()
            #expect(
                warnings.all.map(\.message) == ["the cache folder \(folder)/file cannot be written: Not a directory"])
        }
    }
}
