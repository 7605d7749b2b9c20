/// What the pages of all jobs have in common: sections, tables and cards.
protocol Page {}

extension Page {
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

    /// One key figure and what it means.
    func card(_ label: String, _ value: String, unit: String = "", meaning: String, tone: String = "") -> HTML {
        let unitMarkup: HTML = " <span class=\"unit\">\(unit)</span>"
        return """
            <div class="card \(tone)">
            <h3>\(label)</h3>
            <p class="value">\(value)\(unitMarkup)</p>
            <p class="meaning">\(meaning)</p>
            </div>
            """
    }
}
