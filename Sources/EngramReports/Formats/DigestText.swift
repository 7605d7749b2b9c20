/// The digest as a mail: header lines, an empty line, and plain text in lines of at most 76 columns, to be given to `sendmail`.
struct DigestText {
    let content: DigestContent

    /// Columns of a line; longer ones are broken between words.
    private static let width = 76
    /// Entries of one list; a mail is no archive.
    private static let entryCount = 40

    /// The whole text, with newlines as Unix has them.
    var text: String {
        // Counts and a date: no header can be broken by a name.
        var lines = [
            "Subject: Engram \(content.title): \(Self.ascii(subject))", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit", "", content.span, "",
        ]
        lines += list("No longer verify", content.damaged)
        lines += list("Rejected", content.rejected)
        lines += list("Not checked", content.unchecked)
        lines += list("New memories", content.published)
        lines += list("Asked", content.asked)
        lines += list("At work and waiting", content.waiting)
        lines += list("Known already", content.reused)
        lines += list("Deleted by keep:", content.deleted)
        lines += checks + use + trend
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map(Self.safe).joined(separator: "\n") + "\n"
    }

    private var subject: String {
        func some(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
        var parts = content.damaged.isEmpty ? [] : [some(content.damaged.count, "memory no longer verifies", "memories no longer verify")]
        parts.append(content.published.isEmpty ? "no new memory" : some(content.published.count, "new memory", "new memories"))
        if !content.rejected.isEmpty { parts.append("\(content.rejected.count) rejected") }
        if content.uncheckedCount > 0 { parts.append("\(content.uncheckedCount) not checked") }
        return parts.joined(separator: ", ")
    }

    private func list(_ title: String, _ items: [DigestContent.Item]) -> [String] {
        guard !items.isEmpty else { return [] }
        var lines = ["\(title) (\(items.count))"]
        for item in items.prefix(Self.entryCount) {
            lines += Self.wrapped("- \(Self.printable(item.name)): \(Self.printable(item.detail))", indent: "  ")
        }
        if items.count > Self.entryCount { lines.append("- and \(items.count - Self.entryCount) more; the page has all") }
        return lines + [""]
    }

    private var checks: [String] {
        guard let at = content.verifiedAt else {
            return ["Memories were never checked again; the schedule's action verify does that.", ""]
        }
        let all = content.soundCount + content.damaged.count + content.uncheckedCount
        return Self.wrapped("Checked last \(at): \(content.soundCount) of \(all) memories are as published.", indent: "") + [""]
    }

    private var use: [String] {
        guard let use = content.use else { return [] }
        let free = use.freeBytes.map { ", \(NumberText.bytes($0)) free" } ?? ""
        return [
            "Time at work: \(NumberText.duration(seconds: use.workSeconds))",
            "Disk: results \(NumberText.bytes(use.resultBytes)) (new \(NumberText.bytes(use.publishedBytes))), "
                + "sources \(NumberText.bytes(use.archiveBytes))\(free)", "",
        ]
    }

    private var trend: [String] {
        let nights = content.nights.filter { $0.published + $0.rejected > 0 || $0.workSeconds > 0 || ($0.damaged ?? 0) > 0 }
        guard !nights.isEmpty else { return [] }
        let rows = nights.suffix(Self.entryCount).map { night in
            "\(night.day)  \(Self.right("\(night.published)", 9))  \(Self.right("\(night.rejected)", 8))  "
                + "\(Self.right(NumberText.duration(seconds: night.workSeconds), 12))  \(Self.right(night.damaged.map(String.init) ?? "-", 10))"
        }
        return ["The last \(content.nights.count) nights, those with anything:"]
            + ["day         published  rejected       at work  not sound"] + rows + [""]
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// A line break in a name would begin a line of its own, and a control character moves a terminal.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: "?"
                    default: scalar
                    }
                }))
    }

    /// A line of one point ends a mail for sendmail, and "From " begins one in a mailbox.
    private static func safe(_ line: String) -> String { line == "." || line.hasPrefix("From ") ? " " + line : line }

    private static func ascii(_ text: String) -> String { String(text.unicodeScalars.map { $0.isASCII ? Character($0) : "?" }) }

    /// Words in lines of at most `width`; what is longer than a line is cut into pieces.
    private static func wrapped(_ text: String, indent: String) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: true) {
            var rest = String(word)
            if !line.isEmpty, line.count + 1 + rest.count <= width {
                line += " " + rest
                continue
            }
            if !line.isEmpty { lines.append(line) }
            line = lines.isEmpty ? "" : indent
            while line.count + rest.count > width {
                let fitting = width - line.count
                lines.append(line + rest.prefix(fitting))
                rest = String(rest.dropFirst(fitting))
                line = indent
            }
            line += rest
        }
        return line.isEmpty ? lines : lines + [line]
    }
}

extension DigestContent {
    /// The digest as a mail with a subject; equal contents give equal bytes.
    package var mail: String { DigestText(content: self).text }
}
