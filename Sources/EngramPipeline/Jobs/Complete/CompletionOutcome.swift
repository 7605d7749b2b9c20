internal import EngramMedia
internal import EngramNumerics
internal import EngramReports

/// What filling a table came to, whichever form it has.
struct CompletionOutcome {
    /// A filled cell.
    struct Cell {
        var row: Int
        var column: Int
        /// In the sense of its column's `values`.
        var value: Double
        /// Of numbers: the posterior deviation and half the interval's width.
        var deviation: Double?
        var halfWidth: Double?
        /// Of categories: about how probable the level is.
        var probability: Double?
        /// How uncertain it is for its column: 0 for certain, about 1 for nothing known.
        var uncertainty: Double
        /// Known cells that it came from, with their weights.
        var sources: [(row: Int, column: Int, weight: Double)]
    }

    /// How a column did on hidden cells.
    struct ColumnQuality {
        var error: Double?
        var accuracy: Double?
    }

    var form: DropSettings.Complete.Form
    var cells: [Cell]
    var knownCount: Int
    var priors: [CompletionReport.Prior]
    var intervals: CompletionReport.Intervals
    var heldOut: [CompletionReport.HeldOutCell]
    var quality: [Int: ColumnQuality]
    var notes: [String]
}
