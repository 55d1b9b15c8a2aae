import Testing

@testable import QPReport

@Suite struct TextTableTests {
    @Test func wordsLeftNumbersRight() {
        var table = TextTable([("kernel", .leading), ("per row", .trailing), ("roof", .trailing)])
        table.append(["scan", "34.2 ns", "33 %"])
        table.append(["gather", "1.19 µs", "–"])
        table.append(["topTwo"])
        #expect(
            table.render() == """
                kernel  per row  roof
                ──────  ───────  ────
                scan    34.2 ns  33 %
                gather  1.19 µs     –
                topTwo

                """)
    }

    @Test func anEmptyColumnLeavesNoTrailingSpaces() {
        var table = TextTable([("text", .leading), ("", .leading)])
        table.append(["a", ""])
        #expect(table.render() == "text\n────\na\n")
    }

    @Test func tooWideATableWrapsItsWidestWords() {
        var table = TextTable([("variant", .leading), ("scan", .trailing)])
        table.append(["lanes 8 · rows 4 · workgroup 32 · texel", "5.21 ms"])
        #expect(
            table.render(maximumWidth: 30, indent: 2) == """
                  variant                 scan
                  ───────────────────  ───────
                  lanes 8 · rows 4 ·   5.21 ms
                  workgroup 32 ·
                  texel

                """)
    }

    @Test(arguments: [
        ("", 0), ("scan", 4), ("2.1×", 4), ("842 µs", 6), ("a · b", 5), ("e\u{301}", 1), ("日本", 4), ("…–", 2),
        ("👩‍🔬", 2),
    ])
    func widthIsThatOfATerminal(text: String, width: Int) {
        #expect(text.displayWidth == width)
    }

    @Test func controlCharactersCannotMoveTheCursor() {
        var table = TextTable([("device", .leading)])
        table.append(["a\u{1B}[31m\nb\u{202E}c"])
        #expect(table.render() == "device\n──────────\na�[31m�b�c\n")
    }

    @Test func longWordsAreCut() {
        #expect("ab cdefgh i".wrapped(to: 4) == ["ab", "cdef", "gh i"])
        #expect("".wrapped(to: 4) == [""])
        #expect("日本語".wrapped(to: 1) == ["日", "本", "語"])
    }
}
