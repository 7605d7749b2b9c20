internal import EngramMemories

extension DropSettings {
    /// Checked values of one source, weakest-first material for `init(layers:)`.
    typealias Layer = SettingsLayer<DropSettings>

    /// Starts from the built-in defaults of the preset that the strongest layer names, then stores the layers, weakest first.
    init(layers: [Layer]) {
        var named = DropSettings()
        for layer in layers {
            if let value = layer.value(at: "preset") { Self.schema.field(at: "preset")?.set(&named, value) }
        }
        self.init(preset: named.preset)
        for layer in layers { layer.apply(to: &self, schema: Self.schema) }
    }

    /// Reads a `drop.yml` or a published `settings.yml` on its own, without a `pipeline.yml`.
    /// - Throws: `SettingsError`, each case with the place in the file.
    package init(file: SettingsFile) throws(SettingsError) {
        self.init(layers: [try Layer(SettingsNode.parse(file), schema: Self.schema, title: "settings")])
    }

    /// The text of `settings.yml`: every key with its value, in the schema's order, with one line of explanation each.
    /// Reading it back gives an equal value; the same settings give the same bytes.
    package var yaml: String {
        var lines = ["# The settings this drop ran with, all of them. As NAME/drop.yml or NAME.drop.yml they repeat the run."]
        lines += SettingsListing.lines(of: Self.schema, commentSign: "#") { field in
            ["\(field.name): \(field.get(self).yamlText)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The layout that `settings.yml` and the template of `pipeline.yml` share.
enum SettingsListing {
    /// Returns the lines of every section, each key under its comment.
    static func lines<Root>(
        of schema: SettingsSchema<Root>, commentSign sign: String, entry: (SettingsField<Root>) -> [String]
    ) -> [String] {
        var lines: [String] = []
        for field in schema.fields(inSection: "") {
            lines.append("")
            lines += comment(field, sign)
            lines += entry(field)
        }
        for section in schema.sections {
            lines += ["", "\(sign) \(section.summary)", "\(section.name):"]
            for field in schema.fields(inSection: section.name) {
                lines += (comment(field, sign) + entry(field)).map { "  " + $0 }
            }
        }
        return lines
    }

    private static func comment<Root>(_ field: SettingsField<Root>, _ sign: String) -> [String] {
        ["\(sign) \(field.summary) [\(field.type.expectation)]"]
    }
}
