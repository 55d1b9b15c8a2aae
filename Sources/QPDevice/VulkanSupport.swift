internal import CVulkan

/// A Vulkan version as the API packs it (the macros cannot be imported).
public struct APIVersion: Comparable, CustomStringConvertible, Sendable {
    public let major: Int
    public let minor: Int
    public let patch: Int

    init(_ major: Int, _ minor: Int, _ patch: Int = 0) {
        self.major = major
        self.minor = minor
        self.patch = patch
    }

    init(packed: UInt32) {
        self.init(Int(packed >> 22 & 0x7F), Int(packed >> 12 & 0x3FF), Int(packed & 0xFFF))
    }

    var packed: UInt32 { UInt32(major) << 22 | UInt32(minor) << 12 | UInt32(patch) }

    public var description: String { "\(major).\(minor).\(patch)" }

    public static func < (a: APIVersion, b: APIVersion) -> Bool { a.packed < b.packed }
}

/// Runs Vulkan's count-then-fill protocol.
func enumerated<Item>(_ call: (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<Item>?) -> Void) -> [Item] {
    var count: UInt32 = 0
    call(&count, nil)
    guard count > 0 else { return [] }
    return [Item](unsafeUninitializedCapacity: Int(count)) { buffer, initialized in
        // Vulkan reads sType and pNext of some structures, so the memory starts as zeros.
        UnsafeMutableRawBufferPointer(buffer).initializeMemory(as: UInt8.self, repeating: 0)
        call(&count, buffer.baseAddress)
        initialized = Int(count)
    }
}

/// The text in a C array of characters, which Swift imports as a tuple.
func string<Tuple>(fromTuple tuple: Tuple) -> String {
    withUnsafeBytes(of: tuple) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// Calls `body` with C strings that live for the call.
func withCStrings<R>(_ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) -> R) -> R {
    let copies = strings.map { string -> UnsafeMutablePointer<CChar> in
        let characters = string.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: characters.count)
        copy.initialize(from: Array(characters), count: characters.count)
        return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    return copies.map { UnsafePointer<CChar>?($0) }.withUnsafeBufferPointer(body)
}
