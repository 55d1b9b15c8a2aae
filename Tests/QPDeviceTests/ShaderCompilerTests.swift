import Foundation
import Synchronization
import Testing

@testable import QPDevice

@Suite struct ShaderCompilerTests {
    private static let good = """
        #version 450
        layout(local_size_x = 1) in;
        layout(binding = 0) buffer Target { uint target[]; };
        void main() { target[0] = VALUE; }
        """

    private func compiler(
        _ files: [String: String], cache: String? = nil, onWarning: @escaping @Sendable (DeviceError) -> Void = { _ in }
    ) -> ShaderCompiler {
        ShaderCompiler(files: files, cache: CacheFolder(path: cache), onWarning: onWarning)
    }

    private func failure(_ files: [String: String], macros: [String: String] = [:]) throws -> DeviceError {
        let error = try #require(throws: DeviceError.self) {
            try compiler(files).compile("main.comp", macros: macros)
        }
        #expect(error.code == .shader)
        return error
    }

    @Test func resultIsValidSPIRV() throws {
        let words = try compiler(["main.comp": Self.good]).compile("main.comp", macros: ["VALUE": "1"])
        #expect(words.first == 0x0723_0203)
        // SPIR-V 1.5, for Vulkan 1.2.
        #expect(words.dropFirst().first == 0x0001_0500)
        try ShaderCompiler.validate(name: "main.comp", words)
    }

    @Test func macrosChangeTheCode() throws {
        let compiler = compiler(["main.comp": Self.good])
        let one = try compiler.compile("main.comp", macros: ["VALUE": "1"])
        let two = try compiler.compile("main.comp", macros: ["VALUE": "2"])
        #expect(one != two)
        #expect(one == (try compiler.compile("main.comp", macros: ["VALUE": "1"])))
    }

    @Test func errorNamesFileMacrosAndLine() throws {
        let error = try failure(
            ["main.comp": Self.good.replacing("{ target", with: "{ nothing; target")], macros: ["VALUE": "3", "A": "1"])
        #expect(
            error.description == """
                shader main.comp does not compile with
                #define A 1
                #define VALUE 3
                ERROR: main.comp:4: 'nothing' : undeclared identifier\u{20}
                ERROR: main.comp:4: '' : compilation terminated\u{20}
                ERROR: 2 compilation errors.  No code generated.
                """)
    }

    /// Before, inside and after includes, nested ones too, with and without a line end at the end of a file.
    @Test(arguments: [
        ("main.comp", 2), ("main.comp", 4), ("main.comp", 6), ("outer.glsl", 1), ("outer.glsl", 3),
        ("inner.glsl", 2), ("other.glsl", 1),
    ])
    func errorNamesTheLineOfTheFileThatHoldsIt(file: String, line: Int) throws {
        var files = [
            "main.comp": "#version 450\n\n#include \"outer.glsl\"\n\n#include \"other.glsl\"\n\nvoid main() {}\n",
            "outer.glsl": "\n#include \"inner.glsl\"\n\n", "inner.glsl": "\n", "other.glsl": "",
        ]
        var lines = files[file]!.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        lines[line - 1] = "int x = nothing;"
        files[file] = lines.joined(separator: "\n")
        let error = try failure(files)
        #expect(error.message.contains("ERROR: \(file):\(line): 'nothing' : undeclared identifier"), "\(error)")
    }

    @Test func missingFileListsThoseThatExist() throws {
        let error = try failure(["b.comp": "", "a.glsl": ""])
        #expect(error.description == "shader file main.comp does not exist\nThere are: a.glsl, b.comp.")
    }

    @Test func missingIncludeNamesWhoWantsIt() throws {
        let error = try failure([
            "main.comp": "#version 450\n#include \"middle.glsl\"\nvoid main() {}",
            "middle.glsl": "#include \"gone.glsl\"\n",
        ])
        #expect(
            error.description == """
                shader file gone.glsl does not exist (included by middle.glsl)
                There are: main.comp, middle.glsl.
                """)
    }

    /// A file that two others include, one that includes itself, and a circle: each text appears once.
    @Test func eachFileIsIncludedOnce() throws {
        let words = try compiler([
            "main.comp": """
            #version 450
            #include "left.glsl"
            #include "right.glsl"
            #include "base.glsl"
            layout(local_size_x = 1) in;
            layout(binding = 0) buffer Target { uint target[]; };
            void main() { target[0] = left() + right(); }
            """,
            "left.glsl": "#include \"left.glsl\"\n#include \"base.glsl\"\nuint left() { return base() + 1u; }",
            "right.glsl": "#include \"base.glsl\"\n#include \"left.glsl\"\nuint right() { return base() + 2u; }",
            "base.glsl": "uint base() { return 40u; }",
        ]).compile("main.comp", macros: [:])
        #expect(!words.isEmpty)
    }

    /// Damaged in the header, in the middle, cut off, and nothing at all.
    @Test(arguments: ["magic", "opcode", "end", "empty"])
    func invalidSPIRVIsRefused(damage: String) throws {
        var words = try compiler(["main.comp": Self.good]).compile("main.comp", macros: ["VALUE": "1"])
        switch damage {
        case "magic": words[0] = 0
        case "opcode": words[5] = 0xFFFF
        case "end": words.removeLast(3)
        default: words = []
        }
        let error = try #require(throws: DeviceError.self) {
            try ShaderCompiler.validate(name: "main.comp", words)
        }
        #expect(error.code == .shader)
        #expect(error.message.hasPrefix("the SPIR-V of main.comp is not valid: "), "\(error)")
        #expect(error.message.count > "the SPIR-V of main.comp is not valid: ".count)
    }

    private func entries(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder + "/spirv").map { "\(folder)/spirv/\($0)" }
    }

    /// What the cache holds is taken as it is: code of another kernel under this key comes back unchanged.
    @Test func cacheIsRead() throws {
        try inFolder { folder in
            let compiler = compiler(["main.comp": Self.good], cache: folder)
            let words = try compiler.compile("main.comp", macros: ["VALUE": "1"])
            let file = try #require(try entries(folder).first)
            let stored = [UInt8](try Data(contentsOf: URL(filePath: file)))
            let payload = words.withUnsafeBytes { Array($0) }
            // Between magic, key and terminator before it and the checksum after it.
            #expect(Array(stored.dropLast(8).suffix(payload.count)) == payload)
            let header = stored.dropLast(8 + payload.count)
            let key = String(decoding: header.dropFirst("qp-gpu cache 1\n".utf8.count).dropLast(), as: UTF8.self)
            let other: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
            try Data(CacheFolder.entry(other, key: key)).write(to: URL(filePath: file))
            #expect(try compiler.compile("main.comp", macros: ["VALUE": "1"]) == [0x0403_0201, 0x0807_0605])
            // Other macros are another entry.
            #expect(try compiler.compile("main.comp", macros: ["VALUE": "2"]).first == 0x0723_0203)
            #expect(try entries(folder).count == 2)
        }
    }

    @Test func changedIncludeIsAnotherEntry() throws {
        try inFolder { folder in
            let main =
                "#version 450\n#include \"value.glsl\"\n"
                + Self.good.split(separator: "\n").dropFirst().joined(separator: "\n")
            let one = try compiler(["main.comp": main, "value.glsl": "#define VALUE 1"], cache: folder)
                .compile("main.comp", macros: [:])
            let two = try compiler(["main.comp": main, "value.glsl": "#define VALUE 2"], cache: folder)
                .compile("main.comp", macros: [:])
            #expect(one != two)
        }
    }

    @Test(arguments: ["flipped", "truncated", "empty"])
    func damagedEntryIsRebuilt(damage: String) throws {
        try inFolder { folder in
            let compiler = compiler(["main.comp": Self.good], cache: folder)
            let words = try compiler.compile("main.comp", macros: ["VALUE": "1"])
            let file = try #require(try entries(folder).first)
            let stored = [UInt8](try Data(contentsOf: URL(filePath: file)))
            var damaged = stored
            switch damage {
            case "flipped": damaged[damaged.count - 40] ^= 4
            case "truncated": damaged.removeLast(damaged.count / 2)
            default: damaged = []
            }
            try Data(damaged).write(to: URL(filePath: file))
            #expect(try compiler.compile("main.comp", macros: ["VALUE": "1"]) == words)
            #expect([UInt8](try Data(contentsOf: URL(filePath: file))) == stored)
        }
    }

    @Test func unwritableCacheWarnsAndCompiles() throws {
        try inFolder { folder in
            try Data().write(to: URL(filePath: folder + "/file"))
            let warnings = Warnings()
            let words = try compiler(
                ["main.comp": Self.good], cache: folder + "/file/cache", onWarning: warnings.append
            )
            .compile("main.comp", macros: ["VALUE": "1"])
            #expect(!words.isEmpty)
            #expect(
                warnings.all.map(\.message) == [
                    "the cache folder \(folder)/file/cache cannot be written: Not a directory"
                ])
        }
    }
}

/// Collects warnings from any thread.
final class Warnings: Sendable {
    private let collected = Mutex<[DeviceError]>([])
    var all: [DeviceError] { collected.withLock { $0 } }
    @Sendable func append(_ warning: DeviceError) { collected.withLock { $0.append(warning) } }
}
