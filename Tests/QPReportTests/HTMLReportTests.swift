import QPPlanner
import Testing

@testable import QPReport

@Suite struct HTMLReportTests {
    @Test(arguments: EdgeCase.allCases)
    func isWellFormed(edgeCase: EdgeCase) {
        let text = HTMLReport.render(edgeCase.profile)
        #expect(tagImbalance(text) == nil)
        #expect(xmlError(text) == nil)
    }

    @Test(arguments: EdgeCase.allCases)
    func printsOnlyNumbers(edgeCase: EdgeCase) {
        for value in coordinates(in: HTMLReport.render(edgeCase.profile)) {
            #expect(!value.lowercased().contains("nan") && !value.contains("inf"), "\(value)")
        }
    }

    @Test(arguments: EdgeCase.allCases)
    func needsNothingElse(edgeCase: EdgeCase) {
        let text = HTMLReport.render(edgeCase.profile)
        for forbidden in ["<script", "<link", "<img", "src=", "url(", "@import", "http:", "https:"] {
            #expect(!text.contains(forbidden), "\(forbidden)")
        }
    }

    @Test func hostileStringsStayText() {
        let text = HTMLReport.render(EdgeCase.hostileNames.profile)
        #expect(text.contains("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39; �[2J]]&gt;"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test func chartsShowWhatWasMeasured() {
        let text = HTMLReport.render(EdgeCase.usual.profile)
        #expect(text.split(separator: "<figure>").count - 1 == 2 + 4 * 3)
        for expected in [
            "read bandwidth 41.2 GB/s", "arithmetic 128 GFLOP/s", "scan 33 %", "output head 62.6 %", "layers 37.4 %",
            "K, allowed tokens of V = 151,936", "Software rasteriser: figures describe this CPU, not a GPU.",
        ] {
            #expect(text.contains(expected), "\(expected)")
        }
    }

    @Test func withoutACrossoverThereIsAReasonAndNoCloseUp() {
        let text = HTMLReport.render(EdgeCase.noCrossover.profile)
        #expect(text.contains("No K to switch at: sparse is cheaper at every K measured."))
        #expect(!text.contains("Close-up"))
    }

    @Test func otherPatternsAreFoldedAway() {
        let text = HTMLReport.render(EdgeCase.severalPatterns.profile)
        #expect(text.contains("<summary>Other index patterns: one run of ids</summary>"))
    }

    @Test func aRealDeviceIsNotCalledSoftware() {
        var profile = EdgeCase.usual.profile
        profile.device.isSoftware = false
        #expect(!HTMLReport.render(profile).contains("oftware rasteriser"))
        #expect(!ProfileTable.render(profile).contains("oftware rasteriser"))
    }
}
