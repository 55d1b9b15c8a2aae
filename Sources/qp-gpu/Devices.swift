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
            let isChosen = (try? chosen.get())?.index == entry.index
            print("\(isChosen ? "*" : " ") \(entry.index)  \(entry.name)")
            print("     kind    \(entry.kind.rawValue)\(entry.isSoftware ? ", a CPU executes the shaders" : "")")
            print("     UUID    \(entry.uuid)")
            print("     driver  \(entry.driver), Vulkan \(entry.apiVersion)")
            let limits = entry.limits
            print(
                "     memory  \(limits.memory.deviceLocalBytes >> 20) MiB, one allocation "
                    + "\(limits.allocationBytes >> 20) MiB, one binding \(limits.storageBindingBytes >> 20) MiB")
            print(
                "     lanes   subgroup \(limits.subgroupSize), workgroup up to \(limits.workgroupInvocations)")
            print(
                "     clock   "
                    + (limits.timestampValidBits > 0
                        ? "timestamps of \(limits.timestampValidBits) bits, \(limits.timestampPeriod) ns a tick"
                        : "none on the device: the host's clock is used"))
            if let refusal = entry.refusal { print("     refused \(refusal)") }
        }
        _ = try chosen.get()
    }
}

/// `--device`, the same for every command.
struct DeviceOption: ParsableArguments {
    @Option(help: "Index, UUID or part of a name, as `qp-gpu devices` lists them (default: QPGPU_DEVICE, else a GPU).")
    var device: String?

    var choice: DeviceChoice { DeviceChoice(option: device, environment: environment("QPGPU_DEVICE")) }
}
