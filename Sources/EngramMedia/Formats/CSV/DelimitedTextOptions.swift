/// Limits of a delimited text, checked while it is read, so that a file made to exhaust memory costs no more than its limit.
public struct DelimitedTextLimits: Equatable, Sendable {
    /// Largest file, bytes. 256 MiB: some ten million cells, more than a closed-form completion can use. At most 2 GiB.
    public var maxFileByteCount = 256 << 20
    /// Most columns. 65,536 holds a gene to a column; a file of a million columns is a mistake or an attack.
    public var maxColumnCount = 1 << 16
    /// Largest cell, bytes. 1 MiB is some 300 pages of text.
    public var maxCellByteCount = 1 << 20
    /// Most cells. 2²⁵ of them take 0.3 GB beside the file itself.
    public var maxCellCount = 1 << 25

    /// The documented defaults.
    public init() {}
}

/// What is known about a delimited text before it is read; what is left out is found.
public struct DelimitedTextOptions: Equatable, Sendable {
    /// The byte between cells; nil: whichever of comma, semicolon, tab and pipe cuts the lines most evenly.
    public var delimiter: UInt8?
    /// Whether the first line names the columns; nil: it does unless each of its cells is a number or missing.
    public var hasHeader: Bool?
    /// Texts that stand for a missing cell, besides the empty one.
    public var missingMarkers = DataTableOptions().missingMarkers
    /// Checked while reading.
    public var limits = DelimitedTextLimits()

    /// Everything is found.
    public init() {}
}
