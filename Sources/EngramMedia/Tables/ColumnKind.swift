/// What the cells of a column are.
public enum ColumnKind: Equatable, Sendable {
    /// Numbers of any size.
    case numeric(NumberStyle)
    /// A few levels in an order; `spellings` as first met, from the lowest. Their values are the numbers themselves, or 0, 1, 2 … for words.
    case ordinal(spellings: [String], values: [Double])
    /// A few words without an order, as first met.
    case categorical([String])
    /// Dates or times.
    case date(DateStyle)
    /// Words that hardly repeat: names, sentences. They say nothing about other rows and are not completed.
    case text
    /// Row numbers and the like, of no meaning for other columns; not completed.
    case identifier
    /// No cell is known.
    case empty

    /// In one word, as reports and settings say it.
    public var name: String {
        switch self {
        case .numeric: "numeric"
        case .ordinal: "ordinal"
        case .categorical: "categorical"
        case .date: "date"
        case .text: "text"
        case .identifier: "identifier"
        case .empty: "empty"
        }
    }

    /// Whether cells of the column are numbers of an order, so that a mean of two makes sense.
    public var isOrdered: Bool {
        switch self {
        case .numeric, .ordinal, .date: true
        case .categorical, .text, .identifier, .empty: false
        }
    }

    /// Whether cells of this kind can be worked out from others, and others from them.
    public var isUsed: Bool {
        switch self {
        case .numeric, .ordinal, .categorical, .date: true
        case .text, .identifier, .empty: false
        }
    }
}

/// What a column is said to be, where it is not to be found out.
public enum ColumnChoice: Equatable, Sendable {
    case numeric
    /// Levels from the lowest, for words; nil for numbers, whose order is known.
    case ordinal([String]?)
    case categorical
    case date
    /// Dates that are read in this order of their parts where they can be, such as that of an earlier table.
    case dateOrdered(DateStyle.Order)
    case text
    case identifier
}

/// How a table's cells are taken.
public struct DataTableOptions: Equatable, Sendable {
    /// Texts that stand for a missing cell, besides the empty one; compared after spaces at both ends are taken off.
    public var missingMarkers: Set<String> = ["NA", "N/A", "#N/A", "?", "NaN", "nan", "null", "NULL"]
    /// What columns of these names are.
    public var choices: [String: ColumnChoice] = [:]
    /// Most levels of a categorical column. 64: one-hot columns beyond it would each have too few cells to learn from.
    public var maxLevelCount = 64
    /// Most levels of whole numbers that are taken for an ordinal column: scales of answers have 2 to 10.
    public var maxOrdinalLevelCount = 10

    /// The documented defaults.
    public init() {}
}
