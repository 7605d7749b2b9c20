internal import EngramMemories

/// What a drop's own settings may say for one key.
///
/// A drop's own settings come from whoever dropped it; `pipeline.yml`, `--settings` and `--set` are the operator's, who may give every key
/// any value of its range. The rules stand in Documentation/Security.md as a table that is made from the schema.
struct DropAuthority: Sendable {
    /// What the operator's settings say for the key.
    struct OperatorValue: Sendable {
        /// What applies without the drop's own settings.
        let value: SettingValue
        /// Whether `pipeline.yml` says it; otherwise `value` is the built-in default.
        let isGiven: Bool
    }

    /// What becomes of a drop's value.
    enum Verdict: Equatable, Sendable {
        case accepted(SettingValue)
        /// `expected` completes "the key must be".
        case refused(expected: String)
    }

    /// The rule in a few words, for the documentation.
    let summary: String
    /// Judges a value that has the key's type and lies in its range.
    let judge: @Sendable (_ own: SettingValue, _ operatorValue: OperatorValue) -> Verdict

    /// Any value of the key's range.
    static let free = DropAuthority(summary: "any value of its range") { own, _ in .accepted(own) }

    /// A limit: never more than the operator's, be it the default.
    static let atMostOperators = DropAuthority(summary: "at most what `pipeline.yml` says, else at most the default") { own, bound in
        lower(own, bound.value, order: [])
    }

    /// A resource: what the operator gives is an upper bound. Where nothing is given, `worker:` bounds what the drop takes.
    static let atMostGiven = atMostGiven(order: [])

    /// The same for words, from the one that costs least to the one that costs most.
    static func atMostGiven(order: [String]) -> DropAuthority {
        DropAuthority(summary: "at most what `pipeline.yml` says, where it says something") { own, bound in
            bound.isGiven ? lower(own, bound.value, order: order) : .accepted(own)
        }
    }

    /// A path that counts from the drop's folder and stays in it.
    static let insideDrop = DropAuthority(summary: "a path inside the drop's own folder, or exactly what `pipeline.yml` says") {
        own, bound in
        guard case .text(let path) = own, own != bound.value else { return .accepted(own) }
        return InnerPath.isInner(path)
            ? .accepted(own) : .refused(expected: "a path inside the drop's own folder, without '..' and not beginning with '/'")
    }

    /// `auto` leaves the choice to the program, and the operator's choice is the program's.
    private static func lower(_ own: SettingValue, _ bound: SettingValue, order: [String]) -> Verdict {
        if bound == .auto { return .accepted(own) }
        if own == .auto { return .accepted(bound) }
        return own.exceeds(bound, order: order)
            ? .refused(expected: "at most \(bound.yamlText), the operator's bound (pipeline.yml) for what drops say themselves")
            : .accepted(own)
    }
}

extension SettingValue {
    /// Whether the value asks for more than another of the same type.
    /// - Parameter order: For words, from the least to the most; words that are not in it compare as equal.
    fileprivate func exceeds(_ other: SettingValue, order: [String]) -> Bool {
        switch (self, other) {
        case (.flag(let own), .flag(let bound)): own && !bound
        case (.integer(let own), .integer(let bound)): own > bound
        case (.real(let own), .real(let bound)): own > bound
        case (.duration(let own), .duration(let bound)): own > bound
        case (.text(let own), .text(let bound)):
            if let place = order.firstIndex(of: own), let limit = order.firstIndex(of: bound) { place > limit } else { false }
        default: false
        }
    }
}

extension SettingsLayer {
    /// The values of a drop's own settings, as far as the operator's layers allow them.
    /// - Parameters:
    ///   - operators: The operator's layers, weakest first.
    ///   - root: What they make together.
    /// - Throws: `SettingsError.outOfRange` at the place of the first value that is not allowed.
    func bounded(by operators: [SettingsLayer], _ root: Root, schema: SettingsSchema<Root>) throws(SettingsError) -> SettingsLayer {
        var layer = SettingsLayer()
        for entry in entries {
            guard let field = schema.field(at: entry.path) else { continue }
            let isGiven = operators.contains { $0.value(at: entry.path) != nil }
            switch field.authority.judge(entry.value, .init(value: field.get(root), isGiven: isGiven)) {
            case .accepted(let value): layer.entries.append(Entry(path: entry.path, value: value, location: entry.location))
            case .refused(let expected):
                throw .outOfRange(entry.location, key: entry.path, expected: expected, found: entry.value.yamlText)
            }
        }
        return layer
    }
}

extension SettingsSchema {
    /// The table in Documentation/Security.md of what a drop's own settings may say, a line for each rule in the order of the schema.
    var authorityTable: String {
        var rules: [(summary: String, keys: [String])] = []
        for field in fields {
            if let index = rules.firstIndex(where: { $0.summary == field.authority.summary }) {
                rules[index].keys.append(field.path)
            } else {
                rules.append((field.authority.summary, [field.path]))
            }
        }
        let lines = rules.map { rule in "| \(rule.summary) | \(rule.keys.map { "`\($0)`" }.joined(separator: ", ")) |" }
        return (["| a drop's own settings may say | for |", "|---|---|"] + lines).joined(separator: "\n")
    }
}
