extension InboxScanner {
    /// Holds drops whose settings lie beside them under a name that is not read: trained without them, a drop would not be what its owner
    /// asked for.
    static func holdingMisnamedSettings(_ entries: [Entry]) -> [Entry] {
        var settingsByOwner: [String: String] = [:]
        for entry in entries where !entry.name.hasSuffix(settingsSuffix) {
            if let owner = SettingsName.owner(of: entry.name) { settingsByOwner[owner] = entry.name }
        }
        guard !settingsByOwner.isEmpty else { return entries }
        return entries.map { entry in
            var entry = entry
            func held(_ found: String, _ owner: String) -> Kind {
                let wanted = owner + settingsSuffix
                return .waiting(
                    reason:
                        "the settings \(found.debugDescription) would not be read; call them \(wanted.debugDescription), or take them away")
            }
            if let owner = SettingsName.owner(of: entry.name), settingsByOwner[owner] == entry.name {
                entry.kind = held(entry.name, owner)
            } else if let found = settingsByOwner[entry.name], case .drop = entry.kind {
                entry.kind = held(found, entry.name)
            }
            return entry
        }
    }
}
