/// One part of a page and of the report behind it: a panel, and the sections that it shows.
struct ReportPart<Of: Page>: Sendable {
    /// The sections that the panel renders; empty for one that shows pictures or the header alone.
    let sections: [any ReportSection.Type]
    private let panel: (@Sendable (Of) -> HTML?)?

    /// - Parameter panel: Makes the panel, nil where a drop has nothing for it; left out for sections that the page's head shows.
    init(_ sections: [any ReportSection.Type] = [], panel: (@Sendable (Of) -> HTML?)? = nil) {
        self.sections = sections
        self.panel = panel
    }

    /// The panel of a page; nil where there is nothing for it.
    func markup(_ page: Of) -> HTML? { panel.flatMap { $0(page) } }
}
