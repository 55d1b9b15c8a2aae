import QPCore
package import QPPlanner

/// A profile as text for a terminal of 100 columns: what `qp-gpu profile` prints.
///
/// Device and noise first, because they say whether the rest can be believed; then the ceilings; then, for every
/// head and batch, the tuned variants, the steps, the crossovers, the fits, and what it all means.
package enum ProfileTable {
    static let width = 100

    /// The whole report; ends with a newline.
    package static func render(_ profile: Profile) -> String {
        var text = context(profile)
        text += "\n" + ceilings(profile.ceilings)
        for head in profile.heads {
            for batch in head.batches {
                text += "\n" + section(HeadAtBatch(head: head, batch: batch))
            }
            if head.batches.isEmpty {
                text += "\n\(rule(titled: "\(head.title) · \(head.shapeTitle)"))\nNothing was measured for this head.\n"
            }
        }
        if profile.heads.isEmpty { text += "\nNo head was profiled.\n" }
        return text
    }

    private static func context(_ profile: Profile) -> String {
        let device = profile.device
        var entries = [("device", device.name)]
        if device.isSoftware { entries.append(("", Profile.DeviceContext.softwareWarning)) }
        entries += [
            ("uuid", device.uuid),
            ("driver", "\(device.driver) · Vulkan \(device.apiVersion)"),
            ("host", "\(device.hostProcessor) · \(Format.count(device.hostCoreCount)) cores"),
            ("timing", device.timing.phrase),
            ("noise", profile.noise.verdict.phrase),
            ("", profile.noise.explanation),
            ("", profile.noise.evidence),
            ("run", profile.settings.phrase),
            ("made by", "\(profile.program.name) \(profile.program.version) · \(profile.date)"),
        ]
        return entries.filter { !$0.1.isEmpty }.map { fact($0.0, $0.1) }.joined()
    }

    private static func ceilings(_ ceilings: [Profile.Ceiling]) -> String {
        guard !ceilings.isEmpty else { return "Ceilings: \(Format.missing) none was measured.\n" }
        var table = TextTable([
            ("ceiling", .leading), ("value", .trailing), ("unit", .leading), ("95 % interval", .trailing),
            ("n", .trailing),
        ])
        for ceiling in ceilings {
            table.append([
                ceiling.name.phrase, Format.significant(ceiling.value), ceiling.unit,
                "\(Format.significant(ceiling.low)) … \(Format.significant(ceiling.high))",
                Format.count(ceiling.sampleCount),
            ])
        }
        return table.render(maximumWidth: width)
    }

    /// `── Qwen2.5-0.5B · batch 1 ────…` over the whole width.
    static func rule(titled title: String) -> String {
        let start = "── \(title.withoutControls) "
        return start + String(repeating: "─", count: max(2, width - start.displayWidth))
    }

    /// A key of ten columns and its text, wrapped beside it.
    static func fact(_ key: String, _ value: String) -> String {
        let lines = value.withoutControls.wrapped(to: width - 11)
        return lines.enumerated().map { index, line in
            "\((index == 0 ? key : "").padded(to: 11, .leading))\(line)".withoutTrailingSpaces + "\n"
        }.joined()
    }
}
