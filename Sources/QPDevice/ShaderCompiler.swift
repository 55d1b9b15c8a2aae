internal import CGlslang
internal import CSPIRVTools

/// GLSL to SPIR-V: compiled by glslang, optimised and validated by SPIRV-Tools, cached on disk.
///
/// Compilation happens at run time because the tuner needs more variants than anyone would build ahead: 1–2 ms
/// each, some 100 ms more for the first of a process, and nothing for one that the cache holds.
public struct ShaderCompiler: Sendable {
    private let files: [String: String]
    private let cache: CacheFolder
    private let onWarning: @Sendable (DeviceError) -> Void

    /// - Parameters:
    ///   - files: name to GLSL text; `#include "name"` refers to these names.
    public init(
        files: [String: String], cache: CacheFolder = .standard,
        onWarning: @escaping @Sendable (DeviceError) -> Void = { _ in }
    ) {
        self.files = files
        self.cache = cache
        self.onWarning = onWarning
    }

    /// Compiles the file `name` with `macros` defined.
    /// - Throws: ``DeviceError`` `shader` with the compiler's messages.
    public func compile(_ name: String, macros: [String: String]) throws(DeviceError) -> [UInt32] {
        let preamble = macros.sorted { $0.key < $1.key }.map { "#define \($0.key) \($0.value)\n" }.joined()
        let (source, names) = try expand(name)
        let key = "vulkan1.2 \(Self.toolVersions)\n\(preamble)\(source)"
        if let bytes = cache.load("spirv", key: key), let words = Self.words(bytes) { return words }
        let compiled = try Self.compile(names: names, source: source, preamble: preamble)
        let optimized = try Self.optimize(name: name, compiled)
        try Self.validate(name: name, optimized)
        do throws(DeviceError) {
            try cache.store("spirv", key: key, optimized.withUnsafeBytes { Array($0) })
        } catch {
            onWarning(error)
        }
        return optimized
    }

    /// The text of a file with its includes in place, each once, and the name of each: `#line` tells the compiler
    /// its place in that list.
    private func expand(_ name: String) throws(DeviceError) -> (source: String, names: [String]) {
        var names: [String] = []
        let source = try expand(name, from: nil, &names)
        return (source, names)
    }

    private func expand(_ name: String, from parent: String?, _ names: inout [String]) throws(DeviceError) -> String {
        guard let text = files[name] else {
            throw DeviceError(
                .shader, "shader file \(name) does not exist" + (parent.map { " (included by \($0))" } ?? ""),
                advice: "There are: \(files.keys.sorted().joined(separator: ", ")).")
        }
        let number = names.count
        names.append(name)
        var result = ""
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if line.hasPrefix("#include \""), line.hasSuffix("\"") {
                let target = String(line.dropFirst("#include \"".count).dropLast())
                if !names.contains(target) {
                    result += "#line 1 \(names.count)\n"
                    result += try expand(target, from: name, &names)
                }
                result += "#line \(index + 2) \(number)"
            } else {
                result += line
            }
            result += "\n"
        }
        return result
    }

    /// The compiler's log with file names in place of their numbers: `ERROR: 1:7:` becomes `ERROR: top2.glsl:7:`.
    private static func named(_ log: String, _ names: [String]) -> String {
        log.split(separator: "\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, let number = Int(parts[1].drop { $0 == " " }), names.indices.contains(number) else {
                return String(line)
            }
            return "\(parts[0]): \(names[number]):\(parts[2])"
        }.joined(separator: "\n")
    }

    private static func words(_ bytes: [UInt8]) -> [UInt32]? {
        guard !bytes.isEmpty, bytes.count % 4 == 0 else { return nil }
        return bytes.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self) }
        }
    }
}

extension ShaderCompiler {
    /// Part of every cache key: another compiler may give other code.
    private static let toolVersions = String(cString: qpgpu_spirv_version())

    /// glslang's process-wide tables, built on first use.
    private static let isReady = glslang_initialize_process() != 0

    private static func compile(names: [String], source: String, preamble: String) throws(DeviceError) -> [UInt32] {
        guard isReady else { throw DeviceError(.shader, "glslang could not be initialised") }
        var failure = ""
        // glslang keeps these pointers without copying, so both texts live until the end.
        let words: [UInt32]? = withCStrings([source, preamble]) { texts in
            var input = glslang_input_t()
            input.language = GLSLANG_SOURCE_GLSL
            input.stage = GLSLANG_STAGE_COMPUTE
            input.client = GLSLANG_CLIENT_VULKAN
            input.client_version = GLSLANG_TARGET_VULKAN_1_2
            input.target_language = GLSLANG_TARGET_SPV
            input.target_language_version = GLSLANG_TARGET_SPV_1_5
            input.code = texts[0]
            input.default_version = 450
            input.default_profile = GLSLANG_NO_PROFILE
            input.messages = GLSLANG_MSG_DEFAULT_BIT
            input.resource = glslang_default_resource()
            guard let shader = glslang_shader_create(&input) else {
                failure = "glslang refused the input"
                return nil
            }
            defer { glslang_shader_delete(shader) }
            glslang_shader_set_preamble(shader, texts[1])
            guard glslang_shader_preprocess(shader, &input) != 0, glslang_shader_parse(shader, &input) != 0 else {
                failure = String(cString: glslang_shader_get_info_log(shader))
                return nil
            }
            guard let program = glslang_program_create() else {
                failure = "glslang could not make a program"
                return nil
            }
            defer { glslang_program_delete(program) }
            glslang_program_add_shader(program, shader)
            let messages = Int32(GLSLANG_MSG_SPV_RULES_BIT.rawValue | GLSLANG_MSG_VULKAN_RULES_BIT.rawValue)
            guard glslang_program_link(program, messages) != 0 else {
                failure = String(cString: glslang_program_get_info_log(program))
                return nil
            }
            glslang_program_SPIRV_generate(program, GLSLANG_STAGE_COMPUTE)
            let count = glslang_program_SPIRV_get_size(program)
            var words = [UInt32](repeating: 0, count: count)
            glslang_program_SPIRV_get(program, &words)
            return words
        }
        guard let words else {
            throw DeviceError(
                .shader, "shader \(names[0]) does not compile with\n\(preamble)\(named(failure, names))")
        }
        return words
    }

    private static func optimize(name: String, _ words: [UInt32]) throws(DeviceError) -> [UInt32] {
        var optimized: UnsafeMutablePointer<UInt32>?
        var count = 0
        var message: UnsafeMutablePointer<CChar>?
        defer {
            qpgpu_spirv_free(optimized)
            qpgpu_spirv_free(message)
        }
        guard qpgpu_spirv_optimize(words, words.count, &optimized, &count, &message), let optimized else {
            throw DeviceError(
                .shader, "SPIRV-Tools could not optimise \(name): \(message.map { String(cString: $0) } ?? "")")
        }
        return Array(UnsafeBufferPointer(start: optimized, count: count))
    }

    static func validate(name: String, _ words: [UInt32]) throws(DeviceError) {
        guard let message = qpgpu_spirv_validate(words, words.count) else { return }
        defer { qpgpu_spirv_free(message) }
        throw DeviceError(.shader, "the SPIR-V of \(name) is not valid: \(String(cString: message))")
    }
}
