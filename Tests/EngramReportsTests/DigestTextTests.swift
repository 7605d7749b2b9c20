import EngramReports
import Testing

/// The digest as a mail.
@Suite struct DigestTextTests {
    private func content() -> DigestContent {
        DigestContent(
            title: "2026-11-21", span: "a to b", published: [], reused: [], rejected: [], waiting: [], damaged: [], soundCount: 3,
            verifiedAt: "today")
    }

    private func lines(_ content: DigestContent) -> [String] {
        content.mail.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test func itBeginsWithHeaderLinesThatNoNameCanBreak() {
        var content = content()
        content.published = [.init(name: "a\nBcc: everybody@example.org\r\n.\r\n", moment: "now", detail: "fine\n\nFrom here", link: nil)]
        content.damaged = [.init(name: "é", moment: "now", detail: "changed", link: nil)]
        let lines = lines(content)
        #expect(lines[0] == "Subject: Engram 2026-11-21: 1 memory no longer verifies, 1 new memory")
        #expect(lines[4].isEmpty && lines[1...3].allSatisfy { $0.contains(": ") || $0.hasPrefix("MIME") })
        #expect(!lines.contains(".") && !lines.contains { $0.hasPrefix("Bcc") || $0.hasPrefix("From ") })
        #expect(content.mail.hasSuffix("\n") && !content.mail.contains("\r"))
    }

    @Test(arguments: [1, 75, 76, 77, 300])
    func linesKeepToTheirWidthAndLoseNothing(length: Int) {
        var content = content()
        let word = String(repeating: "x", count: length)
        content.rejected = [
            .init(name: word, moment: "now", detail: "a reason of several words that is longer than one line of a mail can be", link: nil)
        ]
        let body = lines(content).drop { !$0.isEmpty }
        #expect(body.allSatisfy { $0.count <= 76 }, "\(body)")
        #expect(body.joined().filter { $0 == "x" }.count == length)
        #expect(body.joined(separator: " ").contains("several words"))
    }

    @Test func aListIsCutAndSaysSo() {
        var content = content()
        content.published = (0..<100).map { .init(name: "m\($0)", moment: "", detail: "d", link: nil) }
        #expect(lines(content).contains("- and 60 more; the page has all") && lines(content).contains("New memories (100)"))
    }

    @Test func timeDiskAndNightsStandInIt() {
        var content = content()
        content.use = .init(workSeconds: 3725, publishedBytes: 1536, resultBytes: 1 << 20, archiveBytes: 0, freeBytes: 1 << 40)
        content.nights = [
            .init(day: "2026-11-20", published: 0, rejected: 0, workSeconds: 0),
            .init(day: "2026-11-21", published: 12, rejected: 3, workSeconds: 60, damaged: 2),
        ]
        let text = content.mail
        #expect(text.contains("Time at work: 1 h 2 min\n") && text.contains("results 1.0 MiB (new 1.5 KiB), sources 0 B, 1.0 TiB free"))
        #expect(text.contains("2026-11-21         12         3     1 min 0 s           2") && !text.contains("2026-11-20  "))
        #expect(content.mail == text)
    }

    @Test func thePageHasThemToo() {
        var content = content()
        content.use = .init(workSeconds: 3725, publishedBytes: 0, resultBytes: 1 << 20, archiveBytes: 0, freeBytes: nil)
        content.nights = (1...30).map { .init(day: "2026-11-\($0)", published: $0 % 3, rejected: $0 % 2, workSeconds: Double(600 * $0)) }
        content.unchecked = [.init(name: "<i>", moment: "", detail: "source gone", link: nil)]
        let html = content.html
        #expect(TagChecker.firstFault(in: html) == nil && html.contains("1 h 2 min") && html.contains("&lt;i&gt;"))
        #expect(html.contains("hours at work") && html.contains("The last 30 nights"))
        content.nights = []
        #expect(!content.html.contains("The last"))
    }
}
