internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramSystem

/// Reads drops with labels.
struct LabelledDecoder {
    let settings: DropSettings

    /// Classes are confused pairwise: a table of a million counts can still be read by machines.
    private static let largestClassCount = 1000

    /// Whether the drop has labels, by its names and, for a table, its first line.
    static func claims(_ drop: DropContents) throws(Failure) -> Bool {
        if drop.isFolder { return drop.settings.kind.given == .classes }
        if TableDrop.isTable(drop.name) {
            do throws(MediaError) {
                let predict = drop.settings.predict
                let first = try DelimitedText.firstCells(path: drop.path)
                if labelColumn(of: first, settings: predict) != nil { return true }
                // Names that the first line does not have: of columns by their number, or after a line that declares the delimiter.
                let isDeclared = first.first?.lowercased().hasPrefix("sep=") ?? true
                let mayBeLast =
                    predict.label.given == nil
                    && !drop.companions.contains { name in
                        [".rows.csv", ".columns.csv"].contains { name.lowercased().hasSuffix($0) }
                    }
                guard predict.label.given != nil || isDeclared || mayBeLast else { return false }
                let text = try DelimitedText.read(path: drop.path, options: textOptions(drop.settings))
                if labelColumn(of: text.columnNames, settings: predict) != nil { return true }
                return mayBeLast ? lastColumn(of: try DataTable(text), settings: drop.settings) != nil : false
            } catch {
                // A table that cannot be read is refused by the job that reads tables, with its reason.
                return drop.settings.predict.label.given != nil
            }
        }
        return labelFile(of: drop) != nil
    }

    /// The labels beside an IDX file.
    static func labelFile(of drop: DropContents) -> String? {
        drop.companions.first { $0.lowercased().contains("labels") && $0.lowercased().contains("idx1") }
    }

    /// The column with labels: the one that settings name, else one that is called class, label or target, the last of several.
    static func labelColumn(of names: [String], settings: DropSettings.Predict) -> String? {
        if let given = settings.label.given { return names.contains(given) ? given : nil }
        return names.last { TableDrop.labelNames.contains($0.lowercased()) }
    }

    /// The last column of a table that names no label, where it can be nothing else: classes, in a table without a missing cell. Where the job
    /// is named, the last column it is.
    static func lastColumn(of table: DataTable, settings: DropSettings) -> String? {
        guard settings.predict.label.given == nil, table.columns.count > 1, let last = table.columns.last else { return nil }
        if settings.job.given == .predict { return last.name }
        guard table.missingCount == 0, case .categorical(let words) = last.kind else { return nil }
        var counts = Array(repeating: 0, count: words.count)
        for value in last.values { counts[Int(saturating: value)] += 1 }
        // A label that is seen once could be a comment.
        return words.count > 1 && counts.allSatisfy { $0 > 1 } && 4 * words.count <= table.rowCount ? last.name : nil
    }

    /// How tables are read: within the limits of the settings.
    static func textOptions(_ settings: DropSettings) -> DelimitedTextOptions {
        var options = DelimitedTextOptions()
        options.limits.maxFileByteCount = min(options.limits.maxFileByteCount, settings.limits.maxFileByteCount)
        return options
    }

    /// Reads the drop.
    /// - Throws: `Failure` of stage decode.
    func decode(_ drop: DropContents) throws(Failure) -> LabelledDrop {
        do throws(MediaError) {
            if drop.isFolder { return try checked(folder(drop), drop.name) }
            if TableDrop.isTable(drop.name) { return try checked(table(drop), drop.name) }
            return try checked(LabelledItems(settings: settings).pair(drop), drop.name)
        } catch {
            throw error.failure
        }
    }

    // MARK: Tables

