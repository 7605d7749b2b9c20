/// `report.html` of an experiment.
struct ExperimentPage: Page {
    let report: ExperimentReport

    /// The whole page.
    var markup: HTML {
        let header: HTML = """
            <header class="top">
            <p class="eyebrow"><span class="name">engram reproduce \(report.name)</span><span>\(report.source)</span></p>
            <h1>\(report.title)</h1>
            <p class="deck">\(report.scaleNote)</p>
            </header>
            """
        return document(
            title: "\(report.name): \(report.title)", style: Self.style, header: header,
            main: [findings, tables, figures, notes, settings])
    }

    private var findings: HTML? {
        guard !report.findings.isEmpty else { return nil }
        let items = report.findings.map { "<li>\($0)</li>" as HTML }
        return """
            <section id="findings" aria-labelledby="findings-title">
            <h2 id="findings-title">What came out</h2>
            <ul>\(items)</ul>
            </section>
            """
    }

    private var tables: HTML? {
        guard !report.tables.isEmpty else { return nil }
        let all = report.tables.map { table -> HTML in
            """
            <h3>\(table.title)</h3>
            \(markup(of: table))
            """
        }
        return """
            <section id="tables" aria-labelledby="tables-title">
            <h2 id="tables-title">Published against measured</h2>
            <p class="lead">\(report.scaleNote)</p>
            \(all)
            </section>
            """
    }

    private func markup(of table: ExperimentTable) -> HTML {
        let head = table.columns.enumerated().map { index, title -> HTML in
            index < table.labelCount ? "<th scope=\"col\">\(title)</th>" : "<th scope=\"col\" class=\"number\">\(title)</th>"
        }
        let body = table.rows.map { row -> HTML in
            let cells = row.enumerated().map { index, cell -> HTML in
                let tone: HTML = cell.tone.map { "<span class=\"mark \($0.rawValue)\">\(cell.text)</span>" as HTML } ?? "\(cell.text)"
                return index < table.labelCount ? "<th scope=\"row\">\(tone)</th>" : "<td class=\"number\">\(tone)</td>"
            }
            return "<tr>\(cells)</tr>"
        }
        return """
            <div class="scroll" role="region" aria-label="\(table.title)" tabindex="0">
            <table>
            <caption>\(table.caption)</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)
            </tbody>
            </table>
            </div>
            """
    }

    private var figures: HTML? {
        let drawn = report.figures.compactMap { figure -> HTML? in
            guard let drawing = drawing(of: figure) else { return nil }
            return """
                <figure class="wide experiment">
                <h3>\(figure.title)</h3>
                \(legend(of: figure))
                \(drawing)
                <figcaption>\(figure.caption)</figcaption>
                </figure>
                """
        }
        guard !drawn.isEmpty else { return nil }
        return """
            <section id="figures" aria-labelledby="figures-title">
            <h2 id="figures-title">Figures</h2>
            \(drawn)
            </section>
            """
    }

    private func drawing(of figure: ExperimentFigure) -> HTML? {
        if let curves = figure.curves { return CurvePlot(curves: curves).markup(label: figure.title) }
        if let histograms = figure.histograms { return HistogramPanels(histograms: histograms).markup(label: figure.title) }
        return figure.map.flatMap { BasinPlot(map: $0).markup(label: figure.title) }
    }

    private func legend(of figure: ExperimentFigure) -> HTML? {
        var entries: [(String, HTML)] = []
        if let curves = figure.curves {
            entries = curves.series.enumerated().map { (Palette.fill($0.offset), "\($0.element.name)") }
        } else if let map = figure.map {
            let present = Set(map.cells)
            entries = map.groups.enumerated().map { (Palette.fill($0.offset), "\($0.element)") }
            if present.contains(ExperimentFigure.Map.elsewhere) { entries.append(("fe", "ends elsewhere")) }
            if present.contains(ExperimentFigure.Map.unsettled) { entries.append(("fu", "not settled")) }
        }
        guard !entries.isEmpty else { return nil }
        let items = entries.map {
            "<li><svg class=\"key\" viewBox=\"0 0 11 11\" aria-hidden=\"true\"><rect width=\"11\" height=\"11\" class=\"\($0.0)\"/></svg>\($0.1)</li>"
                as HTML
        }
        return "<ul class=\"legend\">\(items)</ul>"
    }

    private var notes: HTML? {
        guard !report.notes.isEmpty else { return nil }
        let items = report.notes.map { "<li>\($0)</li>" as HTML }
        return """
            <section id="notes" aria-labelledby="notes-title">
            <h2 id="notes-title">To judge the comparison</h2>
            <ul>\(items)</ul>
            </section>
            """
    }

    private var settings: HTML {
        let versions = report.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        let all =
            report.settings + [
                .init("Seed", String(report.seed)), .init("Threads", String(report.threads)),
                .init("Time", NumberText.duration(seconds: report.seconds)),
            ]
        let items = all.map { "<div><dt>\($0.name)</dt><dd>\($0.value)</dd></div>" as HTML }
        return """
            <section id="settings" aria-labelledby="settings-title">
            <h2 id="settings-title">How it was done</h2>
            <dl class="settings">\(items)</dl>
            <p>The same again:</p>
            <pre><code>\(report.command)</code></pre>
            <p class="fine">\(versions). All numbers of the tables are in results.csv; those of the figures too in results.json.</p>
            </section>
            """
    }

    /// What the pages of drops do not need. Ten colours that differ in lightness as well as hue, for both schemes.
    private static var style: HTML {
        HTML(
            trusted: """
                \(Palette.style.source)
                svg path.basin{fill-opacity:.42;shape-rendering:crispEdges}
                svg path.fe,rect.fe{fill:var(--ink);fill-opacity:.75}
                svg path.fu,rect.fu{fill:var(--faint)}
                .field{stroke:var(--ink);stroke-width:.8;stroke-opacity:.6}
                .orbit{stroke:var(--ink);stroke-width:1.4;stroke-dasharray:5 3}
                .example{stroke:var(--ink);stroke-width:1.5}
                svg.map{max-width:640px}
                .experiment{margin-bottom:36px}.experiment h3{margin-bottom:6px;font-size:1rem;color:var(--ink)}
                #tables h3{margin:22px 0 4px;font-size:1rem;color:var(--ink)}
                #findings li,#notes li{max-width:54em;margin-bottom:4px}

                """)
    }
}
