/// Finds the byte between cells.
enum DelimiterSearch {
    /// Those tried, in the order of preference where two cut equally well.
    static let candidates: [UInt8] = [",", ";", "\t", "|"].map { UInt8(ascii: $0) }
    /// Records looked at; more would hardly change a mind, and a wrong one shows as a ragged row with its line.
    private static let recordCount = 200

    /// The candidate whose records have most often the same number of cells, two or more; a first record with another number than the rest
    /// halves what is found. Equal candidates: the one with more cells, then the earlier. A text without any candidate has one column.
    static func delimiter(scanner make: (UInt8) -> RecordScanner) -> UInt8 {
        var best = (delimiter: candidates[0], evenness: 0.0, cellCount: 1)
        for candidate in candidates {
            let counts = counts(make(candidate))
            var frequencies: [Int: Int] = [:]
            for count in counts where count > 1 { frequencies[count, default: 0] += 1 }
            let common = frequencies.max { ($0.value, $0.key) < ($1.value, $1.key) }
            guard let common, let first = counts.first else { continue }
            let share = Double(common.value) / Double(counts.count)
            let evenness = first == common.key ? share : share / 2
            if (evenness, common.key) > (best.evenness, best.cellCount) { best = (candidate, evenness, common.key) }
        }
        return best.delimiter
    }

    /// Cells of each of the first records, blank ones left out, up to the first that cannot be read.
    private static func counts(_ scanner: RecordScanner) -> [Int] {
        var (scanner, counts, places) = (scanner, [Int](), [CellPlace]())
        while counts.count < recordCount {
            places.removeAll(keepingCapacity: true)
            guard let count = try? scanner.appendRecord(to: &places) else { break }
            if count == 1, places[0].range.isEmpty { continue }
            counts.append(count)
        }
        return counts
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
