/// What `qp-gpu profile` measured on one device: the samples themselves, and everything computed from them.
///
/// Written as JSON (schema in `Profiles/README.md`). Every derived value — curves, fits, crossovers — can be
/// recomputed from `samples`. Times are microseconds unless a name says otherwise; rows means rows of W.
public struct Profile: Codable, Equatable, Sendable {
    /// The schema this program writes, and the only one it reads.
    public static let currentSchemaVersion = 1

    /// Version of this schema.
    public var schemaVersion: Int
    /// Which program measured.
    public var program: Program
    /// When the measurement ended, ISO 8601 in UTC.
    public var date: String
    /// On what.
    public var device: DeviceContext
    /// What the run was asked to do.
    public var settings: Settings
    /// What the device can do at best, measured in the same run.
    public var ceilings: [Ceiling]
    /// One entry per head shape and element type.
    public var heads: [HeadProfile]
    /// How far the samples can be believed.
    public var noise: Noise

    /// Takes every field as it is.
    public init(
        program: Program, date: String, device: DeviceContext, settings: Settings, ceilings: [Ceiling],
        heads: [HeadProfile], noise: Noise
    ) {
        schemaVersion = Self.currentSchemaVersion
        self.program = program
        self.date = date
        self.device = device
        self.settings = settings
        self.ceilings = ceilings
        self.heads = heads
        self.noise = noise
    }
}

extension Profile {
    /// Which program measured.
    public struct Program: Codable, Equatable, Sendable {
        /// Its name.
        public var name: String
        /// Its version.
        public var version: String

        /// Takes every field as it is.
        public init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }

    /// On what it was measured: a profile holds for this device and driver alone.
    public struct DeviceContext: Codable, Equatable, Sendable {
        /// Its name.
        public var name: String
        /// The device's UUID in lower-case hex, which tells equal models apart.
        public var uuid: String
        /// Driver name and version as the driver tells them, for example `llvmpipe, Mesa 22.3.6 (LLVM 15.0.6)`.
        public var driver: String
        /// Vulkan version that the device supports, for example `1.3.230`.
        public var apiVersion: String
        /// Whether a CPU executes the shaders.
        public var isSoftware: Bool
        /// Invocations of one subgroup.
        public var subgroupSize: Int
        /// Size of the largest device-local heap.
        public var deviceMemoryBytes: Int
        /// The CPU, as the system names it.
        public var hostProcessor: String
        /// Cores that the process may use.
        public var hostCoreCount: Int
        /// By which clock durations were taken.
        public var timing: Timing

        /// Takes every field as it is.
        public init(
            name: String, uuid: String, driver: String, apiVersion: String, isSoftware: Bool, subgroupSize: Int,
            deviceMemoryBytes: Int, hostProcessor: String, hostCoreCount: Int, timing: Timing
        ) {
            self.name = name
            self.uuid = uuid
            self.driver = driver
            self.apiVersion = apiVersion
            self.isSoftware = isSoftware
            self.subgroupSize = subgroupSize
            self.deviceMemoryBytes = deviceMemoryBytes
            self.hostProcessor = hostProcessor
            self.hostCoreCount = hostCoreCount
            self.timing = timing
        }
    }

    /// By which clock durations were taken.
    public struct Timing: Codable, Equatable, Sendable {
        /// `deviceTimestamp` or `hostClock`.
        public var method: String
        /// Nanoseconds of one tick; null for the host clock.
        public var tickNanoseconds: Double?
        /// Valid bits of a timestamp; null for the host clock.
        public var validBits: Int?

        /// Takes every field as it is.
        public init(method: String, tickNanoseconds: Double?, validBits: Int?) {
            self.method = method
            self.tickNanoseconds = tickNanoseconds
            self.validBits = validBits
        }
    }

    /// What the run was asked to do.
    public struct Settings: Codable, Equatable, Sendable {
        /// Of weights, index sets and held-out K.
        public var seed: UInt64
        /// Whether the grid was cut down for CI.
        public var quick: Bool
        /// Wall-clock budget of the whole run.
        public var timeBudgetSeconds: Double
        /// Half-width of the interval, relative to the median, at which a series counts as settled.
        public var confidenceTarget: Double
        /// `confidence target` or `time budget`: why sampling stopped, in words.
        public var stoppedBecause: String

        /// Takes every field as it is.
        public init(
            seed: UInt64, quick: Bool, timeBudgetSeconds: Double, confidenceTarget: Double, stoppedBecause: String
        ) {
            self.seed = seed
            self.quick = quick
            self.timeBudgetSeconds = timeBudgetSeconds
            self.confidenceTarget = confidenceTarget
            self.stoppedBecause = stoppedBecause
        }
    }

    /// One measured limit of the device or of its command path.
    public struct Ceiling: Codable, Equatable, Sendable {
        /// What is limited.
        public enum Name: String, Codable, Sendable {
            /// Bytes read from device memory, gigabytes (10⁹) a second.
            case readBandwidth
            /// Fused multiply-adds in 32-bit floats, 10⁹ a second.
            case arithmeticRate
            /// One submission with an empty command buffer until its wait returns, microseconds.
            case emptySubmission
            /// Each further dispatch of one trivial workgroup, barrier included, microseconds.
            case extraDispatch
            /// Each indirect dispatch of zero workgroups, microseconds.
            case indirectDispatch
        }

        /// Its name.
        public var name: Name
        /// In `unit`.
        public var value: Double
        /// `GB/s`, `Gfma/s` or `µs`.
        public var unit: String
        /// 95 % interval.
        public var low: Double
        /// Upper end of the 95 % interval.
        public var high: Double
        /// Kept samples behind `value`.
        public var sampleCount: Int

        /// Takes every field as it is.
        public init(name: Name, value: Double, unit: String, low: Double, high: Double, sampleCount: Int) {
            self.name = name
            self.value = value
            self.unit = unit
            self.low = low
            self.high = high
            self.sampleCount = sampleCount
        }
    }

    /// How far the samples can be believed.
    public struct Noise: Codable, Equatable, Sendable {
        /// The noise of a run in one word.
        public enum Verdict: String, Codable, Sendable {
            /// The reference kernel held still; figures stand.
            case quiet
            /// The machine was shared; intervals are wide but honest.
            case noisy
            /// Too little was left after dropping; measure again.
            case unusable
        }

        /// The noise of the run in one word.
        public var verdict: Verdict
        /// The verdict in a sentence, with its cause and what to try.
        public var explanation: String
        /// Interleaving blocks that stayed.
        public var keptBlockCount: Int
        /// Blocks in which the reference kernel moved more than the tolerance.
        public var droppedBlockCount: Int
        /// Samples dropped because the process did not have its cores (software devices only).
        public var droppedSharedSampleCount: Int
        /// Median absolute deviation of the reference kernel over its median.
        public var referenceSpread: Double

        /// Takes every field as it is.
        public init(
            verdict: Verdict, explanation: String, keptBlockCount: Int, droppedBlockCount: Int,
            droppedSharedSampleCount: Int, referenceSpread: Double
        ) {
            self.verdict = verdict
            self.explanation = explanation
            self.keptBlockCount = keptBlockCount
            self.droppedBlockCount = droppedBlockCount
            self.droppedSharedSampleCount = droppedSharedSampleCount
            self.referenceSpread = referenceSpread
        }
    }
}
