import Foundation
import QPCore
import Testing

@testable import QPDevice

@Suite struct CacheFolderTests {
    @Test(arguments: [0, 1, 2, 3, 4, 63, 4096, 1 << 20])
    func whatIsStoredIsLoaded(byteCount: Int) throws {
        try inFolder { path in
            let cache = CacheFolder(path: path + "/made/on/first/use")
            var generator = PhiloxGenerator(seed: UInt64(byteCount))
            let payload = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(cache.load("spirv", key: "a key\nof two lines") == nil)
            try cache.store("spirv", key: "a key\nof two lines", payload)
            #expect(cache.load("spirv", key: "a key\nof two lines") == payload)
            #expect(cache.load("pipelines", key: "a key\nof two lines") == nil)
            #expect(cache.load("spirv", key: "another key") == nil)
        }
    }

    @Test func laterEntryTakesThePlaceOfTheEarlier() throws {
        try inFolder { path in
            let cache = CacheFolder(path: path)
            try cache.store("spirv", key: "key", [1, 2, 3])
            try cache.store("spirv", key: "key", [4])
            #expect(cache.load("spirv", key: "key") == [4])
            // And leaves no temporary file.
            #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/spirv").count == 1)
        }
    }

    @Test func everySingleBitIsGuarded() {
        let key = "key"
        let entry = CacheFolder.entry([7, 0, 255, 8], key: key)
        #expect(CacheFolder.payload(of: entry, key: key) == [7, 0, 255, 8])
        for index in entry.indices {
            for bit in 0..<8 {
                var damaged = entry
                damaged[index] ^= 1 << UInt8(bit)
                #expect(CacheFolder.payload(of: damaged, key: key) == nil, "bit \(bit) of byte \(index)")
            }
        }
    }

    @Test func truncatedOrPaddedEntriesAreAbsent() {
        let entry = CacheFolder.entry([UInt8](0..<40), key: "key")
        for count in entry.indices {
            #expect(CacheFolder.payload(of: Array(entry[..<count]), key: "key") == nil, "\(count) bytes")
        }
        #expect(CacheFolder.payload(of: entry + [0], key: "key") == nil)
    }

    /// Two keys may share a file name, and one may begin with the other.
    @Test(arguments: ["ke", "key2", "", "KEY", "key\0"])
    func entryOfAnotherKeyIsAbsent(other: String) {
        #expect(CacheFolder.payload(of: CacheFolder.entry([1, 2, 3], key: "key"), key: other) == nil)
        #expect(CacheFolder.payload(of: CacheFolder.entry([1, 2, 3], key: other), key: "key") == nil)
    }

    @Test(arguments: [[], [0], Array("qp-gpu cache 1\n".utf8), [UInt8](repeating: 0xFF, count: 100)])
    func foreignFileIsAbsentAndReplaced(bytes: [UInt8]) throws {
        try inFolder { path in
            let cache = CacheFolder(path: path)
            try cache.store("spirv", key: "key", [9])
            let name = try #require(try FileManager.default.contentsOfDirectory(atPath: path + "/spirv").first)
            try Data(bytes).write(to: URL(filePath: "\(path)/spirv/\(name)"))
            #expect(cache.load("spirv", key: "key") == nil)
            try cache.store("spirv", key: "key", [10])
            #expect(cache.load("spirv", key: "key") == [10])
        }
    }

    @Test func withoutAFolderNothingIsKept() throws {
        let cache = CacheFolder(path: nil)
        try cache.store("spirv", key: "key", [1])
        #expect(cache.load("spirv", key: "key") == nil)
    }

    /// Permissions do not stop a superuser, so the folder cannot exist for another reason.
    @Test func folderBelowAFileCannotBeMade() throws {
        try inFolder { path in
            try Data().write(to: URL(filePath: path + "/file"))
            let cache = CacheFolder(path: path + "/file/cache")
            let error = try #require(throws: DeviceError.self) { try cache.store("spirv", key: "key", [1]) }
            #expect(error.code == .cache)
            #expect(
                error.description == """
                    the cache folder \(path)/file/cache cannot be written: Not a directory
                    Shaders are compiled again in each run until QPGPU_CACHE names a folder that can be written.
                    """)
            #expect(cache.load("spirv", key: "key") == nil)
        }
    }

    @Test func fileInPlaceOfTheFolderIsNamed() throws {
        try inFolder { path in
            try Data().write(to: URL(filePath: path + "/file"))
            let cache = CacheFolder(path: path + "/file")
            let error = try #require(throws: DeviceError.self) { try cache.store("spirv", key: "key", [1]) }
            #expect(error.message == "the cache folder \(path)/file cannot be written: Not a directory")
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self"), "there is no /proc to write to"))
    func fileSystemThatTakesNoFoldersIsNamed() throws {
        let cache = CacheFolder(path: "/proc/qp-gpu")
        let error = try #require(throws: DeviceError.self) { try cache.store("spirv", key: "key", [1]) }
        #expect(error.message == "the cache folder /proc/qp-gpu cannot be written: No such file or directory")
    }

    @Test(arguments: [
        (["QPGPU_CACHE": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"], "/a"),
        (["XDG_CACHE_HOME": "/b", "HOME": "/c"], "/b/qp-gpu"),
        (["HOME": "/c"], "/c/.cache/qp-gpu"),
        // Empty asks for none, whatever else there is.
        (["QPGPU_CACHE": "", "XDG_CACHE_HOME": "/b", "HOME": "/c"], nil),
        // The XDG specification ignores relative paths.
        (["XDG_CACHE_HOME": "b", "HOME": "/c"], "/c/.cache/qp-gpu"),
        (["XDG_CACHE_HOME": "", "HOME": "/c"], "/c/.cache/qp-gpu"),
        ([:], nil),
    ])
    func standardFolderFollowsTheEnvironment(environment: [String: String], path: String?) {
        #expect(CacheFolder(environment: environment).path == path)
    }
}
