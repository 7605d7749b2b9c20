/// A published experiment beside its repetition: what `engram reproduce` prints and writes.
public struct ExperimentReport: Codable, Equatable, Sendable {
    /// What was set and how it came out to be set so.
    public struct Setting: Codable, Equatable, Sendable {
        /// In a few words.
        public var name: String
        /// As text.
        public var value: String

        /// One setting.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The layout of `results.json`.
    public static let currentSchema = 1

    /// `currentSchema` when written.
    public var schema = currentSchema
    /// As given on the command line.
    public var name: String
    /// What the experiment shows.
    public var title: String
    /// Where it was published: key of the paper and place in it.
    public var source: String
    /// What part of the published work was done, in one sentence that stands above every table.
    public var scaleNote: String
    /// What came out, sentence by sentence.
    public var findings: [String]
    /// What a reader must know to judge the comparison.
    public var notes: [String]
    /// What was trained and how.
    public var settings: [Setting]
    /// Published against measured.
    public var tables: [ExperimentTable]
    /// Drawings.
    public var figures: [ExperimentFigure]
    /// The command that repeats this.
    public var command: String
    /// Of every random number.
    public var seed: Int
    /// Threads of linear algebra.
    public var threads: Int
    /// How long all took.
    public var seconds: Double
    /// Of the program and its libraries.
    public var versions: [String: String]

    /// All parts at once.
    public init(
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
