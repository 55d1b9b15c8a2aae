import Testing

@testable import QPDevice

@Suite struct DeviceChoiceTests {
    private static let uuids = (0..<4).map { "0000000\($0)-0000-0000-0000-000000000000" }

    private static func entry(
        _ index: Int, _ name: String, _ kind: PhysicalDevice.Kind, uuid: Int? = nil, refusal: String? = nil
    ) -> DeviceChoice.Entry {
        DeviceChoice.Entry(index: index, name: name, uuid: uuids[uuid ?? index], kind: kind, refusal: refusal)
    }

    static let rasteriser = entry(0, "llvmpipe (LLVM 15.0.6, 256 bits)", .cpu)
    static let mixed = [
        rasteriser,
        entry(1, "Intel(R) UHD Graphics 630", .integrated),
        entry(2, "NVIDIA GeForce RTX 4090", .discrete),
        entry(3, "NVIDIA Tesla K80", .discrete, refusal: "it offers Vulkan 1.1.0, but 1.2 is needed"),
    ]

    private func choose(_ request: String?, _ entries: [DeviceChoice.Entry]) throws -> Int {
        try DeviceChoice(option: request, environment: nil).choose(entries)
    }

    private func failure(_ choice: DeviceChoice, _ entries: [DeviceChoice.Entry]) throws -> DeviceError {
        try #require(throws: DeviceError.self) { try choice.choose(entries) }
    }

    @Test(arguments: [
        (nil, 2), ("0", 0), ("1", 1), ("2", 2), ("llvmpipe", 0), ("LLVMPIPE", 0), ("uhd", 1), ("geforce", 2),
        ("4090", 2), ("630", 1), ("00000001-0000-0000-0000-000000000000", 1),
    ])
    func requestNamesADevice(request: String?, index: Int) throws {
        #expect(try choose(request, Self.mixed) == index)
    }

    @Test func uuidMayBeGivenInCapitals() throws {
        let uuid = "0000000a-0000-0000-0000-00000000000b"
        let entries = [
            Self.rasteriser, DeviceChoice.Entry(index: 1, name: "GPU", uuid: uuid, kind: .discrete, refusal: nil),
        ]
        #expect(try choose(uuid.uppercased(), entries) == 1)
    }

    @Test func indexIsThatOfTheLoaderNotThePosition() throws {
        let entries = [Self.entry(3, "A", .discrete), Self.entry(1, "B", .integrated)]
        #expect(try choose("1", entries) == 1)
        #expect(try choose(nil, entries) == 3)
    }

    /// Kinds from best to worst: every pair, in both orders, gives the better one.
    @Test func betterKindWinsWhateverTheOrder() throws {
        let kinds: [PhysicalDevice.Kind] = [.discrete, .integrated, .virtual, .other, .cpu]
        for better in kinds.indices {
            for worse in kinds.indices where worse > better {
                let pair = [Self.entry(0, "A", kinds[worse]), Self.entry(1, "B", kinds[better])]
                #expect(try choose(nil, pair) == 1, "\(kinds[better]) before \(kinds[worse])")
                #expect(try choose(nil, pair.reversed()) == 1, "\(kinds[better]) before \(kinds[worse])")
            }
        }
    }

    @Test func firstOfEqualsWins() throws {
        #expect(try choose(nil, [Self.entry(0, "A", .discrete), Self.entry(1, "B", .discrete)]) == 0)
    }

    @Test func rasteriserIsTakenWhenAlone() throws {
        #expect(try choose(nil, [Self.rasteriser]) == 0)
    }

    @Test func rasteriserIsTakenWhenEveryOtherIsRefused() throws {
        #expect(try choose(nil, [Self.rasteriser, Self.mixed[3]]) == 0)
    }

    @Test func oneDeviceUnderTwoEntriesIsNotAmbiguous() throws {
        let twice = [Self.entry(0, "GPU", .discrete, uuid: 1), Self.entry(1, "GPU", .discrete, uuid: 1)]
        #expect(try choose("GPU", twice) == 0)
        #expect(try choose(Self.uuids[1], twice) == 0)
    }

