/// What a drop's own settings are called: `drop.yml` inside a folder, `NAME.drop.yml` beside the drop NAME.
package enum SettingsName {
    private static let endings = [".drop.yml", ".drop.yaml"]

    /// Whether a file inside a drop holds its settings, in any case of letters and with either ending.
    package static func isInside(_ name: String) -> Bool { ["drop.yml", "drop.yaml"].contains(name.lowercased()) }

    /// The drop that a file beside it holds settings for, in any case of letters and with either ending; nil for other names.
    package static func owner(of name: String) -> String? {
        let lowered = name.lowercased()
        // The endings are ASCII, which keeps its count of characters in lower case.
        guard let ending = endings.first(where: { lowered.hasSuffix($0) }), name.count > ending.count else { return nil }
        return String(name.dropLast(ending.count))
    }
}
