import QPPlanner

extension HTMLReport {
    static func noise(_ noise: Profile.Noise) -> Markup {
        .tag(
            "section", [:],
            [
                .tag("h2", [:], "Noise"),
                .tag("p", [:], [.tag("strong", [:], noise.verdict.phrase.sentence), .text(" " + noise.explanation)]),
                .tag("p", [:], noise.evidence.sentence),
            ])
    }

    static func context(_ profile: Profile) -> Markup {
        let device = profile.device
        let memory = Format.bytes(Double(device.deviceMemoryBytes))
        let facts = [
            ("Device", device.name), ("UUID", device.uuid), ("Driver", device.driver),
            ("Vulkan", device.apiVersion), ("Kind", device.isSoftware ? "software rasteriser" : "GPU"),
            ("Subgroup", "\(Format.count(device.subgroupSize)) lanes"), ("Device memory", memory),
            ("Host", "\(device.hostProcessor) · \(Format.count(device.hostCoreCount)) cores"),
            ("Timing", device.timing.phrase), ("Run", profile.settings.phrase), ("Date", profile.date),
            ("Program", "\(profile.program.name) \(profile.program.version)"),
            ("Schema version", "\(profile.schemaVersion)"),
        ]
        let entries = facts.flatMap { [Markup.tag("dt", [:], $0.0), Markup.tag("dd", [:], $0.1)] }
        return .tag("section", [:], [.tag("h2", [:], "Context"), .tag("dl", ["class": "facts"], entries)])
    }

    /// The words of the report, for a reader who meets them here first.
    static var glossary: Markup {
        let terms = [
            ("K, V", "Number of tokens that the grammar allows in a step, of the V tokens of the vocabulary."),
            ("dense", "Score all V rows, then let the allowed ones compete; does not depend on K."),
            ("denseSkipping", "Score rows under the mask, skipping blocks in which nothing is allowed."),
            ("sparse", "Score the K rows of a list that the host gives."),
            ("sparseFromMask", "Turn the mask to a list on the device, then score its rows."),
            ("K*", "The K at which the two steps take equal time."),
            ("within 5 %", "The indifference band: there, choosing wrongly costs less than 5 %."),
            (
                "of its roof",
                "Time at the measured ceilings over the measured time; 100 % is a kernel that cannot "
                    + "become faster on this device without reading less."
            ),
        ]
        let entries = terms.flatMap { [Markup.tag("dt", [:], $0.0), Markup.tag("dd", [:], $0.1)] }
        return .tag("footer", [:], [.tag("h2", [:], "Words"), .tag("dl", ["class": "facts"], entries)])
    }
}
