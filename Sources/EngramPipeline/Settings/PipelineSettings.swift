package import EngramMemories

/// The contents of `pipeline.yml`: folders, the daemon's habits, and what drops start from.
package struct PipelineSettings: Sendable {
    /// Folder that drops are put into. Relative paths count from the folder of `pipeline.yml`.
    package var inbox = "inbox"
    /// Folder that results are published to.
    package var outbox = "outbox"
    /// Folder of the ledger and of work in progress; must be on the file system of the inbox.
    package var state = ".engram"
    /// How long a drop must be left unchanged before it is taken.
    package var settle: Duration = .seconds(5)
    /// Drops worked on at the same time.
    package var jobs = 1
    /// Threads of each worker.
    package var threads: AutoOr<Int> = .auto
    /// How drops are noticed, admitted and tried again.
    package var intake = IntakeSettings()

    /// What the daemon does beside its drops.
    package var service = ServiceSettings()
    /// When it does what.
    package var schedule = ScheduleSettings()
    /// What each worker may take and see.
    package var worker = Worker()
    /// Where workers run.
    package var executor = Executor.local
    /// What is asked of a cluster.
    package var slurm = Slurm()
    /// Which sources stay.
    package var keep = Keep()

    /// Values under `defaults:`.
    var defaults = DropSettings.Layer()
    /// Entries of `rules:`, weakest first.
    var rules: [Rule] = []

    /// One entry of `rules:`.
    struct Rule: Sendable {
        let pattern: NamePattern
        let layer: DropSettings.Layer
        /// Where the worker runs: keys of `placeSchema`.
        let place: SettingsLayer<PipelineSettings>
    }

    /// The built-in defaults.
    package init() {}

    /// Reads a file and counts relative paths from its folder.
    /// - Throws: `SettingsError`, each case with the place in the file.
    package init(path: String) throws(SettingsError) {
        try self.init(file: SettingsFile(path: path), path: path)
    }

    /// Reads the text of a file and counts relative paths from its folder.
    /// - Throws: `SettingsError`, each case with the place in the file.
    package init(file: SettingsFile, path: String) throws(SettingsError) {
        try self.init(file: file)
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        inbox = Self.path(inbox, in: folder)
        outbox = Self.path(outbox, in: folder)
        state = Self.path(state, in: folder)
        if case .value(let program) = slurm.program { slurm.program = .value(Self.path(program, in: folder)) }
        if service.metricsFile != "none" { service.metricsFile = Self.path(service.metricsFile, in: folder) }
        if service.http.tokenFile != "none" { service.http.tokenFile = Self.path(service.http.tokenFile, in: folder) }
    }

    /// Reads a text; paths stay as written.
    /// - Throws: `SettingsError`, each case with the place in the file.
    package init(file: SettingsFile) throws(SettingsError) {
        let root = try SettingsNode.parse(file)
        let pairs: [(key: String, location: SettingsLocation, value: SettingsNode)]
        switch root.content {
        case .nothing: return
        case .mapping(let found): pairs = found
        case .scalar, .list:
            throw .wrongType(root.location, key: "settings", expected: "a mapping of keys to values", found: root.found)
        }
        let ownPairs = pairs.filter { !["defaults", "rules", "schedule", "hooks"].contains($0.key) }
        let own = try SettingsLayer(
            SettingsNode(content: .mapping(ownPairs), location: root.location), schema: Self.schema, title: "settings",
            elsewhere: Self.placeOfDropKey)
        own.apply(to: &self, schema: Self.schema)
        for pair in pairs where pair.key == "defaults" {
            defaults = try DropSettings.Layer(pair.value, schema: DropSettings.schema, title: "defaults")
        }
        for pair in pairs where pair.key == "rules" { rules = try Self.rules(pair.value) }
        for pair in pairs where pair.key == "schedule" { schedule = try ScheduleSettings(pair.value) }
        for pair in pairs where pair.key == "hooks" { service.hooks = try HookSettings(pair.value) }
    }

    /// Merges what applies to one drop, weakest first: the preset's built-in defaults, `defaults:`, the matching `rules:` in
    /// the order of the file, the drop's own file, the overrides.
    ///
    /// The drop's own file comes from whoever dropped it and may say what `DropAuthority` allows; the rest is the operator's.
    /// - Parameters:
    ///   - name: The drop's name, the last part of its path in the inbox.
    ///   - dropFile: `NAME/drop.yml` or `NAME.drop.yml`, if there is one.
    ///   - chosenFile: A file that the operator names in place of the drop's own.
    ///   - overrides: `key.path=value` arguments of the command line.
    /// - Throws: `SettingsError`, with the place in the file or the argument.
    package func dropSettings(
        named name: String, dropFile: SettingsFile? = nil, chosenFile: SettingsFile? = nil, overrides: [String] = []
    ) throws(SettingsError) -> DropSettings {
        var layers = [defaults]
        layers += rules.filter { $0.pattern.matches(name) }.map(\.layer)
        if let dropFile {
            let own = try Self.layer(dropFile)
            layers.append(try own.bounded(by: layers, DropSettings(layers: layers), schema: DropSettings.schema))
        }
        if let chosenFile { layers.append(try Self.layer(chosenFile)) }
        layers.append(try DropSettings.Layer(overrides: overrides, schema: DropSettings.schema))
        return DropSettings(layers: layers)
    }

    private static func layer(_ file: SettingsFile) throws(SettingsError) -> DropSettings.Layer {
        try DropSettings.Layer(SettingsNode.parse(file), schema: DropSettings.schema, title: "settings")
    }

    private static func rules(_ node: SettingsNode) throws(SettingsError) -> [Rule] {
        switch node.content {
        case .nothing: return []
        case .list(let items):
            var rules: [Rule] = []
            for item in items { rules.append(try rule(item)) }
            return rules
        case .scalar, .mapping:
            throw .wrongType(node.location, key: "rules", expected: "a list of entries with match and set", found: node.found)
        }
    }

    private static func rule(_ node: SettingsNode) throws(SettingsError) -> Rule {
        guard case .mapping(let pairs) = node.content else {
            throw .wrongType(node.location, key: "rules", expected: "entries with match and set", found: node.found)
        }
        var pattern: NamePattern?
        var layer: DropSettings.Layer?
        var placePairs: [(key: String, location: SettingsLocation, value: SettingsNode)] = []
        let known = ["match", "set"] + placeSchema.keys(inSection: "")
        for (key, location, value) in pairs {
            switch key {
            case "match":
                guard case .scalar(let text, _) = value.content, let parsed = NamePattern(text) else {
                    throw .wrongType(
                        value.location, key: "rules.match", expected: "a pattern of names, such as \"*.wav\" or \"digits-[0-9]*\"",
                        found: value.found)
                }
                pattern = parsed
            case "set": layer = try DropSettings.Layer(value, schema: DropSettings.schema, title: "rules.set")
            case "executor", "slurm": placePairs.append((key, location, value))
            default:
                let near = NearestWord.nearest(to: key, among: known)
                let inSet = DropSettings.schema.field(at: key) != nil || DropSettings.schema.isSection(key) ? "set: \(key)" : nil
                throw .unknownKey(
                    location, key: SettingsNode.shortened("rules.\(key)"), suggestion: inSet ?? near, known: known)
            }
        }
        guard let pattern else {
            throw .missingKey(node.location, key: "match", purpose: "the pattern of names that the rule is for")
        }
        let place = try SettingsLayer<PipelineSettings>(
            SettingsNode(content: .mapping(placePairs), location: node.location), schema: placeSchema, title: "rules")
        guard layer != nil || !place.entries.isEmpty else {
            throw .missingKey(node.location, key: "set", purpose: "the settings that the rule gives")
        }
        return Rule(pattern: pattern, layer: layer ?? DropSettings.Layer(), place: place)
    }

    /// A drop's key at the top of `pipeline.yml` is the likeliest mistake.
    private static func placeOfDropKey(_ key: String) -> String? {
        let head = key.split(separator: ".").first.map(String.init) ?? key
        if let near = NearestWord.nearest(to: head, among: ["defaults", "rules", "schedule", "hooks"]) { return near }
        return DropSettings.schema.keys(inSection: "").contains(head) ? "defaults: \(key)" : nil
    }

    private static func path(_ path: String, in folder: String) -> String {
        path.hasPrefix("/") ? path : folder + path
    }
}