    @Test func noDeviceAtAll() throws {
        let error = try failure(DeviceChoice(option: nil, environment: nil), [])
        #expect(error.code == .noDevice)
        #expect(error.description == "no Vulkan device was found\n" + Self.driverAdvice)
    }

    @Test func everyDeviceRefused() throws {
        let entries = [
            Self.entry(0, "Old GPU", .integrated, refusal: "it has no timeline semaphores"), Self.mixed[3],
        ]
        let error = try failure(DeviceChoice(option: nil, environment: nil), entries)
        #expect(error.code == .noDevice)
        #expect(
            error.description == """
                no Vulkan device can be used:
                  0: Old GPU, integrated, 00000000-0000-0000-0000-000000000000 – refused: it has no timeline semaphores
                  3: NVIDIA Tesla K80, discrete, 00000003-0000-0000-0000-000000000000 – refused: \
                it offers Vulkan 1.1.0, but 1.2 is needed
                \(Self.driverAdvice)
                """)
    }

    @Test(arguments: ["7", "-1", "voodoo", "00000009-0000-0000-0000-000000000000"])
    func requestWithoutMatchListsAllDevices(request: String) throws {
        let error = try failure(DeviceChoice(option: request, environment: "1"), Self.mixed)
        #expect(error.code == .noSuchDevice)
        #expect(
            error.description == """
                no device matches --device "\(request)"; there are:
                  0: llvmpipe (LLVM 15.0.6, 256 bits), cpu, 00000000-0000-0000-0000-000000000000
                  1: Intel(R) UHD Graphics 630, integrated, 00000001-0000-0000-0000-000000000000
                  2: NVIDIA GeForce RTX 4090, discrete, 00000002-0000-0000-0000-000000000000
                  3: NVIDIA Tesla K80, discrete, 00000003-0000-0000-0000-000000000000 – refused: \
                it offers Vulkan 1.1.0, but 1.2 is needed
                Give an index, a UUID or part of a name, as `qp-gpu devices` lists them.
                """)
    }

    @Test func ambiguousRequestListsTheMatches() throws {
        let error = try failure(DeviceChoice(option: nil, environment: "nvidia"), Self.mixed)
        #expect(error.code == .noSuchDevice)
        #expect(
            error.description == """
                2 devices match QPGPU_DEVICE "nvidia":
                  2: NVIDIA GeForce RTX 4090, discrete, 00000002-0000-0000-0000-000000000000
                  3: NVIDIA Tesla K80, discrete, 00000003-0000-0000-0000-000000000000 – refused: \
                it offers Vulkan 1.1.0, but 1.2 is needed
                Give an index, a UUID or part of a name, as `qp-gpu devices` lists them.
                """)
    }

    @Test(arguments: ["3", "tesla", "00000003-0000-0000-0000-000000000000"])
    func refusedDeviceIsNotTakenEvenWhenAskedFor(request: String) throws {
        let error = try failure(DeviceChoice(option: request, environment: nil), Self.mixed)
        #expect(error.code == .noSuchDevice)
        #expect(
            error.description == """
                the device that --device "\(request)" names cannot be used: it offers Vulkan 1.1.0, but 1.2 is needed
                Update its driver, or choose another device with --device.
                """)
    }

    @Test func optionWinsOverEnvironment() throws {
        #expect(try DeviceChoice(option: "0", environment: "1").choose(Self.mixed) == 0)
        #expect(try DeviceChoice(option: nil, environment: "1").choose(Self.mixed) == 1)
    }

    @Test(arguments: [nil, ""])
    func emptyEnvironmentIsNoRequest(environment: String?) throws {
        let choice = DeviceChoice(option: nil, environment: environment)
        #expect(choice.request == nil)
        #expect(try choice.choose(Self.mixed) == 2)
    }

    private static let driverAdvice =
        "Install your GPU's driver, or mesa-vulkan-drivers for the software rasteriser; "
        + "if VK_DRIVER_FILES is set, check that it names an existing file."
}
