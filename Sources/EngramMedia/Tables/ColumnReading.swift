/// Finds out what the cells of a column are.
struct ColumnReading {
    let cells: [String]
    let isMissing: [Bool]
    let options: DataTableOptions

    struct Found {
        var kind: ColumnKind
        var values: [Double]
        var note: String?
    }

    private var known: [Int] { cells.indices.filter { !isMissing[$0] } }

    /// The kind that the cells suggest: numbers, dates, then words that repeat.
    func found() -> Found? {
        let known = known
        guard !known.isEmpty else { return unused(.empty) }
        if let numbers = numbers(known) {
            var found = numbered(numbers, known)
            if found.note == nil { found.note = doubt(numbers.style, known) }
            return found
        }
        if let dates = dates(known) { return dates }
        let levelCount = levelCount(known)
        // A level that is met twice at least on average tells something about another row.
        if levelCount <= options.maxLevelCount, 2 * levelCount <= known.count || levelCount <= 2 { return categories(known) }
        var text = unused(.text)
        if levelCount > options.maxLevelCount, 2 * levelCount <= known.count {
            text.note = "\(levelCount) different words are more than \(options.maxLevelCount); it is left as it is"
        } else if let odd = known.first(where: { NumberText(Array(cells[$0].utf8)) == nil }) {
            let numberCount = known.count { NumberText(Array(cells[$0].utf8)) != nil }
            if 2 * numberCount > known.count {
                text.note =
                    "it is left as it is, since \(known.count - numberCount) cells are not numbers, first \"\(cells[odd].prefix(40))\""
            }
        }
        return text
    }

    /// What the cells are as a kind that was asked for; nil where they are not.
    func asked(_ choice: ColumnChoice) -> Found? {
        let known = known
        guard !known.isEmpty else { return unused(.empty) }
        switch choice {
        case .numeric:
            guard let numbers = numbers(known) else { return nil }
            return numeric(numbers, known)
        case .ordinal(nil):
            guard let numbers = numbers(known) else { return nil }
            return ordinal(numbers, known)
        case .ordinal(let levels?):
            guard known.allSatisfy({ levels.contains(cells[$0]) }) else { return nil }
            let order = Dictionary(levels.enumerated().map { ($1, Double($0)) }) { first, _ in first }
            return Found(
                kind: .ordinal(spellings: levels, values: levels.indices.map(Double.init)),
                values: spread(known) { order[cells[$0]] ?? .nan })
        case .categorical: return levelCount(known) <= options.maxLevelCount ? categories(known) : nil
        case .date: return dates(known)
        case .dateOrdered(let order): return dates(known, order: order)
        case .text: return unused(.text)
        case .identifier: return unused(.identifier)
        }
    }

    /// The first row whose cell is not what was asked for.
    func firstMisfit(of choice: ColumnChoice?) -> Int? {
        switch choice {
        case .numeric, .ordinal(nil): known.first { NumberText(Array(cells[$0].utf8)) == nil }
        case .ordinal(let levels?): known.first { !levels.contains(cells[$0]) }
        case .date, .dateOrdered: known.first { DateStyle.found(in: [cells[$0]]) == nil }
        case .categorical, .text, .identifier, nil: nil
        }
    }

    /// What was asked for, in words.
    func expectation(of choice: ColumnChoice?) -> String {
        switch choice {
        case .numeric, .ordinal(nil): "numbers with one decimal mark"
        case .ordinal(let levels?): "one of the levels \(levels.joined(separator: ", "))"
        case .date, .dateOrdered: "dates of one form"
        case .categorical: "at most \(options.maxLevelCount) different words"
        case .text, .identifier, nil: "cells of one kind"
        }
    }

    /// What was found where no single cell is to blame, in words.
    func finding(against choice: ColumnChoice?) -> String {
        choice == .categorical ? "\(levelCount(known)) of them" : "other cells"
    }

    private func levelCount(_ known: [Int]) -> Int { Set(known.map { cells[$0] }).count }

    /// All known cells as numbers of one decimal mark, with one mark between groups of digits where they are no numbers without; nil
    /// otherwise.
    private func numbers(_ known: [Int]) -> (style: NumberStyle, values: [Double])? {
        if let plain = numbers(known, groupMark: nil, { NumberText(Array($0.utf8)) }) { return plain }
        for mark in NumberStyle.groupMarks where known.contains(where: { cells[$0].contains(mark) }) {
            if let grouped = numbers(known, groupMark: mark, { NumberText($0, groupMark: mark) }) { return grouped }
        }
        return nil
    }

