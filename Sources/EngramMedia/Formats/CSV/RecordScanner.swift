/// Where the bytes of a cell stand, quotes included. 32 bits: a file of at most 2 GiB is read.
struct CellPlace: Equatable, Sendable {
    var start: UInt32
    var end: UInt32

    var range: Range<Int> { Int(start)..<Int(end) }
}

/// Cuts a text into records and cells after RFC 4180, without copying.
///
/// A quote is special only as the first byte of a cell, so that `5" pipe` is read as most programs read it. Records end with LF or CR LF,
/// in a file without any LF with CR.
struct RecordScanner {
    let bytes: [UInt8]
    let file: String
    let delimiter: UInt8
    let limits: DelimitedTextLimits
    /// Whether a CR alone ends a record.
    let isReturnAnEnd: Bool
    /// The next byte to read.
    private(set) var offset: Int
    /// The line of that byte, from 1.
    private(set) var line: Int

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    init(_ bytes: [UInt8], file: String, delimiter: UInt8, limits: DelimitedTextLimits, offset: Int, line: Int, isReturnAnEnd: Bool) {
        self.bytes = bytes
        self.file = file
        self.delimiter = delimiter
        self.limits = limits
        self.offset = offset
        self.line = line
        self.isReturnAnEnd = isReturnAnEnd
    }

    /// Appends the cells of the next record.
    /// - Returns: Their number; nil at the end of the text.
    mutating func appendRecord(to places: inout [CellPlace]) throws(MediaError) -> Int? {
        guard offset < bytes.count else { return nil }
        let (first, firstLine) = (places.count, line)
        while true {
            let start = offset
            if offset < bytes.count, bytes[offset] == Self.quote {
                try passQuotedCell()
            } else {
                try passPlainCell()
            }
            places.append(CellPlace(start: UInt32(start), end: UInt32(offset)))
            guard places.count - first <= limits.maxColumnCount else {
                throw DelimitedTextError.tooManyColumns(file: file, line: firstLine, limit: limits.maxColumnCount)
            }
            guard places.count <= limits.maxCellCount else {
                throw DelimitedTextError.tooManyCells(file: file, line: firstLine, limit: limits.maxCellCount)
            }
            guard offset < bytes.count, bytes[offset] == delimiter else { break }
            offset += 1
        }
        passEnd()
        return places.count - first
    }

    private mutating func passPlainCell() throws(MediaError) {
        let start = offset
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == delimiter || byte == Self.lineFeed || (byte == Self.carriageReturn && isEnd(at: offset)) { return }
            if byte == 0 { throw DelimitedTextError.notText(file: file, line: line) }
            offset += 1
            guard offset - start <= limits.maxCellByteCount else {
                throw DelimitedTextError.largeCell(file: file, line: line, limit: limits.maxCellByteCount)
            }
        }
    }

    private mutating func passQuotedCell() throws(MediaError) {
        let (start, firstLine) = (offset, line)
        offset += 1
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == 0 { throw DelimitedTextError.notText(file: file, line: line) }
            if byte == Self.quote {
                guard offset + 1 < bytes.count, bytes[offset + 1] == Self.quote else {
                    offset += 1
                    let isEnd = offset == bytes.count || bytes[offset] == delimiter || bytes[offset] == Self.lineFeed || isEnd(at: offset)
                    guard isEnd else { throw DelimitedTextError.textAfterQuote(file: file, line: line) }
                    return
                }
                offset += 2
            } else {
                if byte == Self.lineFeed || (byte == Self.carriageReturn && isReturnAnEnd) { line += 1 }
                offset += 1
            }
            guard offset - start <= limits.maxCellByteCount else {
                throw DelimitedTextError.largeCell(file: file, line: firstLine, limit: limits.maxCellByteCount)
            }
        }
        throw DelimitedTextError.openQuote(file: file, line: firstLine)
    }

    /// Whether a CR at this offset ends a record.
    private func isEnd(at offset: Int) -> Bool {
        guard bytes[offset] == Self.carriageReturn else { return false }
        return isReturnAnEnd || (offset + 1 < bytes.count && bytes[offset + 1] == Self.lineFeed)
    }

    private mutating func passEnd() {
        guard offset < bytes.count else { return }
        if bytes[offset] == Self.carriageReturn { offset += 1 }
        if offset < bytes.count, bytes[offset] == Self.lineFeed { offset += 1 }
        line += 1
    }
}
