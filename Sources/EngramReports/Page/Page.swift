/// What the pages of all jobs have in common: the document around them, sections, tables and cards.
protocol Page {}

extension Page {
    /// Warnings and remarks, high on the page: they qualify what the headline says; nil where there are none.
    func worthKnowing(_ notes: [String]) -> HTML? {
        guard !notes.isEmpty else { return nil }
        let items = notes.map { "<li>\($0)</li>" as HTML }
        return "<aside class=\"notes\" aria-label=\"Notes\"><h2>Worth knowing</h2><ul>\(items)</ul></aside>"
    }

    /// A whole page. The content policy forbids scripts and every request beyond the files beside the page, should escaping ever fail.
    /// - Parameters:
    ///   - title: What stands before the program's name.
    ///   - sources: What the policy allows besides inline styles, such as `img-src data:;`.
    ///   - style: Rules of this page alone.
    func document(title: String, sources: HTML = "", style: HTML? = nil, header: HTML, main: [HTML?]) -> HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \(sources)style-src 'unsafe-inline'">
        <meta name="color-scheme" content="light dark">
        <title>\(title) – Engram</title>
        <style>\(StyleSheet.markup)\(style)</style>
        </head>
        <body>
        \(header)
        <main>
        \(main.compactMap { $0 })
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

    /// One key figure and what it means.
    func card(_ label: String, _ value: String, unit: String = "", meaning: String, tone: String = "") -> HTML {
        let unitMarkup: HTML = " <span class=\"unit\">\(unit)</span>"
        return """
            <div class="card \(tone)">
            <p class="label">\(label)</p>
            <p class="value">\(value)\(unitMarkup)</p>
            <p class="meaning">\(meaning)</p>
            </div>
            """
    }

    /// A drawing of curves with its legend; nil where there is nothing to draw.
    func figure(_ curves: ExperimentFigure.Curves, label: String) -> HTML? {
        let legend = curves.series.enumerated().map {
            "<li><svg class=\"key\" viewBox=\"0 0 11 11\" aria-hidden=\"true\"><rect width=\"11\" height=\"11\" class=\"\(Palette.fill($0.offset))\"/></svg>\($0.element.name)</li>"
                as HTML
        }
        return CurvePlot(curves: curves).markup(label: label).map {
            "<figure class=\"wide\">\($0)<ul class=\"legend\">\(legend)</ul></figure>" as HTML
        }
    }
}
