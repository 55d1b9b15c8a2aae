import Foundation
import Testing

extension CommandLineTests {
    /// Runs that measure a tiny head.
    @Suite struct ProfileTests {
        private func field<Value>(_ object: [String: Any], _ name: String, as type: Value.Type) throws -> Value {
            try #require(object[name] as? Value, "\(name) of \(object.keys.sorted())")
        }

        /// A number, or null: the key is there either way.
        private func requireNumberOrNull(_ object: [String: Any], _ name: String) throws {
            let value = try #require(object[name], "\(name) of \(object.keys.sorted())")
            #expect(value is NSNull || value is NSNumber, "\(name) is \(value)")
        }

        @Test func documentKeepsTheContract() throws {
            let outcome = try TinyProfile.outcome()
            #expect(outcome.status == 0, "\(outcome.err)")
            let document = try TinyProfile.json()
            #expect(try field(document, "schemaVersion", as: Int.self) == 1)
            let device = try field(document, "device", as: [String: Any].self)
            for name in ["name", "uuid", "driver"] {
                #expect(!(try field(device, name, as: String.self)).isEmpty)
            }
            _ = try field(device, "isSoftware", as: Bool.self)
            let noise = try field(document, "noise", as: [String: Any].self)
            #expect(["quiet", "noisy", "unusable"].contains(try field(noise, "verdict", as: String.self)))

            let heads = try field(document, "heads", as: [[String: Any]].self)
            let head = try #require(heads.first)
            #expect(heads.count == 1)
            #expect(try field(head, "vocabularySize", as: Int.self) == 512)
            #expect(try field(head, "hiddenSize", as: Int.self) == 64)
            #expect(try field(head, "elementType", as: String.self) == "f16")
            #expect(try field(head, "completedBatches", as: [Int].self) == [1])

            let fits = try field(head, "fits", as: [[String: Any]].self)
            #expect(!fits.isEmpty)
            for fit in fits {
                _ = try field(fit, "kernel", as: String.self)
                try requireNumberOrNull(fit, "heldOutMedianRelativeError")
                #expect(try field(fit, "utilisation", as: Double.self) >= 0)
            }
            let kernels = Set(fits.compactMap { $0["kernel"] as? String })
            #expect(kernels.isSuperset(of: ["scanTopTwo", "gatherTopTwo"]), "\(kernels)")

            let crossovers = try field(head, "crossovers", as: [[String: Any]].self)
            #expect(!crossovers.isEmpty)
            for crossover in crossovers {
                #expect(try field(crossover, "between", as: [String].self).count == 2)
                #expect(try field(crossover, "batch", as: Int.self) == 1)
                for name in ["allowedTokenCount", "low", "high"] { try requireNumberOrNull(crossover, name) }
                if let count = crossover["allowedTokenCount"] as? Int {
                    #expect((1...512).contains(count))
                    #expect(try field(crossover, "low", as: Int.self) <= count)
                    #expect(try field(crossover, "high", as: Int.self) >= count)
                } else {
                    #expect(!(try field(crossover, "reason", as: String.self)).isEmpty)
                }
            }
            let samples = try field(head, "samples", as: [[String: Any]].self)
            for series in samples {
                let durations = try field(series, "durationsMicroseconds", as: [Double].self)
                #expect(durations.allSatisfy { $0 > 0 })
                #expect(try field(series, "blocks", as: [Int].self).count == durations.count)
            }
            #expect(Set(samples.compactMap { $0["role"] as? String }) == ["fit", "heldOut"])
        }

        @Test func messagesStayOnStderr() throws {
            let outcome = try TinyProfile.outcome()
            #expect(outcome.out.hasPrefix("{") && outcome.out.hasSuffix("}\n"))
            let lines = outcome.err.split(separator: "\n")
            #expect(lines.first?.hasPrefix("device 0: ") == true, "\(outcome.err)")
            // No terminal, no progress.
            #expect(!outcome.err.contains("\u{1B}") && !outcome.err.contains("█"))
            let device = try field(try TinyProfile.json(), "device", as: [String: Any].self)
            let note = "note: a software rasteriser: the figures describe this host's CPU, not a GPU"
            #expect(lines.contains { $0 == note } == (device["isSoftware"] as? Bool), "\(outcome.err)")
        }

        @Test func showPrintsWhatWasMeasured() throws {
            try inFolder { folder in
                let file = folder + "/profile.json"
                try Data(try TinyProfile.outcome().out.utf8).write(to: URL(filePath: file))
                let json = try Tool.run(["profile", "show", file, "--format", "json"], in: folder)
                #expect(json.status == 0)
                #expect(json.out == (try TinyProfile.outcome().out))
                let report = folder + "/report.html"
                let table = try Tool.run(["profile", "show", file, "--report", report], in: folder)
                #expect(table.status == 0)
                #expect(table.err == "")
                #expect(table.out.contains("512 × 64 f16"), "\(table.out)")
                #expect(try String(contentsOfFile: report, encoding: .utf8).contains("<svg"))
            }
        }