    private func table(_ drop: DropContents) throws(MediaError) -> LabelledDrop {
        let text = try DelimitedText.read(path: drop.path, options: Self.textOptions(settings))
        let all = try DataTable(text)
        let named = Self.labelColumn(of: text.columnNames, settings: settings.predict)
        guard let label = named ?? Self.lastColumn(of: all, settings: settings) else {
            throw fault(
                drop.name, "no-label-column", expected: "a column called class, label or target, or the one that predict.label names",
                found: settings.predict.label.given.map { "no column \"\($0)\"" } ?? "columns \(Self.listed(text.columnNames))",
                remedy: "name the column with predict.label")
        }
        guard let column = all.column(named: label) else { preconditionFailure("A table has the columns of its text.") }
        try Self.requireFinite(all)
        let features = all.columns.filter { $0.name != label }
        var known = try target(of: column, drop.name)
        var columns = features.compactMap(RawColumn.init)
        var names = (0..<all.rowCount).map { "row \($0 + 1)" }
        var notes = text.notes + all.columns.compactMap(\.note)
        if named == nil { notes.append("The last column, \(label), is taken for the label; predict.label names another.") }
        let unused = features.filter { !$0.kind.isUsed }
        if !unused.isEmpty {
            notes.append(
                "Not used, since they say nothing about other rows: \(Self.listed(unused.map { "\($0.name) (\($0.kind.name))" })).")
        }
        if let companion = drop.companions.first(where: { $0.lowercased().hasSuffix(".predict.csv") }) {
            let more = try QuestionTable(
                path: drop.path(ofCompanion: companion), columns: columns.map(\.signature), options: Self.textOptions(settings))
            columns = zip(columns, more.columns).map { $0.appending($1) }
            names += (0..<more.count).map { "\(companion) row \($0 + 1)" }
            notes += more.notes
            known = known.appendingUnknown(more.count)
        }
        // What is wrong with the labels is said first: it is the nearer cause.
        var found = try checked(
            LabelledDrop(examples: .table(columns), target: known, targetName: label, names: names, notes: notes), drop.name)
        guard !columns.isEmpty else {
            throw fault(
                drop.name, "no-columns", expected: "a column besides the label that says something",
                found: "\(features.count) columns, none of which is used", remedy: "add columns of numbers or of words that repeat")
        }
        found.folds = try folds(drop, rowCount: all.rowCount)
        return found
    }

    /// Folds that are given: one number a row, equal ones are measured together.
    private func folds(_ drop: DropContents, rowCount: Int) throws(MediaError) -> [Int]? {
        guard let companion = drop.companions.first(where: { $0.lowercased().hasSuffix(".folds.csv") }) else { return nil }
        let text = try DelimitedText.read(path: drop.path(ofCompanion: companion), options: Self.textOptions(settings))
        guard text.rowCount == rowCount else {
            throw fault(
                companion, "fold-count", expected: "\(rowCount) folds, one for each row of \(drop.name)", found: "\(text.rowCount)",
                remedy: "give each row its fold, in the order of the rows")
        }
        let names = (0..<rowCount).map { text.cell(row: $0, column: 0) }
        let levels = Set(names).sorted()
        guard levels.count > 1, levels.count <= Self.largestFoldCount, !levels.contains("") else {
            throw fault(
                companion, "fold-count", expected: "2 to \(Self.largestFoldCount) different folds, and one for each row",
                found: "\(levels.count) of them" + (levels.contains("") ? ", one of which is empty" : ""), remedy: "name the folds 0, 1, …")
        }
        let places = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
        return names.map { places[$0] ?? 0 }
    }

    /// As many as `predict.folds` may be.
    private static let largestFoldCount = 20

    /// The largest number whose differences are still numbers.
    private static let largestNumber = 1e300

    /// Cells that are numbers without an end are no text, and differences of the largest numbers are no numbers.
    static func requireFinite(_ table: DataTable) throws(MediaError) {
        let words: Set<String> = ["inf", "-inf", "+inf", "infinity", "-infinity", "+infinity"]
        for (index, column) in table.columns.enumerated() {
            if column.kind.isOrdered, let row = column.values.firstIndex(where: { abs($0) > largestNumber }) {
                throw MediaError.malformed(
                    Failure(
                        stage: .decode, code: "too-large", file: table.text.name,
                        place: "line \(table.text.line(ofRow: row)), column \(column.name)",
                        expected: "numbers up to \(largestNumber)", found: "\(column.values[row])",
                        remedy: "Give the column in a larger unit."))
            }
            for row in 0..<table.rowCount where !column.isMissing[row] && !column.kind.isOrdered {
                let cell = table.text.cell(row: row, column: index).lowercased()
                // Among words infinity is one of them.
                guard words.contains(cell), isMostlyNumbers(column, index, of: table) else { continue }
                throw MediaError.malformed(
                    Failure(
                        stage: .decode, code: "non-finite", file: table.text.name,
                        place: "line \(table.text.line(ofRow: row)), column \(column.name)", expected: "finite numbers",
                        found: "\"\(cell)\"", remedy: "Write a number, or leave the cell empty where it is not known."))
            }
        }
    }

