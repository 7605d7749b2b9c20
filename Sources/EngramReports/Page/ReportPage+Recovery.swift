extension ReportPage {
    /// Rates of recovery from damage, with intervals and baselines.
    var recoverySection: HTML? {
        guard let method = report.recoveryMethod, let strict = report.recovery.map(\.criterion).min(),
            let loose = report.recovery.map(\.criterion).max()
        else { return nil }
        let panels = Self.kinds(report.recovery).compactMap { kind -> HTML? in
            let plot = RecoveryPlot(title: kind, rows: report.recovery.filter { $0.corruption == kind })
            return plot.markup().map { "<figure><figcaption>\(Self.capitalized(kind))</figcaption>\($0)</figure>" }
        }
        let strictText = NumberText.significant(strict, digits: 1)
        let looseText = NumberText.significant(loose, digits: 1)
        let legend: HTML = """
            <ul class="legend lines">
            <li>\(Self.line("curve")) recovered within an MSE of \(strictText), with its 95 % interval</li>
            <li>\(Self.line("curve loose")) within \(looseText)</li>
            <li>\(Self.line("baseline")) nearest example by pixel distance</li>
            <li>\(Self.line("baseline hopfield")) modern Hopfield network</li>
            </ul>
            """
        let table = recoveryTable(strict: strict, loose: loose)
        let shown: HTML =
            report.recovery.filter { $0.criterion == strict }.count > 16
            ? "<details><summary>All levels as a table</summary>\(table)</details>" : table
        return section(
            "recovery", "How much damage does it repair?",
            lead: "\(words.counted(method.examples)) were damaged in each of these ways and given back to the network. "
                + "The same cues went to two memories that need no training.",
            """
            \(cueFigures)
            <div class="panels">\(panels)</div>
            \(panels.isEmpty ? nil : legend)
            \(shown)
            <p class="fine">A cue counts as recovered when \(method.criterion). The criteria are in units of the squared range of the samples. n = \(method.examples)
            for each level, seed \(String(method.seed)). The Hopfield network has β = \(NumberText.significant(method.hopfieldBeta, digits: 3)), the least at which
            every example is sure to be retrieved from itself within the strict criterion. All numbers: recovery.csv.</p>
            """)
    }

    private func recoveryTable(strict: Double, loose: Double) -> HTML {
        let rows = report.recovery.filter { $0.criterion == strict }.map { row -> [HTML] in
            let within = report.recovery.first { $0.corruption == row.corruption && $0.level == row.level && $0.criterion == loose }
            let low = NumberText.fixed(row.recoveredLow * 100, decimals: 0)
            let high = NumberText.fixed(row.recoveredHigh * 100, decimals: 0)
            return [
                "\(Self.capitalized(row.corruption))", "\(Self.levelText(row.level, of: row.corruption))", "\(NumberText.count(row.total))",
                "\(NumberText.count(row.recovered))",
                "\(low)–\(high) %", "\(NumberText.count(within?.recovered ?? row.recovered))", "\(NumberText.count(row.rightItem))",
                "\(NumberText.count(row.baseline1NN))", "\(NumberText.count(row.baselineHopfield))",
            ]
        }
        return table(
            caption: "Recovery from damage, by criterion and beside the baselines",
            columns: [
                ("Damage", false), ("level", true), ("n", true), ("within \(NumberText.significant(strict, digits: 1))", true),
                ("95 % interval", true), ("within \(NumberText.significant(loose, digits: 1))", true), ("right item nearest", true),
                ("1-NN", true), ("Hopfield", true),
            ], rows: rows)
    }

    /// Kinds of damage in the order in which they were tried.
    private static func kinds(_ rows: [DropReport.Recovery]) -> [String] {
        rows.map(\.corruption).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// How much damage, as tables have it.
    static func levelText(_ level: Double, of corruption: String) -> String {
        corruption == "gaussian noise" ? "σ = \(NumberText.significant(level))" : "\(NumberText.fixed(level * 100, decimals: 0)) %"
    }

    static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

    /// A sample of a line for a legend.
    private static func line(_ name: String) -> HTML {
        "<svg class=\"sample\" viewBox=\"0 0 28 8\" aria-hidden=\"true\"><path d=\"M0 4L28 4\" class=\"\(name)\"/></svg>"
    }

    /// What iteration reaches that is no example.
    var spuriousSection: HTML? {
        guard let census = report.spurious, census.starts > 0 else { return nil }
        let rows = census.groups.map { group -> [HTML] in
            let share = ShareBar(count: group.reachedStored, total: group.starts)
            return [
                "\(Self.capitalized(group.start))", "\(NumberText.count(group.starts))", "\(NumberText.count(group.reachedStored))",
                "\(share.markup())", "\(share.intervalText)",
            ]
        }
        let groups = table(
            caption: "Where starts ended; seed \(String(census.seed))",
            columns: [("Start", false), ("n", true), ("on something stored", true), ("share", false), ("95 % interval", true)], rows: rows)
        let figures = zip(census.clusters, content.spuriousPictures).map { cluster, picture -> HTML in
            let shown = EmbeddedPicture(bytes: picture.picture).markup(alt: "spurious attractor", shownWidth: 80)
            let nearest = EmbeddedPicture(bytes: picture.nearest).markup(alt: "nearest example \(cluster.nearest)", shownWidth: 80)
            return """
                <figure class="pair"><div class="pictures">\(shown)\(nearest)</div>
                <figcaption>\(Self.kind(cluster)), \(Self.starts(cluster.starts))<br>\(Self.facts(cluster))</figcaption></figure>
                """
        }
        let hidden = census.clusters.count - figures.count
        let rest: HTML? =
            hidden > 0 && !figures.isEmpty
            ? "<p class=\"fine\">\(NumberText.count(hidden)) more, none of them reached more often, are in report.json.</p>" : nil
        let list: HTML? =
            figures.isEmpty && !census.clusters.isEmpty
            ? "<ul>\(census.clusters.prefix(24).map { "<li>\(Self.kind($0)), \(Self.starts($0.starts)): \(Self.facts($0))</li>" as HTML })</ul>"
            : nil
        let gallery: HTML? =
            figures.isEmpty
            ? nil
            : """
            <h3 class="over">What is not stored: left the attractor, right the \(words.singular) nearest to it</h3>
            <div class="gallery">\(figures)</div>
            """
        return section(
            "spurious", "What else does it hold?", lead: censusText(census),
            """
            \(groups)
            \(gallery)
            \(list)
            \(rest)
            <p class="fine">Each start was iterated at most \(NumberText.count(census.iterations)) times; \(census.criterion).</p>
            """)
    }

    private func censusText(_ census: DropReport.Spurious) -> String {
        let singular = report.kind == .sequence ? "cycle" : words.singular
        let plural = report.kind == .sequence ? "cycles" : words.plural
        var text = "Of \(NumberText.count(census.starts)) starts, \(NumberText.count(census.reachedStored)) ended on something stored"
        if census.reachedStored > 0 {
            let count = census.distinctStored
            text += count == 1 ? " (1 \(singular))" : " (\(NumberText.count(count)) different \(plural))"
        }
        let count = census.clusters.count
        text +=
            count == 0
            ? ". No attractor was found that is not stored."
            : ", and \(NumberText.count(census.reachedSpurious)) on \(NumberText.count(count)) \(count == 1 ? "attractor" : "attractors") that "
                + "\(count == 1 ? "is" : "are") not stored."
        if census.unsettled > 0 { text += " \(NumberText.count(census.unsettled)) had not settled." }
        if census.diverged > 0 { text += " \(NumberText.count(census.diverged)) ran off." }
        return text
    }

    private static func kind(_ cluster: DropReport.Spurious.Cluster) -> String {
        cluster.period == 1 ? "Fixed point" : "Cycle of \(cluster.period)"
    }

    private static func starts(_ count: Int) -> String { "\(NumberText.count(count)) \(count == 1 ? "start" : "starts")" }

    private static func facts(_ cluster: DropReport.Spurious.Cluster) -> HTML {
        let radius = cluster.log10SpectralRadius.flatMap { $0.isFinite ? " log₁₀|λ| \(NumberText.signedLog($0))," : nil } ?? ""
        return "\(radius) MSE \(NumberText.significant(cluster.mse)) to <bdi>\(cluster.nearest)</bdi>"
    }
}