        /// Warned of once, and no reason to fail.
        @Test func cacheThatCannotBeWrittenIsAWarning() throws {
            try inFolder { folder in
                try Data().write(to: URL(filePath: folder + "/file"))
                let outcome = try Tool.run(
                    Tool.tinyRun + ["--format", "json"], in: folder,
                    environment: ["QPGPU_CACHE": folder + "/file/cache"])
                #expect(outcome.status == 0)
                #expect(try TinyProfile.object(outcome.out)?["schemaVersion"] as? Int == 1)
                let lines = outcome.err.split(separator: "\n").filter {
                    !$0.hasPrefix("device ") && !$0.hasPrefix("note: a software")
                }
                let uuid = try field(try TinyProfile.json(), "device", as: [String: Any].self)["uuid"] as! String
                #expect(
                    lines
                        == [
                            "qp-gpu: warning: the cache folder \(folder)/file/cache cannot be written: Not a directory",
                            "Shaders are compiled again in each run until QPGPU_CACHE names a folder that can be written.",
                            "qp-gpu: warning: cannot write profile \(folder)/file/cache/profiles/\(uuid).json: "
                                + "Not a directory; nothing was changed, choose another place with --output",
                        ].map { Substring($0) }, "\(outcome.err)")
            }
        }

        /// What was measured before at the default place is moved aside, not replaced.
        @Test func earlierProfileIsKept() throws {
            try inFolder { folder in
                let first = try Tool.run(Tool.tinyRun, in: folder)
                #expect(first.status == 0 && !first.err.contains("earlier profile"), "\(first.err)")
                let profiles = folder + "/cache/profiles/"
                let name = try #require(try FileManager.default.contentsOfDirectory(atPath: profiles).first)
                let text = try String(contentsOfFile: profiles + name, encoding: .utf8)
                let kept = profiles + name.dropLast(".json".count) + ".previous.json"
                let second = try Tool.run(Tool.tinyRun, in: folder)
                #expect(second.err.contains("note: the earlier profile of this device is kept as \(kept)\n"))
                #expect(try String(contentsOfFile: kept, encoding: .utf8) == text)
                #expect(FileManager.default.fileExists(atPath: profiles + name))
            }
        }

        private static let canMount =
            (try? inFolder { try Tool.run("/usr/bin/unshare", ["-rm", "mount", "-t", "tmpfs", "none", $0], in: $0) })?
            .status == 0

