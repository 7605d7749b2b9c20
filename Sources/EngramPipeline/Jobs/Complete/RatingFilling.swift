internal import EngramKernels
internal import EngramMedia
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// Fills ratings in long form: a user, an item and a value in each line.
struct RatingFilling {
    let drop: TableDrop
    let settings: DropSettings
    /// The columns of users, items and values.
    let columns: (user: Int, item: Int, value: Int)
    /// Bytes that there are; nil where nobody knows.
    let memoryLimit: Double?

    private var table: DataTable { drop.table }

    /// Sums of squares of ratings must be finite.
    private static let largestRating = 1e100

    private static let userNames: Set<String> = ["user", "userid", "reviewer", "reviewerid", "customer", "customerid"]
    private static let itemNames: Set<String> = [
        "item", "itemid", "movie", "movieid", "product", "productid", "book", "bookid", "song", "songid",
    ]
    private static let valueNames: Set<String> = ["value", "rating", "score", "stars"]

    /// The columns of a table that is ratings by its columns' names: a user, an item and a value, and at most one more, such as a time.
    static func columns(of table: DataTable) -> (user: Int, item: Int, value: Int)? {
        guard (3...4).contains(table.columns.count) else { return nil }
        let names = table.columns.map { $0.name.lowercased().filter { $0 != "_" && $0 != " " } }
        guard let user = names.firstIndex(where: userNames.contains), let item = names.firstIndex(where: itemNames.contains),
            let value = names.firstIndex(where: valueNames.contains)
        else { return nil }
        return (user, item, value)
    }

    func fill(onProgress: (Double) throws -> Void) throws -> CompletionOutcome {
        let values = table.columns[columns.value]
        guard values.kind.isOrdered else {
            throw Failure(
                stage: .decode, code: "not-a-rating", file: table.text.name, place: "column \(values.name)", expected: "numbers",
                found: "a column that is \(values.kind.name)", remedy: "Say complete.form: table, if these are no ratings.")
        }
        try TableFilling.checkRange(values, of: table, limit: Self.largestRating)
        let (users, items) = (try members(columns.user), try members(columns.item))
        let known = (0..<table.rowCount).filter { !values.isMissing[$0] }
        let wanted = (0..<table.rowCount).filter { values.isMissing[$0] }
        guard !wanted.isEmpty else {
            throw Failure(
                stage: .decode, code: "nothing-missing", file: table.text.name, place: "column \(values.name)",
                expected: "a line without a value", found: "a value in every line",
                remedy: "Add a line for each user and item whose value is wanted, and leave the value empty.")
        }
        guard known.count >= 10 else {
            throw Failure(
                stage: .decode, code: "too-few-ratings", file: table.text.name, expected: "ten known values or more",
                found: "\(known.count)",
                remedy: "Say complete.form: table, if these are no ratings.")
        }
        let ratings = RatingTable(
            userCount: users.names.count, itemCount: items.names.count, users: known.map { users.places[$0] },
            items: known.map { items.places[$0] }, values: known.map { values.values[$0] },
            itemFeatures: try features(of: items.names, "item", in: drop.columns),
            userFeatures: try features(of: users.names, "user", in: drop.rows))
        try checkMemory(ratings, wantedCount: wanted.count)
        var options = RatingCompletion.Settings()
        options.coverage = settings.complete.coverage
        options.neighbourCount = settings.complete.neighbours
        options.seed = UInt64(settings.seed)
        let result = try RatingCompletion(settings: options).complete(
            ratings, pairs: RatingPairs(users: wanted.map { users.places[$0] }, items: wanted.map { items.places[$0] }),
            onProgress: onProgress)
        return outcome(result, known: known, wanted: wanted)
    }