    private static func isMostlyNumbers(_ column: DataColumn, _ index: Int, of table: DataTable) -> Bool {
        let known = (0..<table.rowCount).filter { !column.isMissing[$0] }
        let numberCount = known.count { row in
            let cell = String(table.text.cell(row: row, column: index).map { $0 == "," ? "." : $0 })
            return Double(cell)?.isFinite == true
        }
        return 2 * numberCount >= known.count
    }

    private func target(of column: DataColumn, _ file: String) throws(MediaError) -> PredictionTarget {
        let isNumber: Bool
        switch settings.predict.task {
        case .value(.classification): isNumber = false
        case .value(.regression): isNumber = true
        case .auto:
            // What is called a class or a label is one, also where its names are numbers.
            let isNamedClass = ["class", "label"].contains(column.name.lowercased())
            if case .ordinal = column.kind { isNumber = column.name.lowercased() == "target" } else { isNumber = column.kind.isOrdered }
            guard isNumber, isNamedClass else { break }
            let values = Set(column.values.filter { !$0.isNaN })
            return try classes(of: column, file, distinct: values.count)
        }
        if isNumber {
            guard column.kind.isOrdered else {
                throw fault(
                    file, "target-not-numeric", expected: "numbers in column \(column.name)", found: "a column of kind \(column.kind.name)",
                    remedy: "set predict.task to classification, or correct the cells")
            }
            return .numbers(column.values.map { $0.isNaN ? nil : $0 })
        }
        return try classes(of: column, file, distinct: nil)
    }

    private func classes(of column: DataColumn, _ file: String, distinct: Int?) throws(MediaError) -> PredictionTarget {
        switch column.kind {
        case .categorical(let words):
            return .classes(column.values.map { $0.isNaN ? nil : Int(saturating: $0) }, names: words)
        case .numeric, .ordinal, .date:
            let levels = Set(column.values.filter { !$0.isNaN }).sorted()
            let places = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
            return .classes(column.values.map { $0.isNaN ? nil : places[$0] }, names: levels.map { column.text(of: $0) })
        case .text, .identifier:
            let known = column.isMissing.count { !$0 }
            throw fault(
                file, "label-is-identifier", expected: "labels that several rows share in column \(column.name)",
                found: "a column of kind \(column.kind.name), whose \(known) cells hardly repeat",
                remedy: "name the column with the labels with predict.label")
        case .empty:
            throw fault(
                file, "labels-missing", expected: "labels in column \(column.name)", found: "no known cell",
                remedy: "fill in the labels of the rows to learn from")
        }
    }

    // MARK: Pictures

    private func folder(_ drop: DropContents) throws(MediaError) -> LabelledDrop {
        let items = LabelledItems(settings: settings)
        if let drop = try items.folder(drop) { return drop }
        let set = try items.samples(drop.path)
        guard let groups = set.sequences, groups.count > 1 else {
            throw fault(
                drop.name, "one-class", expected: "a folder with a folder of pictures for each class",
                found: "\(set.sequences?.count ?? 0) folders of pictures", remedy: "put the pictures of each class into a folder of its own"
            )
        }
        var labels: [Int?] = []
        var names: [String] = []
        for (index, group) in groups.enumerated() {
            labels += group.map { _ in index }
            names.append(set.names[group.lowerBound].split(separator: "/").dropLast().last.map(String.init) ?? "class \(index + 1)")
        }
        // Pictures of no class: a folder that is called so.
        if let unknown = names.firstIndex(where: { ["unlabelled", "unlabeled", "unknown"].contains($0.lowercased()) }) {
            labels = labels.map { $0 == unknown ? nil : $0.map { $0 > unknown ? $0 - 1 : $0 } }
            names.remove(at: unknown)
        }
        return LabelledDrop(
            examples: .pictures(Self.matrix(set), shape: Self.shape(set)), target: .classes(labels, names: names), targetName: "class",
            names: set.names, notes: set.notes)
    }

