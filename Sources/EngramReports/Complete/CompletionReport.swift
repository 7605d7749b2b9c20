/// What completing a table came to: the exact content of `report.json` of the job `complete`, whose keys are these names in snake case.
package struct CompletionReport: JobReport {
    package static let currentSchema = "engram-completion/1"
    package static let jobName = "complete"

    package var header: ReportHeader
    package var sections: ReportSections

    package init(header: ReportHeader, sections: ReportSections) {
        self.header = header
        self.sections = sections
    }

    /// Takes every value as given; nothing is computed or checked.
    package init(
        name: String, table: Table, parts: CompletionReport.Parts, seed: UInt64, threads: Int, versions: [String: String], notes: [String]
    ) {
        header = Self.header(name: name, seed: seed, threads: threads, versions: versions, notes: notes)
        sections = ReportSections([
            parts.summary, parts.interpretation, table, parts.columns, parts.priors, parts.intervals, parts.leastCertain, parts.heldOut,
            parts.seconds,
        ])
    }

    /// The sections besides the table itself.
    package struct Parts: Sendable {
        package var summary: JobSummary
        package var interpretation: DropReport.Interpretation
        package var columns: [Column]
        package var priors: [Prior]
        package var intervals: Intervals
        package var leastCertain: [UncertainCell]
        package var heldOut: [HeldOutCell]
        package var seconds: Seconds

        /// Takes every value as given.
        package init(
            summary: JobSummary, interpretation: DropReport.Interpretation, columns: [Column], priors: [Prior], intervals: Intervals,
            leastCertain: [UncertainCell], heldOut: [HeldOutCell], seconds: Seconds
        ) {
            self.summary = summary
            self.interpretation = interpretation
            self.columns = columns
            self.priors = priors
            self.intervals = intervals
            self.leastCertain = leastCertain
            self.heldOut = heldOut
            self.seconds = seconds
        }
    }

    /// The table.
    package var table: Table {
        get { required() }
        set { sections[Table.self] = newValue }
    }

    /// What came of it.
    package var summary: JobSummary {
        get { required() }
        set { sections[JobSummary.self] = newValue }
    }

    /// Its columns, in the order of the file.
    package var columns: [Column] {
        get { required() }
        set { sections[[Column].self] = newValue }
    }

    /// What each prior came to, best first.
    package var priors: [Prior] {
        get { required() }
        set { sections[[Prior].self] = newValue }
    }

    /// How wide intervals are, and how many hidden cells they held.
    package var intervals: Intervals {
        get { required() }
        set { sections[Intervals.self] = newValue }
    }

    /// The filled cells with the widest intervals for their columns, widest first, at most ten.
    package var leastCertain: [UncertainCell] {
        get { required() }
        set { sections[[UncertainCell].self] = newValue }
    }

    /// Known cells that were hidden and filled, at most `largestHeldOutCount`.
    package var heldOut: [HeldOutCell] {
        get { required() }
        set { sections[[HeldOutCell].self] = newValue }
    }

    /// Most hidden cells that the report lists.
    package static let largestHeldOutCount = 2000

    /// Wall-clock time of each stage.
    package var seconds: Seconds {
        get { required() }
        set { sections[Seconds.self] = newValue }
    }
}

extension CompletionReport {
    /// The table.
    package struct Table: ReportSection {
        package static let key: String? = "table"
        package static let isRequired = true

        /// `table` or `ratings`.
        package var form: String
        /// Number of rows, without the line of names.
        package var rows: Int
        /// Cells that were missing.
        package var missing: Int
        /// Of these, those that were filled; the others stand in columns of text.
        package var filled: Int
        /// Cells that are known in columns that are used.
        package var known: Int
        /// The byte between cells, by its name.
        package var delimiter: String
        /// The encoding of the text.
        package var encoding: String

        /// Takes every value as given.
        package init(form: String, rows: Int, missing: Int, filled: Int, known: Int, delimiter: String, encoding: String) {
            self.form = form
            self.rows = rows
            self.missing = missing
            self.filled = filled
            self.known = known
            self.delimiter = delimiter
            self.encoding = encoding
        }
    }

