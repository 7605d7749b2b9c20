extension ReportPage {
    /// How far a cue may be off with certainty.
    var certifiedSection: HTML? {
        guard let radii = report.certifiedRadii, let least = radii.least else { return nil }
        func text(_ value: Double?) -> String { NumberText.significant(value, digits: 3) }
        return section(
            "certified", "How far off may a cue be with certainty?",
            lead: "Whatever the direction, every state nearer than this to one of the \(words.plural) leads in one step to exactly "
                + "\(report.kind == .sequence ? "the one that follows it" : "that one"). It follows from the weights.",
            """
            <dl class="settings">
            <div><dt>Least, at <bdi>\(radii.leastExample)</bdi></dt><dd>\(text(least))</dd></div>
            <div><dt>Median</dt><dd>\(text(radii.median))</dd></div>
            <div><dt>Largest</dt><dd>\(text(radii.largest))</dd></div>
            </dl>
            <p class="fine">Euclidean distances in units of the medium. The least is a root mean square of \(text(radii.leastPerEntry)) of the range of
            the samples in each entry. Most directions bear far more: recovery from damage shows how much. Each is in examples.csv.</p>
            """)
    }
}
