import ArgumentParser
import QPDevice
import QPReport

struct Devices: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the Vulkan devices, and say which one would be used.",
        discussion: """
            EXAMPLES
              qp-gpu devices
              qp-gpu devices --device llvmpipe
            """)

    @OptionGroup var device: DeviceOption

    func run() throws {
        let devices = try Instance().physicalDevices()
        // A failed choice still lists what there is.
        let chosen = Result { () throws(DeviceError) in try device.choice.choose(from: devices) }
        for entry in devices {
            try Console.output(Self.lines(entry, isChosen: (try? chosen.get())?.index == entry.index))
        }
        _ = try chosen.get()
    }

    private static func lines(_ entry: PhysicalDevice, isChosen: Bool) -> String {
        let limits = entry.limits
        var lines = [
            "\(isChosen ? "*" : " ") \(entry.index)  \(entry.name)",
            "     kind    \(entry.kind.rawValue)\(entry.isSoftware ? ", a CPU executes the shaders" : "")",
            "     UUID    \(entry.uuid)",
            "     driver  \(entry.driver), Vulkan \(entry.apiVersion)",
            "     memory  \(limits.memory.deviceLocalBytes >> 20) MiB, one allocation "
                + "\(limits.allocationBytes >> 20) MiB, one binding \(limits.storageBindingBytes >> 20) MiB",
            "     lanes   subgroup \(limits.subgroupSize), workgroup up to \(limits.workgroupInvocations)",
            "     clock   "
                + (limits.timestampValidBits > 0
                    ? "timestamps of \(limits.timestampValidBits) bits, \(limits.timestampPeriod) ns a tick"
                    : "none on the device: the host's clock is used"),
        ]
        if let refusal = entry.refusal { lines.append("     refused \(refusal)") }
        return lines.joined(separator: "\n")
    }
}

/// `--device`, the same for every command.
struct DeviceOption: ParsableArguments {
    @Option(help: "Index, UUID or part of a name, as `qp-gpu devices` lists them (default: QPGPU_DEVICE, else a GPU).")
    var device: String?

    var choice: DeviceChoice { DeviceChoice(option: device, environment: environment("QPGPU_DEVICE")) }
}