    /// - Throws: `Failure` where the ratings take more than there is.
    private func checkMemory(_ ratings: RatingTable, wantedCount: Int) throws(Failure) {
        guard let memoryLimit else { return }
        let rank = Double(RatingCompletion.Settings().rank)
        let (itemWidth, userWidth) = (
            Double(ratings.itemFeatures?.columnCount ?? 0), Double(ratings.userFeatures?.columnCount ?? 0)
        )
        let (userCount, itemCount) = (Double(ratings.userCount), Double(ratings.itemCount))
        // Numbers that are held at once, about: copies of the ratings and what parts say of pairs, factors as they are and scaled, and
        // the largest system with its factor and a tile of pairs.
        let held = 40 * Double(ratings.count + wantedCount)
        let factors = 4 * ((rank + userWidth) * userCount + (rank + itemWidth) * itemCount)
        let largest = Double(min(ratings.count, Self.largestSystem))
        let tile = Double(min(wantedCount, Self.largestTile))
        let system = 3 * largest * (largest + tile)
        let needed = 8 * (held + factors + system)
        guard needed > memoryLimit else { return }
        throw Failure(
            stage: .train, code: "memory", file: table.text.name,
            expected: "memory for \(ratings.count) ratings of \(ratings.userCount) users and \(ratings.itemCount) items, about "
                + "\(Int(saturating: (needed / 1_048_576).rounded(.up))) MiB",
            found: "\(Int(saturating: memoryLimit / 1_048_576)) MiB",
            remedy: "Drop a part of the ratings, or allow more with limits.max_memory.")
    }

    /// Ratings of one regression at most, and pairs that it answers at once.
    private static let largestSystem = 3000
    private static let largestTile = 1024

    private func outcome(_ result: RatingCompletion.Result, known: [Int], wanted: [Int]) -> CompletionOutcome {
        let values = table.columns[columns.value]
        let deviation = TableFilling.deviation(values)
        let mean = known.reduce(0) { $0 + values.values[$1] } / Double(known.count)
        let cells = wanted.enumerated().map { place, row in
            CompletionOutcome.Cell(
                row: row, column: columns.value, value: result.values[place], deviation: result.deviations[place],
                halfWidth: result.halfWidths[place], uncertainty: deviation > 0 ? result.halfWidths[place] / (1.65 * deviation) : 0,
                sources: result.neighbours[place].map { (known[$0.position], columns.value, $0.weight) })
        }
        let heldOut =
            deviation > 0
            ? result.heldOut.prefix(CompletionReport.largestHeldOutCount).map { cell in
                CompletionReport.HeldOutCell(
                    line: table.text.line(ofRow: known[cell.place]), column: columns.value,
                    truth: (values.values[known[cell.place]] - mean) / deviation, prediction: (cell.prediction - mean) / deviation)
            } : []
        return CompletionOutcome(
            form: .ratings, cells: cells, knownCount: known.count,
            priors: result.priors.map { .init(name: $0.name, heldOutError: $0.heldOutError, share: $0.share) },
            intervals: .init(
                coverage: settings.complete.coverage, heldOutCoverage: result.heldOutCoverage, calibration: result.calibration,
                heldOutError: result.heldOutError),
            heldOut: Array(heldOut),
            quality: [columns.value: .init(error: deviation > 0 ? result.heldOutError / deviation : nil, accuracy: nil)], notes: [])
    }

    /// Who each line is about; a line must say.
    private func members(_ column: Int) throws(Failure) -> (names: [String], places: [Int]) {
        var (order, places): ([String: Int], [Int]) = ([:], [])
        var names: [String] = []
        for row in 0..<table.rowCount {
            guard !table.columns[column].isMissing[row] else {
                throw Failure(
                    stage: .decode, code: "rating-without-\(column == columns.user ? "user" : "item")", file: table.text.name,
                    place: "line \(table.text.line(ofRow: row))", expected: "a cell under \(table.columns[column].name)", found: "none",
                    remedy: "Only values can be missing from ratings; say complete.form: table, if these are none.")
            }
            let name = table.text.cell(row: row, column: column)
            if order[name] == nil {
                order[name] = names.count
                names.append(name)
            }
            places.append(order[name] ?? 0)
        }
        return (names, places)
    }

    /// What a table beside the ratings says of their items or users, each named in its first column.
    private func features(of names: [String], _ what: String, in known: DataTable?) throws(Failure) -> Matrix<Double>? {
        guard let known else { return nil }
        let lines = MetadataFeatures.lines(of: names, in: known, column: 0)
        guard lines.contains(where: { $0 != nil }) else {
            throw Failure(
                stage: .decode, code: "unfit-metadata", file: known.text.name, expected: "\(what)s in the first column",
                found: "none of the \(what)s", remedy: "Write one line for each \(what), its name first as in the ratings.")
        }
        return MetadataFeatures(known, skipped: [0])?.rows(lines)
    }
}
