/// Which device to use: given by the user, or the best that is there.
///
/// A real GPU comes first; a CPU rasteriser is taken only when it is alone or asked for, because its timings
/// describe the host's CPU. The rule works on descriptions alone, so it is tested without hardware.
public struct DeviceChoice: Sendable {
    /// Index, UUID, or part of a name; nil lets the rule decide.
    public let request: String?
    /// Where the request came from, for messages: `--device` or `QPGPU_DEVICE`.
    public let source: String

    /// `option` wins over `environment` (the value of `QPGPU_DEVICE`).
    public init(option: String?, environment: String?) {
        if let option {
            request = option
            source = "--device"
        } else {
            request = environment.flatMap { $0.isEmpty ? nil : $0 }
            source = "QPGPU_DEVICE"
        }
    }

    /// What the rule needs to know of a device.
    struct Entry {
        var index: Int
        var name: String
        var uuid: String
        var kind: PhysicalDevice.Kind
        var refusal: String?

        var line: String { "  \(index): \(name), \(kind.rawValue), \(uuid)" }
    }

    /// The chosen device.
    /// - Throws: ``DeviceError`` `noDevice` or `noSuchDevice`, listing every device seen and why it was refused.
    public func choose(from devices: [PhysicalDevice]) throws(DeviceError) -> PhysicalDevice {
        let entries = devices.map {
            Entry(index: $0.index, name: $0.name, uuid: $0.uuid, kind: $0.kind, refusal: $0.refusal)
        }
        let index = try choose(entries)
        return devices.first { $0.index == index }!
    }

    func choose(_ entries: [Entry]) throws(DeviceError) -> Int {
        guard !entries.isEmpty else {
            throw DeviceError(.noDevice, "no Vulkan device was found", advice: Instance.driverAdvice)
        }
        guard let request else {
            // Stable: among equals the loader's order decides.
            if let best = entries.filter({ $0.refusal == nil }).min(by: { $0.kind < $1.kind }) { return best.index }
            throw DeviceError(
                .noDevice, "no Vulkan device can be used:\n\(Self.list(entries))", advice: Instance.driverAdvice)
        }
        let wanted = request.lowercased()
        let matches =
            // A number that is no index may still be part of a name: 4090.
            if let index = Int(request), entries.contains(where: { $0.index == index }) {
                entries.filter { $0.index == index }
            } else if entries.contains(where: { $0.uuid == wanted }) {
                entries.filter { $0.uuid == wanted }
            } else {
                entries.filter { !wanted.isEmpty && $0.name.lowercased().contains(wanted) }
            }
        let advice = "Give an index, a UUID or part of a name, as `qp-gpu devices` lists them."
        guard let match = matches.first else {
            throw DeviceError(
                .noSuchDevice, "no device matches \(source) \"\(request)\"; there are:\n\(Self.list(entries))",
                advice: advice)
        }
        // The same UUID twice is one device under two loader entries; distinct ones are ambiguous.
        guard Set(matches.map(\.uuid)).count == 1 else {
            throw DeviceError(
                .noSuchDevice, "\(matches.count) devices match \(source) \"\(request)\":\n\(Self.list(matches))",
                advice: advice)
        }
        if let refusal = match.refusal {
            throw DeviceError(
                .noSuchDevice, "the device that \(source) \"\(request)\" names cannot be used: \(refusal)",
                advice: "Update its driver, or choose another device with --device.")
        }
        return match.index
    }

    private static func list(_ entries: [Entry]) -> String {
        entries.map { entry in entry.refusal.map { "\(entry.line) – refused: \($0)" } ?? entry.line }
            .joined(separator: "\n")
    }
}
