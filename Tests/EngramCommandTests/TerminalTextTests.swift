import Testing

@testable import engram

@Suite struct TerminalTextTests {
    @Test(arguments: [
        ("\u{1b}[2J\u{7}evil", "?[2J?evil"), ("a\nb\tc", "a?b?c"), ("\u{202e}gnp.exe", "?gnp.exe"), ("frame_1.png", "frame_1.png"),
        ("größe 映画", "größe 映画"), ("\u{9b}31m", "?31m"),
    ])
    func escapeSequencesNeverReachTheTerminal(text: String, shown: String) { #expect(TerminalText.printable(text) == shown) }

    /// Columns as wcwidth(3) counts them.
    @Test(arguments: [("abc", 3), ("映画", 4), ("e\u{301}", 1), ("", 0), ("한글", 4), ("ﾊ", 1), ("🎞", 2)])
    func columnsAreThoseOfATerminal(text: String, count: Int) { #expect(TerminalText.columnCount(text) == count) }

    @Test func shortenedTextNeverNeedsMoreColumnsThanItMay() {
        for text in ["", "a", "steamboat willie", "映画の記憶", "e\u{301}e\u{301}e\u{301}e\u{301}"] {
            for limit in 0...20 {
                let short = TerminalText.shortened(text, toColumnCount: limit)
                #expect(TerminalText.columnCount(short) <= limit, "\(text) in \(limit)")
                if TerminalText.columnCount(text) <= limit { #expect(short == text) }
            }
        }
    }
}