    /// One column.
    package struct Column: ReportSectionEntry {
        package static let listKey = "columns"
        package static let isListRequired = true

        /// Its name, from the file: hostile text.
        package var name: String
        /// `numeric`, `ordinal`, `categorical`, `date`, `text`, `identifier` or `empty`.
        package var kind: String
        /// Cells that were missing.
        package var missing: Int
        /// Root mean square error on hidden cells over the column's standard deviation; nil where none was hidden or the column is none of numbers.
        package var heldOutError: Double?
        /// Share of hidden cells whose level was found; nil in columns of numbers.
        package var heldOutAccuracy: Double?

        /// Takes every value as given.
        package init(name: String, kind: String, missing: Int, heldOutError: Double? = nil, heldOutAccuracy: Double? = nil) {
            self.name = name
            self.kind = kind
            self.missing = missing
            self.heldOutError = heldOutError
            self.heldOutAccuracy = heldOutAccuracy
        }
    }

    /// One prior.
    package struct Prior: ReportSectionEntry {
        package static let listKey = "priors"
        package static let isListRequired = true

        /// What it is.
        package var name: String
        /// Root mean square error on hidden cells; of a table each over its column's standard deviation, of ratings in ratings.
        package var heldOutError: Double
        /// Its weight in the values that were filled in.
        package var share: Double

        /// Takes every value as given.
        package init(name: String, heldOutError: Double, share: Double) {
            self.name = name
            self.heldOutError = heldOutError
            self.share = share
        }
    }

    /// How sure the filled cells are.
    package struct Intervals: ReportSection {
        package static let key: String? = "intervals"
        package static let isRequired = true

        /// The share of true values that intervals are to hold.
        package var coverage: Double
        /// The share of hidden cells inside intervals that other hidden cells calibrate; nil where too few were hidden.
        package var heldOutCoverage: Double?
        /// Half widths over posterior deviations.
        package var calibration: Double
        /// Root mean square error on hidden cells of what was filled in, as `Prior.heldOutError`.
        package var heldOutError: Double

        /// Takes every value as given.
        package init(coverage: Double, heldOutCoverage: Double?, calibration: Double, heldOutError: Double) {
            self.coverage = coverage
            self.heldOutCoverage = heldOutCoverage
            self.calibration = calibration
            self.heldOutError = heldOutError
        }
    }

    /// A filled cell that is not certain.
    package struct UncertainCell: ReportSectionEntry {
        package static let listKey = "leastCertain"
        package static let isListRequired = true

        /// Its line in the file.
        package var line: Int
        /// Its column's name.
        package var column: String
        /// What was filled in.
        package var value: String
        /// The ends of its interval; of a category the level's probability, about.
        package var certainty: String

        /// Takes every value as given.
        package init(line: Int, column: String, value: String, certainty: String) {
            self.line = line
            self.column = column
            self.value = value
            self.certainty = certainty
        }
    }

    /// A known cell that was hidden and filled.
    package struct HeldOutCell: ReportSectionEntry {
        package static let listKey = "heldOut"
        package static let isListRequired = true

        /// Its line in the file.
        package var line: Int
        /// Its column's number, from 0.
        package var column: Int
        /// What it is, from its column's mean and over its standard deviation.
        package var truth: Double
        /// What was filled in, likewise.
        package var prediction: Double

        /// Takes every value as given.
        package init(line: Int, column: Int, truth: Double, prediction: Double) {
            self.line = line
            self.column = column
            self.truth = truth
            self.prediction = prediction
        }
    }

    /// Wall-clock seconds of each stage.
    package struct Seconds: ReportSection {
        package static let key: String? = "seconds"
        package static let isRequired = true

        /// Reading the table.
        package var decode = 0.0
        /// Filling it, hidden cells included.
        package var complete = 0.0
        /// Writing the files.
        package var render = 0.0
        /// From start to end.
        package var total = 0.0

        /// All zero.
        package init() {}
    }
}
