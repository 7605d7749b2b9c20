import EngramMedia
import EngramMemories
import EngramReports
import EngramSystem
import Foundation
import Testing

@testable import EngramPipeline

@Suite struct CompleteJobTests {
    private let context = DropProcessor.Context(
        dropName: "t.csv", threadCount: 1, versions: [:], command: "engram complete t.csv --output completed", monotonicSeconds: { 0 })

    /// A folder with drops and a place for results; gone after the test.
    private final class Place {
        let path = NSTemporaryDirectory() + "engram-complete-" + UUID().uuidString
        var output: String { path + "/out" }

        init() throws { try FileManager.default.createDirectory(atPath: path + "/out", withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name)) }
        func read(_ name: String) throws -> String { try String(contentsOfFile: output + "/" + name, encoding: .utf8) }
    }

    private func run(
        _ text: String, rows: String? = nil, columns: String? = nil, context: DropProcessor.Context? = nil,
        settings change: (inout DropSettings) -> Void = { _ in }, in place: Place
    ) throws -> CompletionReport {
        try place.write("t.csv", text)
        if let rows { try place.write("t.rows.csv", rows) }
        if let columns { try place.write("t.columns.csv", columns) }
        var settings = DropSettings()
        change(&settings)
        let drop = DropContents(path: place.path + "/t.csv", name: "t.csv", settings: settings)
        return try CompleteJob(settings: settings, context: context ?? self.context).run(drop, into: place.output)
    }

    private func failure(
        _ text: String, rows: String? = nil, columns: String? = nil, settings change: (inout DropSettings) -> Void = { _ in }
    ) throws -> Failure? {
        let place = try Place()
        do {
            _ = try run(text, rows: rows, columns: columns, settings: change, in: place)
            return nil
        } catch let failure as Failure {
            return failure
        }
    }

    /// y = 2x with a colour that says whether x is above 20 and a date that counts with x: gaps can be told.
    private static func table(end: String = "\r\n") -> String {
        let lines = (0..<40).map { row -> String in
            let x = row == 7 ? "" : "\(row),50"
            let y = row == 12 ? "NA" : "\"\(2 * row + 1),0\""
            let colour = row == 30 ? "?" : row > 20 ? "=warm" : "cold"
            let day = row == 17 ? "" : "\(row % 28 + 1 < 10 ? "0" : "")\(row % 28 + 1).0\(row / 28 + 1).2024"
            return "\(x);\(y);\(colour);\(day)"
        }
        return (["x;y;colour;day"] + lines).map { $0 + end }.joined()
    }

    @Test func gapsAreFilledAndEveryKnownByteStays() throws {
        let place = try Place()
        let report = try run(Self.table(), in: place)
        #expect(report.table.missing == 4 && report.table.filled == 4 && report.table.delimiter == "semicolon" && report.summary.isSuccess)
        #expect(report.columns.map(\.kind) == ["numeric", "numeric", "categorical", "date"])
        let completed = try place.read("completed.csv")
        let (before, after) = (Self.table().components(separatedBy: "\r\n"), completed.components(separatedBy: "\r\n"))
        #expect(before.count == after.count)
        var filled: [Int: [String]] = [:]
        for (row, pair) in zip(before, after).enumerated() {
            let (a, b) = (pair.0.components(separatedBy: ";"), pair.1.components(separatedBy: ";"))
            for (x, y) in zip(a, b) where x != y {
                #expect(["", "NA", "?"].contains(x))
                filled[row, default: []].append(y)
            }
        }
        #expect(filled.keys.sorted() == [8, 13, 18, 31])
        // Spelled as their columns are: two digits after a comma, quotes, a word of the file, a date of its own form.
        let x = try #require(filled[8]?.first)
        #expect(x.hasSuffix("0") || x.contains(",") && x.split(separator: ",")[1].count == 2)
        #expect(
            (Double(x.replacing(",", with: ".")) ?? .nan).magnitude.isFinite
                && ((Double(x.replacing(",", with: ".")) ?? 0) - 7.5).magnitude < 3)
        let y = try #require(filled[13]?.first)
        #expect(y.hasPrefix("\"") && y.hasSuffix(",0\"") || y.contains(","))
        #expect(filled[31] == ["=warm"])
        #expect(filled[18]?.first?.split(separator: ".").count == 3)
    }

    @Test func everyFileOfTheResultIsThereAndReportCanBeReadAgain() throws {
        let place = try Place()
        let report = try run(Self.table(), in: place)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: place.output).sorted()
                == ["completed.csv", "neighbours.csv", "report.html", "report.json", "settings.yml", "uncertainty.csv"])
        #expect(try CompletionReport(json: Data(try place.read("report.json").utf8)) == report)
        #expect(try GeneralReport(json: Data(try place.read("report.json").utf8)).summary.headline == "4 missing cells filled")
        let uncertainty = try DelimitedText(Array(try place.read("uncertainty.csv").utf8), name: "uncertainty.csv")
        #expect(uncertainty.rowCount == 4 && uncertainty.columnNames.count == 8)
        // A word that begins like a formula is text in our own tables, and only there.
        #expect((0..<4).contains { uncertainty.cell(row: $0, column: 2) == "'=warm" })
        #expect(try place.read("completed.csv").contains(";=warm;"))
        let neighbours = try DelimitedText(Array(try place.read("neighbours.csv").utf8), name: "neighbours.csv")
        #expect(neighbours.rowCount > 4 && neighbours.rowCount <= 4 * 5)
        let html = try place.read("report.html")
        #expect(html.contains("Where cells were missing") && html.contains("What each prior contributes") && !html.contains("<script"))
    }

    @Test func theSameTableGivesTheSameBytes() throws {
        let (first, second) = (try Place(), try Place())
        _ = try run(Self.table(end: "\n"), in: first)
        _ = try run(Self.table(end: "\n"), in: second)
        for name in ["completed.csv", "uncertainty.csv", "neighbours.csv", "report.json", "report.html"] {
            #expect(try first.read(name) == second.read(name), "\(name)")
        }
    }

    @Test func badTablesAreRefusedWithAReason() throws {
        let codes: [(String, String)] = [
            ("a,b\n1,2\n3\n", "ragged-row"), ("a,a\n1,2\n3,\n", "duplicate-header"), ("a,b\n1,2\n3,4\n", "nothing-missing"),
            ("a,b\n,\n,\n", "everything-missing"), ("a,b\n1,\n3,\n4,\n", "empty-column"), ("", "empty"), ("a,b\n", "empty"),
            ("a,b\n1,\"2\n", "open-quote"), ("n,b\nAnn,1\nBob,2\n,3.5\nCy,4.5\nDi,6\n", "nothing-missing"),
            (String(repeating: ",", count: 100_000) + "\n", "over-limit"), ("a,b\n1,\0\n", "not-text"),
        ]
        for (text, code) in codes {
            let found = try failure(text)
            #expect(found?.code == code, "\(text.prefix(30).debugDescription): \(String(describing: found))")
            #expect(found.map { !$0.message.isEmpty && !$0.isRetryable } == true)
        }
        #expect(try failure("a,b\n1,\n3,4\n5,6\n", rows: "z\n1\n2\n")?.code == "unfit-metadata")
        #expect(try failure("a,b\n1,\n3,4\n5,6\n", columns: "name,unit\nq,1\n")?.code == "unfit-metadata")
        #expect(try failure("a,b\n1,\n3,4\n5,6\n") { $0.complete.numeric = .value("c") }?.code == "unknown-column")
        #expect(try failure("a,b\n1,\nx,4\n5,6\n") { $0.complete.numeric = .value("a") }?.code == "cell-contradicts-column")
        #expect(try failure("a,b\n1,\nx,4\n5,6\n") { $0.complete.ordinal = .value("a(x)") }?.code == "bad-levels")
        let small = try failure(Self.table()) { $0.limits.maxMemoryByteCount = .value(1000) }
        #expect(small?.code == "memory" && small?.message.contains("limits.max_memory") == true)
    }

    @Test func constantColumnsAreFilledAndSaidAndTextIsLeft() throws {
        let place = try Place()
        let names = ["Ann", "Bob", "Cy", "Di", "Eve", ""]
        let lines = (0..<6).map { "\(names[$0]),\($0 == 2 ? "" : "5"),\(Double($0) + 0.5)\n" }
        let report = try run("name,k,v\n" + lines.joined(), in: place)
        #expect(report.table.missing == 2 && report.table.filled == 1 && report.summary.outcome == "partly")
        #expect(report.notes.contains("Column k has one value only; its missing cells get it."))
        #expect(report.notes.contains("Column name holds text; its 1 missing cells stay as they are."))
        #expect(try place.read("completed.csv").contains("Cy,5,2.5\n"))
    }

    @Test func furtherMarkersAreAddedToTheUsualOnes() throws {
        let place = try Place()
        let lines = (0..<12).map { "\($0 == 2 ? "NA" : $0 == 5 ? "-99" : "\($0)"),\(3 * $0 + 1).5\n" }
        let report = try run("a,b\n" + lines.joined(), settings: { $0.complete.missing = .value("-99") }, in: place)
        #expect(report.table.missing == 2 && report.table.filled == 2)
        #expect(try DropSettings(file: SettingsFile(path: place.output + "/settings.yml")).complete.missing == .value("-99"))
    }

    @Test func metadataOfTabSeparatedTablesAreTaken() throws {
        let place = try Place()
        let lines = (0..<30).map { "k\($0)\t\($0 % 7 == 3 ? "" : "\($0 % 10).5")\n" }
        try place.write("t.tsv", "id\tv\n" + lines.joined())
        try place.write("t.rows.tsv", "id\tw\n" + (0..<30).map { "k\($0)\t\(2 * ($0 % 10)).25\n" }.joined())
        let settings = DropSettings()
        let drop = DropContents(path: place.path + "/t.tsv", name: "t.tsv", settings: settings)
        let report = try CompleteJob(settings: settings, context: context).run(drop, into: place.output)
        #expect(report.priors.contains { $0.name == "what is known of the rows" })
    }

    @Test func metadataOfRowsHelps() throws {
        // What the row's metadata says is all that there is to know.
        let keys = (0..<60).map { "k\($0)" }
        func value(_ row: Int) -> Double { Double(row % 10) }
        let text = "id,v\n" + keys.enumerated().map { "\($1),\($0 % 7 == 3 ? "" : "\(value($0))")\n" }.joined()
        // In another order, so that keys must be looked up.
        let rows = "id,w\n" + keys.enumerated().reversed().map { "\($1),\(2 * value($0) + 0.5)\n" }.joined()
        let (plain, known) = (try Place(), try Place())
        let without = try run(text, in: plain)
        let with = try run(text, rows: rows, in: known)
        #expect(with.intervals.heldOutError < 0.3 * without.intervals.heldOutError)
        let completed = try DelimitedText(Array(try known.read("completed.csv").utf8), name: "c.csv")
        for row in stride(from: 3, to: 60, by: 7) {
            #expect(((Double(completed.cell(row: row, column: 1)) ?? .nan) - value(row)).magnitude < 1)
        }
    }

    @Test func longFormIsRecognised() throws {
        let place = try Place()
        func rating(_ user: Int, _ item: Int) -> Int { user % 2 == item % 2 ? 4 : 2 }
        var lines: [String] = []
        for user in 0..<20 {
            for item in 0..<12 where (user * 5 + item * 3) % 4 != 0 {
                let isWanted = (user * 7 + item) % 11 == 0
                lines.append("u\(user),i\(item),\(isWanted ? "" : "\(rating(user, item))")\n")
            }
        }
        let text = "user,item,value\n" + lines.joined()
        let kinds = (0..<12).map { "i\($0),\($0 % 2 == 0 ? "even" : "odd")\n" }
        let report = try run(text, columns: "item,kind\n" + kinds.joined(), in: place)
        #expect(report.table.form == "ratings" && report.table.filled == report.table.missing)
        let (before, after) = (text.split(separator: "\n"), try place.read("completed.csv").split(separator: "\n"))
        for (a, b) in zip(before, after) where a != b {
            let parts = b.split(separator: ",")
            let (user, item) = (Int(parts[0].dropFirst()) ?? 0, Int(parts[1].dropFirst()) ?? 0)
            #expect(parts[2] == "\(rating(user, item))", "\(b)")
        }
        #expect(try failure(text) { $0.limits.maxMemoryByteCount = .value(1000) }?.code == "memory")
        // The same lines as a table: users and items are then columns like others.
        let other = try Place()
        let asTable = try run(text, settings: { $0.complete.form = .value(.table) }, in: other)
        #expect(asTable.table.form == "table")
    }

    @Test func itStopsWhenCancelledAndTellsHowFarItIs() throws {
        let place = try Place()
        var cancelled = context
        cancelled.isCancelled = { true }
        #expect(throws: CancellationError.self) { try run(Self.table(), context: cancelled, in: place) }
        let said = Said()
        var telling = context
        telling.onProgress = { said.add($0) }
        let clock = Said()
        telling.monotonicSeconds = { clock.tick() }
        _ = try run(Self.table(), context: telling, in: place)
        let shares = said.all.filter { $0.stage == .train }.compactMap(\.fraction)
        #expect(shares == shares.sorted() && (shares.last ?? 0) > 0.9 && Set(shares).count > 5)
        #expect(said.all.last?.outcome == "4 missing cells filled")
    }

    private final class Said: @unchecked Sendable {
        // One thread writes and reads.
        var all: [PipelineProgress] = []
        private var seconds = 0.0
        func add(_ progress: PipelineProgress) { all.append(progress) }
        func tick() -> Double {
            seconds += 0.3
            return seconds
        }
    }

    @Test func tablesWithALabelAndOtherFilesAreNotClaimed() throws {
        let place = try Place()
        func claims(_ name: String, _ text: String) throws -> Bool {
            try place.write(name, text)
            return try CompleteJob.claims(DropContents(path: place.path + "/" + name, name: name, settings: DropSettings()))
        }
        #expect(try claims("a.csv", "x,y\n1,\n") && claims("A.CSV", "x;y\n1;2\n") && claims("a.tsv", "x\ty\n1\t\n"))
        #expect(try !claims("a.csv", "x,class\n1,\n") && !claims("a.csv", "x;Label\n1;2\n") && !claims("a.txt", "x,y\n1,\n"))
        #expect(try claims("a.csv", "x,\"open\n1,\n"))
        // The line that names the delimiter is not the line of names.
        #expect(try !claims("a.csv", "sep=;\nx;class\n1;\n") && claims("a.csv", "sep=;\nx;y\n1;\n"))
        #expect(try !CompleteJob.claims(DropContents(path: place.path, name: "folder.csv", settings: DropSettings())))
    }
}
