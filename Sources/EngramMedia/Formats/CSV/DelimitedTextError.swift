internal import EngramSystem

/// What a delimited text is refused for, each with its line. Lines count from 1, those inside quotes too.
enum DelimitedTextError {
    static func raggedRow(file: String, line: Int, expected: Int, found: Int) -> MediaError {
        refusal(
            file, code: "ragged-row", place: "line \(line)", expected: "\(cells(expected)), as in the first line", found: cells(found),
            remedy: "Give every line the same number of cells; a cell that contains the delimiter or a line break stands in quotes.")
    }

    static func duplicateHeader(file: String, line: Int, name: String, first: Int, second: Int) -> MediaError {
        refusal(
            file, code: "duplicate-header", place: "line \(line)", expected: "a name of its own for each column",
            found: "\"\(name)\" above columns \(first) and \(second)", remedy: "Rename one of the two.")
    }

    static func openQuote(file: String, line: Int) -> MediaError {
        refusal(
            file, code: "open-quote", place: "line \(line)", expected: "a quote that closes the cell", found: "the end of the file",
            remedy: "Close the quote, or write a quote inside a quoted cell twice.")
    }

    static func textAfterQuote(file: String, line: Int) -> MediaError {
        refusal(
            file, code: "text-after-quote", place: "line \(line)", expected: "a delimiter or the end of the line after a closing quote",
            found: "more text", remedy: "Write a quote inside a quoted cell twice.")
    }

    static func notText(file: String, line: Int) -> MediaError {
        refusal(
            file, code: "not-text", place: "line \(line)", expected: "text in UTF-8, Latin-1 or Windows-1252", found: "a byte of value 0",
            remedy: "Save the table as CSV in UTF-8; UTF-16 and binary files are not read.")
    }

    static func tooManyColumns(file: String, line: Int, limit: Int) -> MediaError {
        overLimit(file, line: line, expected: "at most \(limit) columns", found: "more", remedy: "Drop a part of the columns.")
    }

    static func largeCell(file: String, line: Int, limit: Int) -> MediaError {
        overLimit(
            file, line: line, expected: "cells of at most \(limit) bytes", found: "a larger one",
            remedy: "Look for a quote that is not closed, or leave the column out.")
    }

    static func tooManyCells(file: String, line: Int, limit: Int) -> MediaError {
        overLimit(file, line: line, expected: "at most \(limit) cells", found: "more", remedy: "Drop a part of the table.")
    }

    static func tooLarge(file: String, limit: Int, found: Int) -> MediaError {
        refusal(
            file, code: "over-limit", place: nil, expected: "a table of at most \(limit) bytes", found: "\(found) bytes",
            remedy: "Drop a part of the table.")
    }

    static func empty(file: String, found: String) -> MediaError {
        refusal(
            file, code: "empty", place: nil, expected: "a line of column names and at least one row", found: found,
            remedy: "Put the table in and drop it again.")
    }

    private static func overLimit(_ file: String, line: Int, expected: String, found: String, remedy: String) -> MediaError {
        refusal(file, code: "over-limit", place: "line \(line)", expected: expected, found: found, remedy: remedy)
    }

    private static func refusal(
        _ file: String, code: String, place: String?, expected: String, found: String, remedy: String
    ) -> MediaError {
        .malformed(Failure(stage: .decode, code: code, file: file, place: place, expected: expected, found: found, remedy: remedy))
    }

    private static func cells(_ count: Int) -> String { count == 1 ? "1 cell" : "\(count) cells" }
}
