/// A table of published against measured.
package struct ExperimentTable: Codable, Equatable, Sendable {
    /// How a measured value compares.
    package enum Tone: String, Codable, Sendable {
        /// At least as good as published, or as theory says.
        case good
        /// Near, or not comparable at this scale.
        case warn
        /// Worse than published, or not as theory says.
        case bad
    }

    /// One entry.
    package struct Cell: Codable, Equatable, Sendable {
        /// As shown.
        package var text: String
        /// The number in it, if it is one.
        package var value: Double?
        /// How it compares, where that can be said.
        package var tone: Tone?

        /// An entry.
        package init(_ text: String, value: Double? = nil, tone: Tone? = nil) {
            self.text = text
            self.value = value
            self.tone = tone
        }
    }

    /// What is compared.
    package var title: String
    /// How to read it.
    package var caption: String
    /// One heading for each column.
    package var columns: [String]
    /// How many leading columns name the row.
    package var labelCount: Int
    /// As many entries each as there are columns.
    package private(set) var rows: [[Cell]]

    /// A table without rows.
    package init(title: String, caption: String, columns: [String], labelCount: Int = 1) {
        self.title = title
        self.caption = caption
        self.columns = columns
        self.labelCount = labelCount
        rows = []
    }

    /// Adds a row, one entry for each column.
    package mutating func append(_ row: [Cell]) {
        precondition(row.count == columns.count, "A row of \(row.count) does not fit \(columns.count) columns.")
        rows.append(row)
    }

    /// The table for a terminal: columns padded, labels left-aligned, the others right-aligned, two spaces between. In columns that
    /// compare, `+` stands for good and `-` for bad.
    package var text: String {
        let comparing = columns.indices.map { column in
            column >= labelCount && rows.contains { $0[column].tone == .good || $0[column].tone == .bad }
        }
        let cells = [columns] + rows.map { row in zip(row, comparing).map { $0.0.text + ($0.1 ? Self.mark($0.0.tone) : "") } }
        let widths = columns.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        let lines = cells.map { row in
            let padded = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column < labelCount ? text + space : space + text
            }
            return Self.trimmed(padded.joined(separator: "  "))
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")
        return ([title, lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }

    private static func mark(_ tone: Tone?) -> String {
        switch tone {
        case .good: " +"
        case .bad: " -"
        case .warn, nil: "  "
        }
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
