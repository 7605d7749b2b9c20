extension DelimitedText {
    /// The file with some cells replaced; every other byte, quotes and line ends included, stays as it is.
    ///
    /// - Parameter cells: Bytes for cells, quotes included, by their place `row · columnCount + column`; see `rawCell(for:isQuoted:)`.
    public func replacing(_ cells: [Int: [UInt8]]) -> [UInt8] {
        var (result, done): ([UInt8], Int) = ([], 0)
        result.reserveCapacity(bytes.count + cells.values.reduce(0) { $0 + $1.count })
        for place in cells.keys.sorted() {
            let range = range(row: place / columnCount, column: place % columnCount)
            result += bytes[done..<range.lowerBound]
            result += cells[place] ?? []
            done = range.upperBound
        }
        result += bytes[done...]
        return result
    }

    /// A text as bytes of a cell of this file: in quotes where it needs them or where its column has them.
    /// - Returns: nil where the file's encoding lacks a character.
    public func rawCell(for text: String, isQuoted: Bool) -> [UInt8]? {
        guard let plain = encoding.bytes(of: text) else { return nil }
        let special: Set<UInt8> = [delimiter, Self.quote, UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        let hasEdge = plain.first == UInt8(ascii: " ") || plain.last == UInt8(ascii: " ")
        guard isQuoted || hasEdge || plain.contains(where: special.contains) else { return plain }
        return [Self.quote] + plain.flatMap { $0 == Self.quote ? [$0, $0] : [$0] } + [Self.quote]
    }
}

extension String {
    /// Without spaces, tabs and no-break spaces at its ends.
    var trimmedOfSpaces: String {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\u{A0}" }
        var rest = self[...]
        while let first = rest.first, isSpace(first) { rest.removeFirst() }
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return String(rest)
    }
}
