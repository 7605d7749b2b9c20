internal import EngramMemories

extension PipelineSettings {
    /// The keys at the top of `pipeline.yml`; `defaults:` and `rules:` hold keys of `DropSettings.schema`.
    static let schema = SettingsSchema<PipelineSettings>(
        sections: [workerSection, slurmSection, keepSection],
        fields: [
            .init("inbox", \.inbox, .path, "Folder that drops are put into; relative to the folder of this file"),
            .init("outbox", \.outbox, .path, "Folder that results are published to"),
            .init("state", \.state, .path, "Ledger and work in progress; on the file system of the inbox"),
            .init(
                "settle", \.settle, .duration(.zero...(.seconds(86_400))),
                "How long a drop must be left unchanged before it is taken"),
            .init("jobs", \.jobs, .integer(1...1_024), "Drops worked on at the same time"),
            .init("threads", \.threads, .integer(1...1_024).orAuto, "Threads of each worker; auto shares the processors among the jobs"),
        ] + intakeFields + serviceFields + workerFields + slurmFields + keepFields)

    /// The text of a new `pipeline.yml`: every key with its default. What a drop can set is commented out, since a key that
    /// stands under `defaults:` is stronger than a preset's own default.
    package static var template: String {
        let builtIn = PipelineSettings()
        let standard = DropSettings()
        let others = DropSettings.Preset.allCases.filter { $0 != standard.preset }.map { DropSettings(preset: $0) }
        var lines = [
            "# Engram's settings. Every key is optional and stands here with its default.",
            "# `engram check` validates this file; an unknown key or a wrong value is an error with its line.",
        ]
        lines += SettingsListing.lines(of: schema, commentSign: "#") { field in
            ["\(field.name): \(field.get(builtIn).yamlText)"]
        }
        lines += [
            "", "# What every drop starts from; to change a key, remove the `# ` before it and before its section's name.",
            "# A drop says it for itself in NAME/drop.yml, or in NAME.drop.yml beside a file; `--set key=value` is strongest.",
            "# Limits, and what is given here for other resources, are upper bounds for that (Documentation/Security.md).",
            "defaults:",
        ]
        lines += SettingsListing.lines(of: DropSettings.schema, commentSign: "##") { field in
            let text = field.get(standard).yamlText
            guard field.path != "preset" else { return ["\(field.name): \(text)"] }
            let differing = others.filter { field.get($0) != field.get(standard) }.map {
                "preset \($0.preset.rawValue): \(field.get($0).yamlText)"
            }
            return ["\(field.name): \(text)" + (differing.isEmpty ? "" : "  # " + differing.joined(separator: ", "))]
        }.map { line in
            line.isEmpty ? "" : (line.hasPrefix("##") ? "  " : "  # ") + line
        }
        lines += [
            "", "# Settings by name, applied in this order over the defaults. Patterns know *, ? and [a-z].", "# rules:",
            "#   - match: \"*-idx3-ubyte\"", "#     set:", "#       kind: autoencoder", "#       network:", "#         width: 512",
            "#   - match: \"film-*\"", "#     executor: slurm", "#     slurm:", "#       memory: 17179869184",
        ]
        lines += serviceTemplate
        return lines.joined(separator: "\n") + "\n"
    }
}
