import Foundation
import Testing

extension CommandLineTests {
    /// Exit status and texts of what needs no measurement.
    @Suite struct MessageTests {
        @Test func devicesAreListed() throws {
            try inFolder { folder in
                let outcome = try Tool.run(["devices"], in: folder)
                #expect(outcome.status == 0)
                #expect(outcome.err == "")
                let lines = outcome.out.split(separator: "\n")
                // One is marked as the one that would be used.
                #expect(lines.count { $0.hasPrefix("* ") } == 1)
                for field in ["kind", "UUID", "driver", "memory", "lanes", "clock"] {
                    #expect(lines.contains { $0.hasPrefix("     \(field)") }, "\(field)")
                }
            }
        }

        private static let rasteriser = "/usr/share/vulkan/icd.d/lvp_icd.\(architecture).json"
        private static var architecture: String {
            #if arch(arm64)
            "aarch64"
            #else
            "x86_64"
            #endif
        }

        @Test(.enabled(if: FileManager.default.fileExists(atPath: rasteriser), "llvmpipe is not installed"))
        func rasteriserIsCalledOne() throws {
            try inFolder { folder in
                let outcome = try Tool.run(["devices"], in: folder, environment: ["VK_DRIVER_FILES": Self.rasteriser])
                #expect(outcome.status == 0)
                #expect(outcome.out.hasPrefix("* 0  llvmpipe"), "\(outcome.out)")
                #expect(outcome.out.contains("     kind    cpu, a CPU executes the shaders\n"))
            }
        }

        @Test(
            arguments: [["devices"], ["profile", "--quick"]],
            [("VK_DRIVER_FILES", "/nonexistent.json"), ("VK_LOADER_DRIVERS_DISABLE", "*")])
        func withoutADriverThereIsNoDevice(arguments: [String], variable: (String, String)) throws {
            try inFolder { folder in
                let outcome = try Tool.run(arguments, in: folder, environment: [variable.0: variable.1])
                #expect(outcome.status == 1)
                #expect(outcome.out == "")
                #expect(
                    outcome.err == """
                        qp-gpu: error: the Vulkan loader found no driver (vkCreateInstance returned \
                        VK_ERROR_INCOMPATIBLE_DRIVER)
                        Install your GPU's driver, or mesa-vulkan-drivers for the software rasteriser; \
                        if VK_DRIVER_FILES is set, check that it names an existing file.

                        """)
            }
        }

