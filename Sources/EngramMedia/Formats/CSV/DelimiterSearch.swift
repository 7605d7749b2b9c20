/// Finds the byte between cells.
enum DelimiterSearch {
    /// Those tried, in the order of preference where two cut equally well.
    static let candidates: [UInt8] = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }
    /// Records looked at; more would hardly change a mind, and a wrong one shows as a ragged row with its line.
    private static let recordCount = 200

    /// Cells whose contents are looked at, where two candidates cut equally well.
    private static let cellCount = 4000

    /// The candidate whose records have most often the same number of cells, two or more; a first record with another number than the rest
    /// halves what is found. Equal candidates: the one with the larger share of numbers among its cells, as in `1,5;2,5`; then the one with
    /// more cells, then the earlier. A text without any candidate has one column.
    static func delimiter(scanner make: (UInt8) -> RecordScanner) -> UInt8 {
        var best = (delimiter: candidates[0], evenness: 0.0, numberShare: 0.0, cellCount: 1)
        for candidate in candidates {
            let (counts, numberShare) = cells(make(candidate))
            var frequencies: [Int: Int] = [:]
            for count in counts where count > 1 { frequencies[count, default: 0] += 1 }
            let common = frequencies.max { ($0.value, $0.key) < ($1.value, $1.key) }
            guard let common, let first = counts.first else { continue }
            let share = Double(common.value) / Double(counts.count)
            let evenness = first == common.key ? share : share / 2
            if (evenness, numberShare, common.key) > (best.evenness, best.numberShare, best.cellCount) {
                best = (candidate, evenness, numberShare, common.key)
            }
        }
        return best.delimiter
    }

    /// Cells of each of the first records, blank ones left out, up to the first that cannot be read; and the share of numbers among those
    /// that are not empty, of the first records.
    private static func cells(_ scanner: RecordScanner) -> (counts: [Int], numberShare: Double) {
        var (scanner, counts, places) = (scanner, [Int](), [CellPlace]())
        var (numberCount, seenCount) = (0, 0)
        while counts.count < recordCount {
            places.removeAll(keepingCapacity: true)
            guard let count = try? scanner.appendRecord(to: &places) else { break }
            if count == 1, places[0].range.isEmpty { continue }
            counts.append(count)
            for place in places where !place.range.isEmpty && seenCount < cellCount {
                seenCount += 1
                var cell = scanner.bytes[place.range]
                if cell.count > 1, cell.first == UInt8(ascii: "\"") { cell = cell.dropFirst().dropLast() }
                if NumberText(Array(cell)) != nil { numberCount += 1 }
            }
        }
        return (counts, seenCount > 0 ? Double(numberCount) / Double(seenCount) : 0)
    }

    /// A delimiter's name for people.
    static func name(_ delimiter: UInt8) -> String {
        switch delimiter {
        case UInt8(ascii: ","): "comma"
        case UInt8(ascii: ";"): "semicolon"
        case UInt8(ascii: "\t"): "tab"
        case UInt8(ascii: "|"): "pipe"
        default: "\"\(Unicode.Scalar(delimiter))\""
        }
    }
}
