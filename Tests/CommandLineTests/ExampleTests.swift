import Foundation
import Testing

extension CommandLineTests {
    /// The programs under Examples/, built beside the tool.
    @Suite struct ExampleTests {
        private func program(_ name: String) -> String {
            URL(filePath: Tool.path).deletingLastPathComponent().appending(path: name).path
        }

        @Test func aRegisteredPlanIsChosenAndServes() throws {
            try inFolder { folder in
                let outcome = try Tool.run(program("registered-plan"), [], in: folder)
                #expect(outcome.status == 0 && outcome.err == "")
                #expect(
                    outcome.out == """
                        forced: –, 200 tokens are allowed, not one
                        dense: 300000 ns, 12× the chosen plan
                        sparse: 50000 ns, 2.0× the chosen plan
                        amortized: –, there is no anchor yet; fullRecompute makes one
                        amortizedRerank: –, there is no anchor yet; fullRecompute makes one
                        screenedRerank: –, the head has no low-bit copy
                        fullRecompute: 300000 ns, 12× the chosen plan
                        scanBlocks: 25000 ns, chosen
                        served by scanBlocks; same answer as dense: true

                        """)
            }
        }

        /// What the README says of the library is the program that runs below, line by line.
        @Test func theReadmesExamplesAreThatProgram() throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
            func lines(_ text: Substring) -> [String] {
                text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
                    .filter { !$0.isEmpty && !$0.hasPrefix("import ") }
            }
            let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
            let blocks = readme.split(separator: "```swift\n").dropFirst().map { $0.prefix(while: { $0 != "`" }) }
            #expect(blocks.count >= 2)
            let source = try String(
                contentsOf: root.appending(path: "Examples/library/LibraryExample.swift"), encoding: .utf8)
            var rest = lines(source[...])[...]
            for line in blocks.flatMap(lines) {
                guard let found = rest.firstIndex(of: line) else {
                    Issue.record("the README has a line that the example has not, or not there: \(line)")
                    return
                }
                rest = rest[(found + 1)...]
            }
        }

        @Test func theLibraryExampleRuns() throws {
            try inFolder { folder in
                let profiled = try Tool.run(
                    [
                        "profile", "--head", "GPT-2", "--quick", "--budget", "3", "--output", folder + "/profile.json",
                    ], in: folder)
                #expect(profiled.status == 0, "\(profiled.err)")
                // It looks for profile.json where it is started.
                let outcome = try Tool.run(
                    "/bin/bash", ["-c", "cd \"$0\" && exec \"$1\"", folder, program("library-example")], in: folder)
                #expect(outcome.status == 0, "\(outcome.err)")
                let lines = outcome.out.split(separator: "\n")
                #expect(lines.count == 5)
                #expect(["318", "1049", "4971"].contains { lines[0].hasPrefix($0 + " ") }, "\(lines)")
                let drawn = lines[1].split(separator: " ").compactMap { Double($0) }
                #expect(drawn.count == 2 && drawn[1] >= 1, "\(lines)")
                #expect(lines[2].contains(#""allowedTokenCounts":[3,50257]"#), "\(lines)")
                // Rows of two steps in flight that allow the same three tokens.
                #expect(lines[3].split(separator: " ").allSatisfy { ["318", "1049", "4971"].contains($0) }, "\(lines)")
                // Only "{" may begin an object, and the key that it has to have comes first: "age":
                #expect(lines[4] == "1 [34, 97, 103, 101, 34, 58]", "\(lines)")
            }
        }
    }
}
