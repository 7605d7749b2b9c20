internal import EngramDrops
internal import EngramSystem
internal import HTTPTypes

/// What a browser may call a file that it sends: what the intake would take, and nothing that could be meant for another.
enum UploadName {
    /// Checks the name of a drop, or of a file beside it.
    /// - Throws: `PageProblem` that says which rule it breaks.
    static func check(_ name: String, isInFolder: Bool = false) throws(PageProblem) {
        func refuse(_ reason: String) -> PageProblem {
            PageProblem(
                .badRequest, code: "name", message: "\(shown(name)) cannot be the name of a drop: \(reason).", remedy: "rename the file")
        }
        guard !name.isEmpty, name != ".", name != ".." else { throw refuse("it is empty") }
        guard name.utf8.count <= 200 else { throw refuse("it is longer than 200 bytes") }
        guard !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0) else { throw refuse("it is not the name of one file") }
        let hasHidden = name.unicodeScalars.contains { scalar in
            [.control, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
        guard !hasHidden else { throw refuse("it has control characters") }
        if let reason = EntryName(name).reason { throw refuse(reason) }
        guard !isInFolder else { return }
        if name.hasSuffix(InboxScanner.doneSuffix) { throw refuse("an upload is whole when it arrives, and needs no done marker") }
        if JobKind.kind(inFolder: name) != nil { throw refuse("\(name) is a folder of the inbox") }
    }

    /// Whether a file only accompanies another drop: it comes first, so that its drop never lies there without it.
    static func isCompanion(_ name: String) -> Bool {
        Companion.ownership(of: name) != nil || SettingsName.owner(of: name) != nil || name.hasSuffix("_GT.png")
    }

    private static func shown(_ name: String) -> String { name.count > 80 ? name.prefix(80) + "…" : name }
}