        /// A file system of 16 KiB that only the tool sees, for the cache and for --output.
        @Test(.enabled(if: canMount, "needs mount namespaces, which this system does not grant"))
        func fullDiskCostsNoResult() throws {
            try inFolder { folder in
                let full = folder + "/full"
                try FileManager.default.createDirectory(atPath: full, withIntermediateDirectories: true)
                let command = ([Tool.path] + Tool.tinyRun + ["--format", "json", "--output", full + "/profile.json"])
                    .joined(separator: " ")
                let outcome = try Tool.run(
                    "/usr/bin/unshare",
                    ["-rm", "sh", "-c", "mount -t tmpfs -o size=16k none \(full) && exec \(command)"],
                    in: folder, environment: ["QPGPU_CACHE": full])
                // The file was asked for and is not there; the result is.
                #expect(outcome.status == 1)
                #expect(try TinyProfile.object(outcome.out)?["schemaVersion"] as? Int == 1)
                #expect(
                    outcome.err.contains(
                        "qp-gpu: warning: the cache folder \(full) cannot be written: No space left on device\n"),
                    "\(outcome.err)")
                #expect(
                    outcome.err.hasSuffix(
                        "qp-gpu: error: cannot write profile \(full)/profile.json: No space left on device; "
                            + "nothing was changed, choose another place with --output\n"), "\(outcome.err)")
            }
        }

        /// Ctrl-C at several moments: what there is is kept, and the run can be gone on with.
        @Test(arguments: ["tuning", "curves, turn 1"])
        func interruptedRunIsKeptAndResumed(phase: String) throws {
            try inFolder { folder in
                let file = folder + "/profile.json"
                let arguments = ["profile", "--vocabulary", "512", "--hidden", "64", "--quick", "--output", file]
                let outcome = try Tool.interrupt(arguments + ["--budget", "14"], in: folder, at: phase)
                #expect(outcome.status == 130, "\(outcome.err)")
                #expect(outcome.out == "")
                #expect(
                    outcome.err.hasSuffix(
                        "interrupted; 0 complete and all other samples are in \(file); go on with --resume\n"),
                    "\(outcome.err)")
                let partial = try #require(try TinyProfile.object(try String(contentsOfFile: file, encoding: .utf8)))
                let head = try #require(try field(partial, "heads", as: [[String: Any]].self).first)
                #expect(try field(head, "completedBatches", as: [Int].self).isEmpty)

                let resumed = try Tool.run(
                    arguments + ["--budget", "3", "--resume", "--format", "json"], in: folder)
                #expect(resumed.status == 0, "\(resumed.err)")
                #expect(resumed.out == (try String(contentsOfFile: file, encoding: .utf8)))
                let whole = try #require(try TinyProfile.object(resumed.out))
                let finished = try #require(try field(whole, "heads", as: [[String: Any]].self).first)
                #expect(try field(finished, "completedBatches", as: [Int].self) == [1])
                // Interrupted while tuning there is none to keep; later it is the same tuning, not a second one.
                let kept = try #require(head["tunings"] as? NSArray)
                #expect(kept.count == (phase == "tuning" ? 0 : 1))
                #expect((finished["tunings"] as? NSArray)?.count == 1)
                if phase != "tuning" { #expect((finished["tunings"] as? NSArray) == kept) }
                // Nothing else is left beside it.
                let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                #expect(names.filter { !$0.hasSuffix(".out") && !$0.hasSuffix(".err") } == ["cache", "profile.json"])
            }
        }

        @Test func resumingAnotherRunIsRefused() throws {
            try inFolder { folder in
                let file = folder + "/profile.json"
                try Data(try TinyProfile.outcome().out.utf8).write(to: URL(filePath: file))
                let seed = try Tool.run(Tool.tinyRun + ["--output", file, "--resume", "--seed", "5"], in: folder)
                #expect(seed.status == 2)
                #expect(
                    seed.err.contains("Error: \(file) was measured with --seed 1 --quick; resume it with the same\n"),
                    "\(seed.err)")
                var foreign = try TinyProfile.json()
                var device = try field(foreign, "device", as: [String: Any].self)
                device["driver"] = "another driver"
                foreign["device"] = device
                try JSONSerialization.data(withJSONObject: foreign).write(to: URL(filePath: file))
                let other = try Tool.run(Tool.tinyRun + ["--output", file, "--resume"], in: folder)
                #expect(other.status == 1)
                #expect(
                    other.err.contains(" with driver another driver, but this is device "), "\(other.err)")
            }
        }

        /// Samples as a quiet machine gives them: 24 blocks, a thousandth of spread around the first reading.
        private func settled(_ document: [String: Any], factor: Double) throws -> [String: Any] {
            var document = document
            var heads = try field(document, "heads", as: [[String: Any]].self)
            for index in heads.indices {
                heads[index]["samples"] = try field(heads[index], "samples", as: [[String: Any]].self).map { series in
                    var series = series
                    let center = (series["durationsMicroseconds"] as? [Double])?.first ?? 100
                    series["durationsMicroseconds"] = (0..<24).map { (block: Int) -> Double in
                        let offset = Double(block * 7 % 24 - 12) / 12
                        return center * factor * (1 + 0.001 * offset)
                    }
                    series["blocks"] = Array(0..<24)
                    return series
                }
            }
            document["heads"] = heads
            return document
        }

        @Test func doubledTimesAreARegression() throws {
            try inFolder { folder in
                let document = try TinyProfile.json()
                let (before, after) = (folder + "/before.json", folder + "/after.json")
                try JSONSerialization.data(withJSONObject: try settled(document, factor: 1))
                    .write(to: URL(filePath: before))
                try JSONSerialization.data(withJSONObject: try settled(document, factor: 2))
                    .write(to: URL(filePath: after))

                let same = try Tool.run(["profile", "diff", before, before], in: folder)
                #expect(same.status == 0, "\(same.err)")
                #expect(same.out.contains(" rows: 0 regressions, 0 improvements, "), "\(same.out)")
                let slower = try Tool.run(["profile", "diff", before, after], in: folder)
                #expect(slower.status == 1)
                #expect(!slower.out.contains(" rows: 0 regressions"), "\(slower.out.suffix(300))")
                #expect(slower.out.contains("2.00"))
                let faster = try Tool.run(["profile", "diff", after, before], in: folder)
                #expect(faster.status == 0)
                #expect(faster.out.contains(" rows: 0 regressions") && !faster.out.contains(" 0 improvements"))
                // A tolerance above the change makes it none.
                let tolerated = try Tool.run(["profile", "diff", before, after, "--threshold", "1.5"], in: folder)
                #expect(tolerated.status == 0)
            }
        }

        @Test func profilesWithNothingInCommonCannotBeCompared() throws {
            try inFolder { folder in
                var document = try TinyProfile.json()
                let (one, other) = (folder + "/one.json", folder + "/other.json")
                try JSONSerialization.data(withJSONObject: document).write(to: URL(filePath: one))
                document["heads"] = [Any]()
                try JSONSerialization.data(withJSONObject: document).write(to: URL(filePath: other))
                let outcome = try Tool.run(["profile", "diff", one, other], in: folder)
                #expect(outcome.status == 1)
                #expect(
                    outcome.err
                        == "qp-gpu: error: the two profiles share no head, batch and K, so nothing was compared\n")
            }
        }
    }
}
