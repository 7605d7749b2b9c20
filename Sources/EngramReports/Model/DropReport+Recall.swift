extension DropReport {
    /// Whether some starts were corrupted copies: what came back and did not begin with noise then began with one.
    var hasCorruptedStarts: Bool {
        recall.contains { !$0.isFromNoise && $0.starts > 0 }
    }

    /// What came back from one kind of start.
    package struct Recall: ReportSectionEntry {
        package static let listKey = "recall"
        package static let isListRequired = true

        /// Kind of start, such as `uniform noise` or `corrupted 30 %`; a text that ends in `noise` counts as a start from pure noise.
        package var start: String
        /// Number of starts tried.
        package var starts: Int
        /// Starts that met `criterion`.
        package var recovered: Int
        /// Starts whose recall equals the original in every stored code after rounding.
        package var exact: Int
        /// Number of different memories that were reached: examples of an autoencoder, cycles of sequences.
        package var distinct: Int
        /// Median, over the recovered starts, of the applications of f until an autoencoder settled, or until the first frame of the
        /// cycle was met.
        @NullIfNotFinite package var iterationsMedian: Double?
        /// Largest mean squared error among the recovered.
        @NullIfNotFinite package var mseMax: Double?
        /// When a start counts as recovered, in words.
        package var criterion: String

        /// Takes every value as given; nothing is computed or checked.
        package init(
            start: String, starts: Int, recovered: Int, exact: Int, distinct: Int, iterationsMedian: Double?, mseMax: Double?,
            criterion: String
        ) {
            self.start = start
            self.starts = starts
            self.recovered = recovered
            self.exact = exact
            self.distinct = distinct
            self.iterationsMedian = iterationsMedian
            self.mseMax = mseMax
            self.criterion = criterion
        }

        /// Whether the starts were noise and nothing else; a corrupted example still holds part of the answer.
        var isFromNoise: Bool {
            start.lowercased().hasSuffix("noise") && starts > 0
        }
    }
}

extension DropReport {
    /// One entry per kind of start, in the order it was tried.
    package var recall: [Recall] {
        get { required() }
        set { sections[[Recall].self] = newValue }
    }
}
