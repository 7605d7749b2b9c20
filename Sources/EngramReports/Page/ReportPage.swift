/// `report.html`: one file that opens offline, runs no script and loads nothing.
struct ReportPage {
    let content: ReportContent
    let verdict: Verdict
    let words: Wording

    var report: DropReport { content.report }

    init(_ content: ReportContent) {
        self.content = content
        verdict = Verdict(content)
        words = Wording(content.report)
    }

    /// The whole page. The content policy forbids scripts and every request, should escaping ever fail.
    var markup: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>\(report.name): \(verdict.outcome.label) – Engram</title>
        <style>\(StyleSheet.markup)\(report.normTransition == nil ? nil : Palette.style)</style>
        </head>
        <body>
        \(header)
        <main>
        \([showcaseSection, cards, notesSection, gallery, waveformSection, recallSection, recoverySection].compactMap { $0 })
        \([stabilitySection, theorySection, normTransitionSection, spuriousSection, weakestSection].compactMap { $0 })
        \([trainingSection, settingsSection, reproduceSection, referenceSection].compactMap { $0 })
        </main>
        </body>
        </html>

        """
    }

    /// A section with a heading that the page's links and screen readers can reach.
    func section(_ id: String, _ title: String, lead: String? = nil, _ body: HTML) -> HTML {
        let leadMarkup = lead.map { "<p class=\"lead\">\($0)</p>" as HTML }
        return """
            <section id="\(id)" aria-labelledby="\(id)-title">
            <h2 id="\(id)-title">\(title)</h2>
            \(leadMarkup)
            \(body)
            </section>
            """
    }

    /// A table whose numeric columns are right-aligned; the first column heads its row.
    func table(caption: String, columns: [(title: String, isNumber: Bool)], rows: [[HTML]]) -> HTML {
        let head = columns.map { "<th scope=\"col\"\(Self.numberClass($0.isNumber))>\($0.title)</th>" as HTML }
        let body = rows.map { cells -> HTML in
            let cellMarkup = zip(cells, columns).enumerated().map { index, pair -> HTML in
                index == 0
                    ? "<th scope=\"row\">\(pair.0)</th>"
                    : "<td\(Self.numberClass(pair.1.isNumber))>\(pair.0)</td>"
            }
            return "<tr>\(cellMarkup)</tr>"
        }
        return """
            <div class="scroll" role="region" aria-label="\(caption)" tabindex="0">
            <table>
            <caption>\(caption)</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)
            </tbody>
            </table>
            </div>
            """
    }

    private static func numberClass(_ isNumber: Bool) -> HTML {
        isNumber ? " class=\"number\"" : ""
    }
}
