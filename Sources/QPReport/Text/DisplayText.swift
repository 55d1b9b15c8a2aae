extension String {
    /// Columns this text takes in a terminal: 2 for wide East Asian characters and emoji, 0 for combining marks.
    package var displayWidth: Int {
        reduce(0) { $0 + $1.displayWidth }
    }

    /// The text without what could move a cursor, reorder a line or break an XML document: control characters and
    /// directional overrides become `�`.
    package var withoutControls: String {
        guard unicodeScalars.contains(where: \.isUnprintable) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            result.append(scalar.isUnprintable ? "\u{FFFD}" : scalar)
        }
        return String(result)
    }

    /// With a capital and a full stop.
    var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".") }

    func padded(to width: Int, _ alignment: TextTable.Alignment) -> String {
        let gap = String(repeating: " ", count: max(0, width - displayWidth))
        return alignment == .leading ? self + gap : gap + self
    }

    /// Lines of at most `width` columns, broken at spaces; a longer word is cut.
    package func wrapped(to width: Int) -> [String] {
        let width = max(width, 1)
        var lines: [String] = []
        var line = ""
        var lineWidth = 0
        for word in split(separator: " ") {
            var rest = String(word)
            if lineWidth > 0, lineWidth + 1 + rest.displayWidth > width {
                lines.append(line)
                (line, lineWidth) = ("", 0)
            }
            while rest.displayWidth > width {
                let head = rest.prefix(columns: width)
                lines.append(head)
                rest = String(rest.dropFirst(head.count))
            }
            line += (lineWidth > 0 ? " " : "") + rest
            lineWidth = line.displayWidth
        }
        if lineWidth > 0 || lines.isEmpty { lines.append(line) }
        return lines
    }

    private func prefix(columns: Int) -> String {
        var result = ""
        var width = 0
        for character in self {
            // At least one character, so that a wide one in a single column still ends the loop.
            if !result.isEmpty, width + character.displayWidth > columns { break }
            width += character.displayWidth
            result.append(character)
        }
        return result
    }
}

extension Character {
    fileprivate var displayWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        switch first.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return first.isWide ? 2 : 1
        }
    }
}

extension Unicode.Scalar {
    /// Ranges of East Asian Width W and F that hold letters and pictographs (Unicode Standard Annex 11).
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
            0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1FAFF,
            0x20000...0x3FFFD:
            true
        default: false
        }
    }

    fileprivate var isUnprintable: Bool {
        switch value {
        case 0..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0xFFFE...0xFFFF: true
        default: false
        }
    }
}
