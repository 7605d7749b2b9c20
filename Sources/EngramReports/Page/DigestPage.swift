/// The digest as one file that opens offline, in the style of the reports.
struct DigestPage: Page {
    let content: DigestContent

    /// The whole page.
    var markup: HTML {
        let tone = content.damaged.isEmpty ? (content.rejected.isEmpty ? "exact" : "partial") : "failed"
        let sign = content.damaged.isEmpty ? (content.rejected.isEmpty ? "✓" : "!") : "✕"
        let header: HTML = """
            <header class="top \(tone)">
            <p class="eyebrow"><span class="badge \(tone)">\(sign) \(label)</span> <span class="name">Digest of \(content.title)</span></p>
            <h1>\(headline)</h1>
            <p class="facts">\(content.span)</p>
            </header>
            """
        return document(
            title: "Digest of \(content.title)", header: header,
            main: [cards, damaged, unchecked, published, rejected, asked, waiting, reused, deleted, trend])
    }

    private var label: String {
        if !content.damaged.isEmpty { return "memories damaged" }
        return content.rejected.isEmpty ? "all well" : "something was rejected"
    }

    private var headline: String {
        if !content.damaged.isEmpty {
            return content.damaged.count == 1
                ? "One memory is not what was published."
                : "\(NumberText.count(content.damaged.count)) memories are not what was published."
        }
        let count = content.published.count
        let first = count == 0 ? "No new memory" : count == 1 ? "One new memory" : "\(NumberText.count(count)) new memories"
        guard !content.rejected.isEmpty else { return first + "." }
        let rejectedCount = content.rejected.count
        return first + ", and \(rejectedCount == 1 ? "one" : NumberText.count(rejectedCount)) rejected."
    }

    private var cards: HTML {
        let checked = content.soundCount + content.damaged.count + content.uncheckedCount
        let all: [HTML] =
            [
                card(
                    "Published", content.published.count, "results that came to the outbox", tone: content.published.isEmpty ? "" : "good"),
                card(
                    "Rejected", content.rejected.count, "drops that cannot be used as they are",
                    tone: content.rejected.isEmpty ? "" : "warn"),
                card("Waiting", content.waiting.count, "drops at work or in the queue now", tone: ""),
                card(
                    "Verified", content.soundCount,
                    content.verifiedAt.map {
                        "of \(NumberText.count(checked)) stored memories are as published\(uncheckedWords); checked last \($0)"
                    }
                        ?? "memories were never checked again; the schedule's action verify does that",
                    tone: content.damaged.isEmpty ? (checked == 0 ? "" : content.uncheckedCount == 0 ? "good" : "warn") : "bad"),
            ] + useCards
        return "<section class=\"cards\" aria-label=\"Key figures\">\(all)</section>"
    }

    /// What could not be tried is said, and counts as nothing.
    private var uncheckedWords: String {
        content.uncheckedCount == 0 ? "" : ", \(NumberText.count(content.uncheckedCount)) could not be checked whole"
    }

    private var useCards: [HTML] {
        guard let use = content.use else { return [] }
        let free = use.freeBytes.map { "; \(NumberText.bytes($0)) are free" } ?? ""
        return [
            card(
                "Time", NumberText.duration(seconds: use.workSeconds),
                meaning: "that drops were at work"),
            card(
                "Disk", NumberText.bytes(use.resultBytes + use.archiveBytes),
                meaning: "results \(NumberText.bytes(use.resultBytes)), of them new \(NumberText.bytes(use.publishedBytes)); "
                    + "kept sources \(NumberText.bytes(use.archiveBytes))\(free)"),
        ]
    }

    private func card(_ label: String, _ value: Int, _ meaning: String, tone: String) -> HTML {
        """
        <div class="card \(tone)">
        <p class="label">\(label)</p>
        <p class="value">\(NumberText.count(value))</p>
        <p class="meaning">\(meaning)</p>
        </div>
        """
    }

    private var damaged: HTML? {
        list("damaged", "No longer verify", "These folders or networks are not what was published any more.", content.damaged)
    }

    private var unchecked: HTML? {
        list("unchecked", "Not checked", "What could not be tried counts neither as sound nor as damaged.", content.unchecked)
    }

    private var deleted: HTML? { list("deleted", "Deleted", "By what keep: in pipeline.yml says.", content.deleted) }

    private var trend: HTML? {
        guard let plot = NightPlot(nights: content.nights).markup() else { return nil }
        let rows = content.nights.reversed().map { night -> [HTML] in
            [
                "\(night.day)", "\(NumberText.count(night.published))", "\(NumberText.count(night.rejected))",
                "\(NumberText.duration(seconds: night.workSeconds))", "\(night.damaged.map(NumberText.count) ?? NumberText.missing)",
            ]
        }
        let figures = table(
            caption: "Each day",
            columns: [
                ("Day", false), ("Published", true), ("Rejected", true), ("At work", true), ("No longer verify", true),
            ], rows: rows)
        return section(
            "trend", "The last \(content.nights.count) nights", lead: nil,
            """
            <figure class="wide">\(plot)</figure>
            <ul class="legend"><li><span class="swatch stage2"></span>published</li><li><span class="swatch stage3"></span>rejected</li></ul>
            <details><summary>The figures</summary>\(figures)</details>
            """)
    }

    private var published: HTML? { list("published", "New memories", nil, content.published) }

    private var asked: HTML? { list("asked", "Asked", "What memories gave back for cues.", content.asked) }

    private var rejected: HTML? { list("rejected", "Rejected", "The source lies beside each error.json.", content.rejected) }

    private var waiting: HTML? { list("waiting", "At work and waiting", nil, content.waiting) }

    private var reused: HTML? { list("reused", "Known already", "The same bytes and settings have a result.", content.reused) }

    private func list(_ id: String, _ title: String, _ lead: String?, _ items: [DigestContent.Item]) -> HTML? {
        guard !items.isEmpty else { return nil }
        let leadMarkup = lead.map { "<p class=\"lead\">\($0)</p>" as HTML }
        let rows = items.map { item -> HTML in
            let name: HTML = item.link.map { "<a href=\"\($0)\"><bdi>\(item.name)</bdi></a>" } ?? "<bdi>\(item.name)</bdi>"
            return "<tr><th scope=\"row\">\(name)</th><td>\(item.detail)</td><td class=\"number\">\(item.moment)</td></tr>"
        }
        return """
            <section id="\(id)" aria-labelledby="\(id)-title">
            <h2 id="\(id)-title">\(title)</h2>
            \(leadMarkup)
            <div class="scroll" role="region" aria-label="\(title)" tabindex="0">
            <table>
            <thead><tr><th scope="col">Name</th><th scope="col">What</th><th scope="col" class="number">When</th></tr></thead>
            <tbody>
            \(rows)
            </tbody>
            </table>
            </div>
            </section>
            """
    }
}

extension DigestContent {
    /// The text of the page; equal contents give equal bytes.
    package var html: String { DigestPage(content: self).markup.source }
}
