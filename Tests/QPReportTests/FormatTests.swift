import Testing

@testable import QPReport

@Suite struct FormatTests {
    @Test(arguments: [
        (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (118_400, "118,400"), (-12_345, "−12,345"),
        (Int.max, "9,223,372,036,854,775,807"), (Int.min, "−9,223,372,036,854,775,808"),
    ])
    func countsAreGrouped(value: Int, text: String) {
        #expect(Format.count(value) == text)
    }

    @Test(arguments: [
        (0.0, "0"), (0.03421, "0.0342"), (5.214, "5.21"), (9.996, "10.0"), (52.14, "52.1"), (521.4, "521"),
        (5214, "5,214"), (999.6, "1,000"), (-5.214, "−5.21"), (.nan, "–"), (.infinity, "–"),
    ])
    func threeDigitsAreSignificant(value: Double, text: String) {
        #expect(Format.significant(value) == text)
    }

    @Test(arguments: [
        (0.0342, "34.2 ns"), (0.9996, "1.00 µs"), (842, "842 µs"), (999.6, "1.00 ms"), (5214, "5.21 ms"),
        (1.2e6, "1.20 s"), (0, "0 µs"), (.nan, "–"),
    ])
    func durationsTakeAFittingUnit(microseconds: Double, text: String) {
        #expect(Format.duration(microseconds: microseconds) == text)
    }

    @Test func intervalsShareTheUnitOfTheLargerEnd() {
        #expect(Format.durations(lowMicroseconds: 0.9, highMicroseconds: 1.1) == "0.900 … 1.10 µs")
        #expect(Format.durations(lowMicroseconds: .nan, highMicroseconds: 1) == "–")
        #expect(Format.crossing(118_400, low: 115_900, high: 121_300) == "K* = 118,400 (115,900 … 121,300)")
        #expect(Format.crossing(118_400, low: nil, high: 121_300) == "K* = 118,400")
    }

    @Test func sharesRatiosAndBytes() {
        #expect(Format.percent(0.2764) == "27.6 %")
        #expect(Format.percent(0.33, decimals: 0) == "33 %")
        #expect(Format.ratio(1.916) == "1.92×")
        #expect(Format.bytes(272_269_312) == "272 MB")
        #expect(Format.bytes(999_700) == "1.00 MB")
        #expect(Format.trimmed(480) == "480")
        #expect(Format.trimmed(0.5) == "0.5")
        #expect(Format.trimmed(10) == "10")
        #expect(Format.fixed(1e20, decimals: 1) == "1e+20")
    }
}