    static func matrix(_ set: SampleSet) -> Matrix<Double> {
        Matrix(rowCount: set.count, columnCount: set.dimension, elements: set.values.map(Double.init))
    }

    static func shape(_ set: SampleSet) -> PictureShape? {
        set.previewFormat.map { PictureShape(height: $0.height, width: $0.width, channels: $0.colorKind.channelCount) }
    }

    // MARK: What is refused

    private func checked(_ drop: LabelledDrop, _ file: String) throws(MediaError) -> LabelledDrop {
        let known = drop.target.known
        guard !known.isEmpty else {
            throw fault(
                file, "labels-missing", expected: "examples with a \(drop.targetName)", found: "none",
                remedy: "fill in the labels of the examples to learn from")
        }
        switch drop.target {
        case .classes(let labels, let names):
            var counts = Array(repeating: 0, count: names.count)
            for label in labels { if let label { counts[label] += 1 } }
            let used = names.indices.filter { counts[$0] > 0 }
            guard used.count > 1 else {
                throw fault(
                    file, "one-class", expected: "two classes or more in \(drop.targetName)",
                    found: "\(known.count) examples of \(used.first.map { "\"\(names[$0])\"" } ?? "none")",
                    remedy: "add examples of another class")
            }
            guard used.count <= Self.largestClassCount else {
                throw fault(
                    file, "too-many-classes", expected: "at most \(Self.largestClassCount) classes in \(drop.targetName)",
                    found: "\(used.count) classes for \(known.count) examples",
                    remedy: "join classes, or for numbers set predict.task to regression")
            }
            guard 2 * used.count <= known.count else {
                throw fault(
                    file, "label-is-identifier", expected: "classes that several examples share in \(drop.targetName)",
                    found: "\(used.count) classes for \(known.count) examples", remedy: "name the column with the labels with predict.label"
                )
            }
            let singles = used.filter { counts[$0] == 1 }
            guard used.count - singles.count > 1 else {
                throw fault(
                    file, "single-example", expected: "two classes of two examples or more in \(drop.targetName)",
                    found: "one of " + Self.listed(singles.map { "\"\(names[$0])\"" }),
                    remedy: "add examples: one example can be learned from or be tested, not both")
            }
            if !singles.isEmpty {
                var noted = drop
                noted.notes.append(
                    "One example can be learned from or be tested, not both: \(Self.listed(singles.map { names[$0] })) "
                        + "\(singles.count == 1 ? "has" : "have") one, which counts as wrong where it is tested.")
                return noted
            }
        case .numbers(let values):
            let distinct = Set(values.compactMap { $0 })
            guard distinct.count > 1 else {
                throw fault(
                    file, "target-constant", expected: "a \(drop.targetName) that differs between examples",
                    found: "\(known.count) times \(distinct.first.map { "\($0)" } ?? "nothing")",
                    remedy: "there is nothing to predict; check the column")
            }
            guard known.count >= 5 else {
                throw fault(
                    file, "too-few", expected: "five examples or more with a \(drop.targetName)", found: "\(known.count)",
                    remedy: "add examples")
            }
        }
        return drop
    }

    private func fault(_ file: String?, _ code: String, expected: String, found: String, remedy: String) -> MediaError {
        .malformed(Failure(stage: .decode, code: code, file: file, expected: expected, found: found, remedy: remedy))
    }

    /// A few names, and how many more.
    static func listed(_ names: [String]) -> String {
        let shown = names.prefix(8).joined(separator: ", ")
        return names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
    }
}

extension PredictionTarget {
    /// The same with examples at the end whose target is to be predicted.
    fileprivate func appendingUnknown(_ count: Int) -> PredictionTarget {
        switch self {
        case .classes(let labels, let names): .classes(labels + Array(repeating: nil, count: count), names: names)
        case .numbers(let values): .numbers(values + Array(repeating: nil, count: count))
        }
    }
}
