package import EngramMemories

extension DropSettings {
    /// Keys under `complete:`, what a guess about a table got wrong.
    package struct Complete: Codable, Equatable, Sendable {
        /// What stands between cells.
        package enum Delimiter: String, Codable, Sendable, CaseIterable {
            case comma, semicolon, tab, pipe

            /// Its byte.
            var byte: UInt8 {
                switch self {
                case .comma: UInt8(ascii: ",")
                case .semicolon: UInt8(ascii: ";")
                case .tab: UInt8(ascii: "\t")
                case .pipe: UInt8(ascii: "|")
                }
            }
        }

        /// How a table is to be taken.
        package enum Form: String, Codable, Sendable, CaseIterable {
            /// Rows are cases, columns are quantities.
            case table
            /// Each line is a user, an item and a value.
            case ratings
        }

        /// What stands between cells; `auto` goes by the text.
        package var delimiter: AutoOr<Delimiter> = .auto
        /// Whether the first line has names; `auto` unless it has numbers only.
        package var header: AutoOr<Bool> = .auto
        /// A table or ratings; `auto` goes by the columns' names.
        package var form: AutoOr<Form> = .auto
        /// Further markers of missing cells, with commas between them.
        package var missing: AutoOr<String> = .auto
        /// Names of columns of numbers, with commas between them; and so on.
        package var numeric: AutoOr<String> = .auto
        package var ordinal: AutoOr<String> = .auto
        package var categorical: AutoOr<String> = .auto
        package var date: AutoOr<String> = .auto
        package var text: AutoOr<String> = .auto
        /// Nonlinearities of the network; `auto` tries 1 and 3 on hidden cells.
        package var depth: AutoOr<Int> = .auto
        /// Rounds of imputation by kernels.
        package var rounds = 2
        /// Share of true values that intervals are to hold.
        package var coverage = 0.9
        /// Known cells named for each filled one.
        package var neighbours = 5
    }

    static let completeFields: [SettingsField<DropSettings>] = [
        .init("complete.delimiter", \.complete.delimiter, .choice(Complete.Delimiter.self).orAuto, "What stands between cells"),
        .init("complete.header", \.complete.header, .flag.orAuto, "Whether the first line has the columns' names"),
        .init(
            "complete.form", \.complete.form, .choice(Complete.Form.self).orAuto,
            "table: rows and columns; ratings: a user, an item and a value in each line; auto goes by the columns' names"),
        .init(
            "complete.missing", \.complete.missing, .text.orAuto,
            "What else stands for a missing cell, with commas between; an empty one, NA, N/A, #N/A, ?, NaN, nan, null and NULL always do"),
        .init("complete.numeric", \.complete.numeric, .text.orAuto, "Names of columns of numbers, with commas between"),
        .init(
            "complete.ordinal", \.complete.ordinal, .text.orAuto,
            "Names of columns of levels in an order, with commas between; words in their order after the name: grade(low<mid<high)"),
        .init("complete.categorical", \.complete.categorical, .text.orAuto, "Names of columns of levels without an order"),
        .init("complete.date", \.complete.date, .text.orAuto, "Names of columns of dates"),
        .init("complete.text", \.complete.text, .text.orAuto, "Names of columns that are left as they are"),
        .init(
            "complete.depth", \.complete.depth, .integer(1...64).orAuto,
            "Hidden layers of the infinitely wide network; auto tries 1 and 3 on hidden cells", own: .atMostGiven),
        .init(
            "complete.rounds", \.complete.rounds, .integer(1...8), "How often a table is filled from what was filled before",
            own: .atMostGiven),
        .init("complete.coverage", \.complete.coverage, .real(0.5...0.99), "Share of true values that intervals are to hold"),
        .init("complete.neighbours", \.complete.neighbours, .integer(0...50), "Known cells that are named for each filled one"),
    ]
}

extension DropSettings.Complete.Delimiter: SettingChoice {}
extension DropSettings.Complete.Form: SettingChoice {}
