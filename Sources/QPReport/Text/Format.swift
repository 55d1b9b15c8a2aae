/// Numbers as people read them: grouped thousands, a unit that fits the size, and `–` for what is not known.
///
/// Nothing here prints `nan`, `inf` or a 0 that stands for "not measured".
package enum Format {
    /// Stands for a figure that does not exist; the text beside it says why.
    package static let missing = "–"

    /// `118,400`.
    package static func count(_ value: Int) -> String {
        (value < 0 ? "−" : "") + grouped(String(value.magnitude))
    }

    /// `3.14` with exactly that many decimals, grouped: `12,345.7`.
    package static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return missing }
        let scaled = (value.magnitude * powerOfTen(decimals)).rounded()
        // Beyond 2⁵³ a double has no decimals left to show.
        guard scaled < 9e15 else { return "\(value)" }
        var digits = String(Int(scaled))
        if digits.count <= decimals { digits = String(repeating: "0", count: decimals + 1 - digits.count) + digits }
        let whole = grouped(String(digits.dropLast(decimals)))
        let sign = value < 0 && scaled > 0 ? "−" : ""
        return decimals == 0 ? sign + whole : "\(sign)\(whole).\(digits.suffix(decimals))"
    }

    /// Three significant digits, never fewer digits than the whole part has: `0.0342`, `5.21`, `52.1`, `5,214`.
    package static func significant(_ value: Double, digits: Int = 3) -> String {
        guard value.isFinite else { return missing }
        guard value != 0 else { return "0" }
        var decimals = digits - 1 - Int(decimalLogarithm(value.magnitude).rounded(.down))
        // 9.996 rounds up to 10.0: one decimal fewer keeps the number of digits.
        if decimals > 0, (value.magnitude * powerOfTen(decimals)).rounded() >= powerOfTen(digits) { decimals -= 1 }
        return fixed(value, decimals: min(max(decimals, 0), 12))
    }

    /// Three significant digits without zeros at the end: `480`, `2`, `0.5`.
    package static func trimmed(_ value: Double) -> String {
        var text = significant(value)
        guard text.contains(".") else { return text }
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }

    /// `34.2 ns`, `842 µs`, `5.21 ms`, `1.20 s`.
    package static func duration(microseconds: Double) -> String {
        guard microseconds.isFinite else { return missing }
        let unit = TimeUnit.fitting(microseconds)
        return "\(significant(microseconds / unit.microseconds)) \(unit.symbol)"
    }

    /// `33.9 … 34.8 ns`, both ends in the unit of the larger.
    package static func durations(lowMicroseconds low: Double, highMicroseconds high: Double) -> String {
        guard low.isFinite, high.isFinite else { return missing }
        let unit = TimeUnit.fitting(max(low.magnitude, high.magnitude))
        return "\(significant(low / unit.microseconds)) … \(significant(high / unit.microseconds)) \(unit.symbol)"
    }

    /// `27.6 %` from 0.276.
    package static func percent(_ fraction: Double, decimals: Int = 1) -> String {
        guard fraction.isFinite else { return missing }
        return "\(fixed(fraction * 100, decimals: decimals)) %"
    }

    /// `1.92×`, `243×`.
    package static func ratio(_ value: Double) -> String {
        guard value.isFinite else { return missing }
        return significant(value) + "×"
    }

    /// `272 MB`, in powers of 1000.
    package static func bytes(_ value: Double) -> String {
        guard value.isFinite else { return missing }
        let units = ["B", "kB", "MB", "GB", "TB"]
        var scaled = value
        var index = 0
        while scaled >= 999.5, index < units.count - 1 {
            scaled /= 1000
            index += 1
        }
        return "\(significant(scaled)) \(units[index])"
    }

    /// `K* = 118,400 (115,900 … 121,300)`; the interval is left out where it is unknown.
    package static func crossing(_ allowedTokenCount: Int, low: Int?, high: Int?) -> String {
        guard let low, let high else { return "K* = \(count(allowedTokenCount))" }
        return "K* = \(count(allowedTokenCount)) (\(count(low)) … \(count(high)))"
    }

    private static func grouped(_ digits: String) -> String {
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return result
    }
}

private struct TimeUnit {
    let symbol: String
    let microseconds: Double

    static func fitting(_ microseconds: Double) -> TimeUnit {
        // 999.5 would print as 1,000 of the smaller unit.
        switch microseconds.magnitude {
        case 0: TimeUnit(symbol: "µs", microseconds: 1)
        case ..<0.9995: TimeUnit(symbol: "ns", microseconds: 1e-3)
        case ..<999.5: TimeUnit(symbol: "µs", microseconds: 1)
        case ..<999_500: TimeUnit(symbol: "ms", microseconds: 1e3)
        default: TimeUnit(symbol: "s", microseconds: 1e6)
        }
    }
}