        @Test func unknownDeviceListsThoseThatExist() throws {
            try inFolder { folder in
                for arguments in [["devices"], ["profile", "--quick"]] {
                    let outcome = try Tool.run(arguments + ["--device", "voodoo"], in: folder)
                    #expect(outcome.status == 1)
                    let lines = outcome.err.split(separator: "\n")
                    #expect(lines.first == "qp-gpu: error: no device matches --device \"voodoo\"; there are:")
                    #expect(lines.dropFirst().first?.hasPrefix("  0: ") == true, "\(outcome.err)")
                    #expect(
                        lines.last == "Give an index, a UUID or part of a name, as `qp-gpu devices` lists them.")
                }
                let outcome = try Tool.run(["devices"], in: folder, environment: ["QPGPU_DEVICE": "voodoo"])
                #expect(outcome.status == 1)
                #expect(outcome.err.hasPrefix("qp-gpu: error: no device matches QPGPU_DEVICE \"voodoo\"; there are:\n"))
            }
        }

        @Test(arguments: [
            (
                ["--head", "GPT-5"],
                "no head is called \"GPT-5\"; there are Llama-3.1-8B, Gemma-2-2B, Llama-3.2-1B, Qwen2.5-0.5B, "
                    + "SmolLM2-135M, Gemma-3-270M, GPT-2"
            ),
            (["--batch", "0"], "--batch is 0; it must lie in 1…64"),
            (["--batch", "65"], "--batch is 65; it must lie in 1…64"),
            (["--batch", "8", "--batch", "999"], "--batch is 999; it must lie in 1…64"),
            (["--vocabulary", "1000"], "--vocabulary and --hidden belong together"),
            (["--hidden", "64"], "--vocabulary and --hidden belong together"),
            (
                ["--vocabulary", "0", "--hidden", "64"],
                "vocabulary size V is 0; it must lie in 1…1073741824"
            ),
            (
                ["--vocabulary=-5", "--hidden", "64"],
                "vocabulary size V is -5; it must lie in 1…1073741824"
            ),
            (
                ["--vocabulary", "9223372036854775807", "--hidden", "64"],
                "vocabulary size V is 9223372036854775807; it must lie in 1…1073741824"
            ),
            (["--vocabulary", "10", "--hidden", "0"], "hidden size d is 0; it must lie in 1…65536"),
            (["--vocabulary", "10", "--hidden", "65537"], "hidden size d is 65537; it must lie in 1…65536"),
            (["--budget", "0"], "--budget is 0.0; it must lie in 1…86400 seconds"),
            (["--budget", "nan"], "--budget is nan; it must lie in 1…86400 seconds"),
            (["--confidence", "1"], "--confidence is 1.0; it must lie between 0 and 1"),
        ])
        func impossibleRequestsAreUsageErrors(arguments: [String], text: String) throws {
            try inFolder { folder in
                let outcome = try Tool.run(["profile"] + arguments, in: folder)
                #expect(outcome.status == 2)
                #expect(outcome.out == "")
                #expect(
                    outcome.err == """
                        Error: \(text)
                        Usage: qp-gpu profile run <options>
                          See 'qp-gpu profile run --help' for more information.

                        """)
            }
        }

        /// The parser's own texts may change; status and channel may not.
        @Test(arguments: [
            ["nothing"], ["profile", "--element-type", "f64"], ["profile", "--batch", "one"], ["profile", "--no-such"],
            ["profile", "--vocabulary", "99999999999999999999", "--hidden", "1"], ["profile", "show"],
            ["profile", "diff", "one.json"], ["profile", "show", "a", "--format", "xml"],
        ])
        func unreadableCommandLinesAreUsageErrors(arguments: [String]) throws {
            try inFolder { folder in
                let outcome = try Tool.run(arguments, in: folder)
                #expect(outcome.status == 2)
                #expect(outcome.out == "")
                #expect(outcome.err.hasPrefix("Error: "), "\(outcome.err)")
            }
        }

        @Test(arguments: [["--help"], ["--version"], ["profile", "--help"], ["profile", "diff", "--help"]])
        func helpIsAResult(arguments: [String]) throws {
            try inFolder { folder in
                let outcome = try Tool.run(arguments, in: folder)
                #expect(outcome.status == 0)
                #expect(outcome.err == "")
                #expect(!outcome.out.isEmpty)
            }
        }

        /// What stands in the file, and what is said of it; `FILE` stands for its path.
        @Test(
            arguments: [
                (
                    nil,
                    "cannot read profile FILE: No such file or directory; check the path, "
                        + "or measure one with `qp-gpu profile --output FILE`"
                ),
                ("", "profile FILE breaks off after 0 bytes; the copy is incomplete, fetch or measure it again"),
                (
                    "{\"schemaVersion\": 1, \"da",
                    "profile FILE breaks off after 24 bytes; the copy is incomplete, fetch or measure it again"
                ),
                (
                    "not a profile",
                    "profile FILE is not JSON: line 1, column 2: expected null; "
                        + "give a file that `qp-gpu profile --output` wrote"
                ),
                (
                    "{\"schemaVersion\": 0}",
                    "profile FILE has schema version 0, which is older than version 1, the one this program reads; "
                        + "measure again with `qp-gpu profile`"
                ),
                (
                    "{\"schemaVersion\": 2}",
                    "profile FILE has schema version 2, which is newer than version 1, the one this program reads; "
                        + "update qp-gpu"
                ),
                (
                    "{}",
                    "profile FILE: schemaVersion is missing; "
                        + "the file was damaged or edited, measure again with `qp-gpu profile`"
                ),
            ] as [(String?, String)])
        func badProfilesAreErrors(content: String?, text: String) throws {
            try inFolder { folder in
                let file = folder + "/profile.json"
                if let content { try Data(content.utf8).write(to: URL(filePath: file)) }
                for arguments in [["show", file], ["diff", file, file]] {
                    let outcome = try Tool.run(["profile"] + arguments, in: folder)
                    #expect(outcome.status == 1)
                    #expect(outcome.out == "")
                    #expect(outcome.err == "qp-gpu: error: \(text.replacing("FILE", with: file))\n")
                }
            }
        }

        @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "there is no /dev/full"))
        func resultThatCannotBeWrittenIsAnError() throws {
            try inFolder { folder in
                let outcome = try Tool.run(["devices"], in: folder, standardOutput: "/dev/full")
                #expect(outcome.status == 1)
                #expect(
                    outcome.err == """
                        qp-gpu: error: cannot write the result to standard output: No space left on device; \
                        free some space, or choose another place

                        """)
            }
        }

        /// 16 TB: refused before anything is allocated.
        @Test func headThatDoesNotFitIsAnError() throws {
            try inFolder { folder in
                let outcome = try Tool.run(
                    [
                        "profile", "--vocabulary", "1000000000", "--hidden", "4096", "--element-type", "f32",
                        "--format", "json",
                    ], in: folder)
                #expect(outcome.status == 1)
                #expect(outcome.out == "")
                let lines = outcome.err.split(separator: "\n")
                let text =
                    #/
                    qp-gpu:\ error:\ the\ head\ 1000000000×4096\ f32\ needs\ 16384000000000\ bytes,\ but\ .+
                    \ has\ [0-9]+\ bytes\ left
                    /#
                #expect(lines.contains { $0.wholeMatch(of: text) != nil }, "\(outcome.err)")
                #expect(lines.last == "Choose a smaller head or element type, or free memory on the device.")
                // No note of a profile to go on with: nothing was measured.
                #expect(!outcome.err.contains("--resume"), "\(outcome.err)")
            }
        }

        @Test(arguments: ["--output", "--report"])
        func impossiblePlacesAreFoundBeforeMeasuring(option: String) throws {
            try inFolder { folder in
                let outcome = try Tool.run(Tool.tinyRun + [option, folder + "/gone/file"], in: folder)
                #expect(outcome.status == 1)
                #expect(outcome.out == "")
                #expect(
                    outcome.err.hasSuffix(
                        "qp-gpu: error: cannot use \(folder)/gone/file: the folder \(folder)/gone does not exist; "
                            + "choose another place\n"), "\(outcome.err)")
            }
        }
    }
}
