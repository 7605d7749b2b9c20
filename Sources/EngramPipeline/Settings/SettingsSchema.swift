/// One key: where it stands, what it accepts, what it means, and which property it fills.
struct SettingsField<Root>: Sendable {
    /// Dotted path from the root, such as `network.depth`.
    let path: String
    let type: SettingType
    /// One line for the comment in settings files and for the documentation.
    let summary: String
    /// What a drop's own settings may say.
    let authority: DropAuthority
    let get: @Sendable (Root) -> SettingValue
    let set: @Sendable (inout Root, SettingValue) -> Void

    init<Value: SettingRepresentable>(
        _ path: String, _ keyPath: any WritableKeyPath<Root, Value> & Sendable, _ type: SettingType, _ summary: String,
        own authority: DropAuthority = .free
    ) {
        self.path = path
        self.type = type
        self.summary = summary
        self.authority = authority
        get = { $0[keyPath: keyPath].settingValue }
        set = { root, value in
            guard let typed = Value(value) else {
                preconditionFailure("the schema gives \(path) a type that its property does not have")
            }
            root[keyPath: keyPath] = typed
        }
    }

    /// The last part of the path.
    var name: String { String(path[(path.lastIndex(of: ".").map(path.index(after:)) ?? path.startIndex)...]) }

    /// The section the key stands in; empty at the top.
    var section: String { path.lastIndex(of: ".").map { String(path[..<$0]) } ?? "" }
}

/// The table that parsing, validation, `--set`, the written files and the documentation all read.
struct SettingsSchema<Root>: Sendable {
    let fields: [SettingsField<Root>]
    /// One line about each section, in the order in which files list them.
    let sections: [(name: String, summary: String)]
    private let indexByPath: [String: Int]

    init(sections: [(name: String, summary: String)], fields: [SettingsField<Root>]) {
        self.sections = sections
        self.fields = fields
        indexByPath = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.path, $0) })
    }

    func field(at path: String) -> SettingsField<Root>? { indexByPath[path].map { fields[$0] } }

    func isSection(_ path: String) -> Bool { sections.contains { $0.name == path } }

    func fields(inSection section: String) -> [SettingsField<Root>] { fields.filter { $0.section == section } }

    /// The keys that may stand directly in a section, sections included at the top.
    func keys(inSection section: String) -> [String] {
        fields(inSection: section).map(\.name) + (section.isEmpty ? sections.map(\.name) : [])
    }

    /// The path that was most likely meant, or nil if nothing is near.
    func suggestion(for path: String) -> String? {
        // The right name in the wrong section first: it may also be near to a name of this section.
        let name = path.split(separator: ".").last.map(String.init) ?? path
        if let misplaced = fields.first(where: { $0.name == name }) { return misplaced.path }
        let nearPath = NearestWord.nearest(to: path, among: fields.map(\.path) + sections.map(\.name))
        let nearName = NearestWord.nearest(to: name, among: fields.map(\.name))
        let named = fields.first { $0.name == nearName }?.path
        guard let nearPath, let nearName else { return nearPath ?? named }
        return NearestWord.distance(name, nearName) < NearestWord.distance(path, nearPath) ? named : nearPath
    }
}

/// The word at the smallest edit distance.
enum NearestWord {
    /// Returns the nearest candidate within a third of the word's length (at least one edit), the first among equals.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let limit = max(1, word.count / 3)
        // Nobody mistypes a whole line; without a cap the table would grow with a hostile key.
        guard word.count <= 64 else { return nil }
        let ranked = candidates.map { (candidate: $0, distance: distance(word, $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit else { return nil }
        return best.candidate
    }

    /// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours each cost one.
    static func distance(_ first: String, _ second: String) -> Int {
        let a = Array(first.lowercased())
        let b = Array(second.lowercased())
        if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
        var beforePrevious = [Int](repeating: 0, count: b.count + 1)
        var previous = Array(0...b.count)
        for i in 1...a.count {
            var current = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                let substitution = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                current[j] = min(previous[j] + 1, current[j - 1] + 1, substitution)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    current[j] = min(current[j], beforePrevious[j - 2] + 1)
                }
            }
            beforePrevious = previous
            previous = current
        }
        return previous[b.count]
    }
}
