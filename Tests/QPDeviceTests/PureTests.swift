import Testing

@testable import QPDevice

@Suite struct MemoryPreferenceTests {
    private typealias MemoryType = MemoryFacts.MemoryType

    private static func type(
        _ heap: Int, local: Bool = false, visible: Bool = false, coherent: Bool = false, cached: Bool = false
    ) -> MemoryFacts.MemoryType {
        MemoryType(
            heap: heap, isDeviceLocal: local, isHostVisible: visible, isHostCoherent: coherent, isHostCached: cached)
    }

    /// Of a discrete GPU: device, host uncached, host cached, the window into device memory, host not coherent.
    static let discrete = [
        type(0, local: true), type(1, visible: true, coherent: true),
        type(1, visible: true, coherent: true, cached: true),
        type(2, local: true, visible: true, coherent: true), type(1, visible: true, cached: true),
    ]
    /// Of unified memory.
    static let unified = [type(0, local: true, visible: true, coherent: true, cached: true)]

    @Test(arguments: [
        // Device memory first, then the window; host memory only when nothing else is left.
        (MemoryUse.device, UInt32.max, [0, 3]),
        (.device, 0b11110, [3]),
        // Write-combined host memory.
        (.upload, .max, [1, 2]),
        // Cached host memory: reading uncached memory is a hundred times slower.
        (.readback, .max, [2, 1]),
        (.readback, 0b01010, [1, 3]),
    ])
    func bestTypesComeFirst(use: MemoryUse, allowed: UInt32, first: [Int]) {
        let order = MemoryAllocator.preference(Self.discrete, use: use, allowed: allowed)
        #expect(Array(order.prefix(first.count)) == first, "\(order)")
    }

    @Test(arguments: [MemoryUse.upload, .readback])
    func hostNeverGetsMemoryThatItCannotMap(use: MemoryUse) {
        let order = MemoryAllocator.preference(Self.discrete, use: use, allowed: .max)
        #expect(Set(order) == [1, 2, 3], "\(order)")
        #expect(MemoryAllocator.preference(Self.discrete, use: use, allowed: 0b10001).isEmpty)
    }

    @Test(arguments: [MemoryUse.device, .upload, .readback])
    func unifiedMemoryServesEveryUse(use: MemoryUse) {
        #expect(MemoryAllocator.preference(Self.unified, use: use, allowed: .max) == [0])
        #expect(MemoryAllocator.preference(Self.unified, use: use, allowed: 0).isEmpty)
    }

    @Test func onlyAllowedTypesAreGiven() {
        for allowed in UInt32(0)..<32 {
            let order = MemoryAllocator.preference(Self.discrete, use: .device, allowed: allowed)
            let local = (0..<5).filter { allowed >> UInt32($0) & 1 == 1 && Self.discrete[$0].isDeviceLocal }
            #expect(Set(order) == Set(local))
            #expect(order.count == local.count)
        }
    }
}

@Suite struct TimestampClockTests {
    /// Valid bits, start, end, ticks between them.
    static let wraps: [(Int, UInt64, UInt64, Double)] = [
        (64, 10, 25, 15), (64, .max, 4, 5), (64, .max - 1, .max, 1), (36, 0, 1, 1), (36, 0xF_FFFF_FFFF, 0, 1),
        (36, 0xF_FFFF_FFFE, 3, 5), (32, 0xFFFF_FFFF, 0, 1), (1, 1, 0, 1), (36, 7, 7, 0),
    ]

    @Test(arguments: wraps)
    func wrapsAtItsValidBits(validBits: Int, start: UInt64, end: UInt64, ticks: Double) {
        let clock = TimestampClock(period: 1, validBits: validBits)
        #expect(clock.nanoseconds(from: start, to: end) == ticks)
    }

    @Test func bitsThatAreNotValidAreIgnored() {
        let clock = TimestampClock(period: 1, validBits: 36)
        #expect(clock.nanoseconds(from: 0xABC << 36 | 100, to: 0x123 << 36 | 350) == 250)
    }

    /// The period is a fraction on real devices; as an integer 10.019 would lose 0.2 %, and 0.5 everything.
    @Test(arguments: [0.5, 1, 10.019, 52.083_333])
    func ticksCountAFractionalPeriod(period: Double) {
        let clock = TimestampClock(period: period, validBits: 48)
        #expect(clock.nanoseconds(from: 1000, to: 2_001_000) == 2_000_000 * period)
    }
}

@Suite struct APIVersionTests {
    @Test(arguments: [(1, 0, 0), (1, 2, 0), (1, 3, 230), (1, 3, 4095), (127, 1023, 4095)])
    func packsAsVulkanDoes(major: Int, minor: Int, patch: Int) {
        let version = APIVersion(major, minor, patch)
        #expect(version.packed == UInt32(major) << 22 | UInt32(minor) << 12 | UInt32(patch))
        #expect(APIVersion(packed: version.packed) == version)
        #expect(version.description == "\(major).\(minor).\(patch)")
    }

    /// The three topmost bits are the variant, no part of the version.
    @Test func variantIsNoPartOfTheVersion() {
        #expect(APIVersion(packed: 1 << 29 | APIVersion(1, 2, 3).packed) == APIVersion(1, 2, 3))
    }

    @Test func ordersByMajorThenMinorThenPatch() {
        let ascending = [
            APIVersion(1, 1, 4000), APIVersion(1, 2), APIVersion(1, 2, 1), APIVersion(1, 10), APIVersion(2, 0),
        ]
        #expect(ascending.reversed().sorted() == ascending)
        #expect(!(APIVersion(1, 2) < APIVersion(1, 2)))
    }
}

@Suite struct DeviceErrorTests {
    @Test func adviceStandsOnALineOfItsOwn() {
        #expect(DeviceError(.cache, "what failed", advice: "What to try.").description == "what failed\nWhat to try.")
        #expect(DeviceError(.cache, "what failed").description == "what failed")
    }

    @Test func missingLoaderNamesEveryLibraryTried() throws {
        let result = VulkanLoader.open(names: ["libnothere.so", "libneither.so.1"])
        let error = try #require(throws: DeviceError.self) { try result.get() }
        #expect(error.code == .noLoader)
        #expect(
            error.description == """
                the Vulkan loader cannot be opened: libnothere.so: cannot open shared object file: No such file or \
                directory; libneither.so.1: cannot open shared object file: No such file or directory
                Install it (Debian, Ubuntu: libvulkan1) and a driver: your GPU's, or mesa-vulkan-drivers, which also \
                brings the software rasteriser.
                """)
    }

    @Test func libraryThatIsNoLoaderIsNamed() throws {
        let error = try #require(throws: DeviceError.self) { try VulkanLoader.open(names: ["libc.so.6"]).get() }
        #expect(error.message == "the Vulkan loader cannot be opened: libc.so.6 has no vkGetInstanceProcAddr")
    }

    @Test func secondNameServesWhenTheFirstIsMissing() throws {
        _ = try VulkanLoader.open(names: ["libnothere.so", "libvulkan.so.1"]).get()
    }
}
