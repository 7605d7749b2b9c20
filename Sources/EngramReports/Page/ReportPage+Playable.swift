extension ReportPage {
    /// Players that a page holds.
    private static let playerLimit = 24

    /// What came back, to be heard and seen: from the files beside the page, so that it works offline.
    var playableSection: HTML? {
        guard let all = report.playable, !all.isEmpty else { return nil }
        let players = all.prefix(Self.playerLimit).map { item -> HTML in
            let address = MediaLink.address(item.path)
            let player: HTML =
                switch item.kind {
                case .audio: "<audio controls preload=\"none\" src=\"\(address)\"></audio>"
                case .text: "<pre class=\"read\"><bdi>\(item.excerpt ?? "")</bdi></pre>"
                case .animation: "<img class=\"film\" loading=\"lazy\" src=\"\(address)\" alt=\"the recalled sequence \(item.name)\">"
                }
            return
                "<figure>\(player)<figcaption><bdi>\(item.name)</bdi> · <a href=\"\(address)\"><bdi>\(item.path)</bdi></a></figcaption></figure>"
        }
        let rest: HTML? =
            all.count > Self.playerLimit
            ? "<p class=\"fine\">\(Self.playerLimit) of \(NumberText.count(all.count)); report.json names all.</p>" : nil
        return section(
            "playable", all.allSatisfy { $0.kind == .text } ? "Read it" : "Play it",
            lead: "What the network recalled, from the files beside this page.",
            "<div class=\"players\">\(players)</div>\(rest)")
    }
}
