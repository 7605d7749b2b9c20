import ArgumentParser

/// `engram complete`: a table's missing cells, filled in the foreground.
struct CompleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "complete",
        abstract: "Fill the missing cells of a table, with intervals and reasons.",
        discussion: """
            PATH is a table as text (CSV): commas, semicolons, tabs or pipes between cells, names in the first line. Missing are cells that
            are empty or say NA, ?, NaN or null. Beside it may lie NAME.rows.csv and NAME.columns.csv: what is known of its rows and columns.
            A table of users, items and values is completed as ratings: the lines without a value get one.

            The result appears in DIR whole or not at all: completed.csv with every known cell byte for byte as it was, uncertainty.csv,
            neighbours.csv, report.html and report.json. `engram process` and the inbox do the same with such tables.

            Examples:
              engram complete measurements.csv --output filled
              engram complete ratings.csv --output filled --set complete.form=ratings
              engram complete survey.csv --output filled --set "complete.ordinal=grade(low<mid<high)" --set complete.categorical=region
            """)

    @Argument(help: ArgumentHelp("A table.", valueName: "path"))
    var path: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the result appears.", valueName: "dir"))
    var output: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides one setting, such as complete.delimiter=tab; may be repeated.", valueName: "key=value"))
    var overrides: [String] = []

    @Option(
        name: [.customLong("config"), .customShort("c")],
        help: ArgumentHelp("The configuration file (default: pipeline.yml, if there is one).", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("Settings of this table, in place of its own file.", valueName: "file"))
    var settings: String?

    @Option(help: ArgumentHelp("Threads for linear algebra (default: as the configuration says, else all processors).", valueName: "count"))
    var threads: Int?

    @Flag(help: "Print report.json, or the error as JSON, on standard output, and nothing else there.")
    var json = false

    func run() async throws {
        // The same as `process`, whose job content would decide.
        var arguments = ["--output", output]
        for override in overrides + ["job=complete"] { arguments += ["--set", override] }
        if let config { arguments += ["--config", config] }
        if let settings { arguments += ["--settings", settings] }
        if let threads { arguments += ["--threads", "\(threads)"] }
        if json { arguments.append("--json") }
        try await ProcessCommand.parse(arguments + ["--", path]).run()
    }
}