    private func numbers(
        _ known: [Int], groupMark: Character?, _ number: (String) -> NumberText?
    ) -> (style: NumberStyle, values: [Double])? {
        var numbers: [NumberText] = []
        numbers.reserveCapacity(known.count)
        for row in known {
            guard let number = number(cells[row]) else { return nil }
            numbers.append(number)
        }
        guard let style = NumberStyle(numbers, groupMark: groupMark) else { return nil }
        return (style, numbers.map(\.value))
    }

    /// What is to be said of numbers such as `1,234` and `950`, whose comma could be either: it is taken for the decimal mark.
    private func doubt(_ style: NumberStyle, _ known: [Int]) -> String? {
        guard style.decimalMark == UInt8(ascii: ","), style.fractionDigitCount == 3, style.groupMark == nil else { return nil }
        let numbers = known.compactMap { NumberText(Array(cells[$0].utf8)) }
        let marked = numbers.filter { $0.decimalMark != nil }
        guard marked.count < numbers.count, marked.allSatisfy({ $0.fractionDigitCount == 3 && $0.value.magnitude >= 1 }),
            let first = known.first(where: { cells[$0].contains(",") }), let value = NumberText(Array(cells[first].utf8))?.value
        else { return nil }
        return "its commas are read as decimal marks, \"\(cells[first].prefix(40))\" as \(value)"
    }

    private func numbered(_ numbers: (style: NumberStyle, values: [Double]), _ known: [Int]) -> Found {
        let values = numbers.values
        let areWhole = values.allSatisfy { $0 == $0.rounded() }
        // Years that go up by one are a time, and say something about other columns.
        let couldBeYears = values.allSatisfy(Self.years.contains)
        let countsRows = known.count == cells.count && known.count >= 3 && zip(values, values.dropFirst()).allSatisfy { $1 == $0 + 1 }
        if areWhole, countsRows, !couldBeYears {
            var rows = unused(.identifier)
            rows.note = "it counts the rows and is left as it is"
            return rows
        }
        let levelCount = Set(values).count
        if areWhole, levelCount > 1, levelCount <= options.maxOrdinalLevelCount, 3 * levelCount <= known.count {
            return ordinal(numbers, known)
        }
        return numeric(numbers, known)
    }

    /// Whole numbers that are taken for years rather than for row numbers.
    private static let years = 1000.0...2200.0

    private func numeric(_ numbers: (style: NumberStyle, values: [Double]), _ known: [Int]) -> Found {
        Found(kind: .numeric(numbers.style), values: spread(numbers.values, known))
    }

    private func ordinal(_ numbers: (style: NumberStyle, values: [Double]), _ known: [Int]) -> Found {
        var spellings: [Double: String] = [:]
        for (value, row) in zip(numbers.values, known) where spellings[value] == nil { spellings[value] = cells[row] }
        let levels = spellings.keys.sorted()
        return Found(
            kind: .ordinal(spellings: levels.map { spellings[$0] ?? "" }, values: levels), values: spread(numbers.values, known))
    }

    private func categories(_ known: [Int]) -> Found {
        var (places, words): ([String: Int], [String]) = ([:], [])
        for row in known where places[cells[row]] == nil {
            places[cells[row]] = words.count
            words.append(cells[row])
        }
        return Found(kind: .categorical(words), values: spread(known) { Double(places[cells[$0]] ?? 0) })
    }

    private func dates(_ known: [Int], order: DateStyle.Order? = nil) -> Found? {
        guard let dates = DateStyle.found(in: known.map { cells[$0] }, preferring: order) else { return nil }
        var note = dates.isAmbiguous ? "its dates are read as \(dates.style.order.rawValue)" : nil
        if let order, dates.style.order == order { note = nil }
        if let order, dates.style.order != order {
            note = "its dates cannot all be \(order.rawValue), as expected, and are read as \(dates.style.order.rawValue)"
        }
        return Found(kind: .date(dates.style), values: spread(dates.days, known), note: note)
    }

    private func unused(_ kind: ColumnKind) -> Found { Found(kind: kind, values: Array(repeating: .nan, count: cells.count)) }

    private func spread(_ values: [Double], _ known: [Int]) -> [Double] {
        var result = [Double](repeating: .nan, count: cells.count)
        for (value, row) in zip(values, known) { result[row] = value }
        return result
    }

    private func spread(_ known: [Int], _ value: (Int) -> Double) -> [Double] {
        spread(known.map(value), known)
    }
}
