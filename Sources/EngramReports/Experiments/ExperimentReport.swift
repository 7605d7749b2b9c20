/// A published experiment beside its repetition: what `engram reproduce` prints and writes.
package struct ExperimentReport: Codable, Equatable, Sendable {
    /// What was set and how it came out to be set so.
    package struct Setting: Codable, Equatable, Sendable {
        /// In a few words.
        package var name: String
        /// As text.
        package var value: String

        /// One setting.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The layout of `results.json`.
    package static let currentSchema = 1

    /// `currentSchema` when written.
    package var schema = currentSchema
    /// As given on the command line.
    package var name: String
    /// What the experiment shows.
    package var title: String
    /// Where it was published: key of the paper and place in it.
    package var source: String
    /// What part of the published work was done, in one sentence that stands above every table.
    package var scaleNote: String
    /// What came out, sentence by sentence.
    package var findings: [String]
    /// What a reader must know to judge the comparison.
    package var notes: [String]
    /// What was trained and how.
    package var settings: [Setting]
    /// Published against measured.
    package var tables: [ExperimentTable]
    /// Drawings.
    package var figures: [ExperimentFigure]
    /// The command that repeats this.
    package var command: String
    /// Of every random number.
    package var seed: Int
    /// Threads of linear algebra.
    package var threads: Int
    /// How long all took.
    package var seconds: Double
    /// Of the program and its libraries.
    package var versions: [String: String]

    /// All parts at once.
    package init(
        name: String, title: String, source: String, scaleNote: String, findings: [String], notes: [String], settings: [Setting],
        tables: [ExperimentTable], figures: [ExperimentFigure], command: String, seed: Int, threads: Int, seconds: Double,
        versions: [String: String]
    ) {
        self.name = name
        self.title = title
        self.source = source
        self.scaleNote = scaleNote
        self.findings = findings
        self.notes = notes
        self.settings = settings
        self.tables = tables
        self.figures = figures
        self.command = command
        self.seed = seed
        self.threads = threads
        self.seconds = seconds
        self.versions = versions
    }
}
