import EngramDrops
import EngramReports
import Foundation
import Testing

@testable import engram

/// Nothing that failed may read as if it had not.
@Suite struct OutcomeTextTests {
    private static func outcome(_ grade: DropReport.Outcome.Grade) -> DropReport.Outcome {
        .init(grade: grade, text: "Nothing was recovered: none of the 3 pictures came back.")
    }

    @Test func theLastLineOfProcessSaysWhatCameBack() {
        func line(_ grade: DropReport.Outcome.Grade) -> String {
            ProcessCommand.line("film", JobSummary(Self.outcome(grade)), seconds: 3, output: "out")
        }
        #expect(line(.exact) == "film: done in 3 s, recalled exactly; open out/report.html")
        #expect(line(.notExact) == "film: done in 3 s, recalled, not bit-exact; open out/report.html")
        #expect(line(.partly).hasPrefix("film: done in 3 s, partly recalled: Nothing was recovered"))
        #expect(line(.notRecalled).hasPrefix("film: done in 3 s, not recalled: Nothing was recovered: none of the 3 pictures came back."))
    }

    @Test func aLongReasonIsCutAndSaysWhereTheRestIs() {
        let long = String(repeating: "key, ", count: 140_000)
        let shown = ReasonText.shown(long, whole: "outbox/rejected/a/error.json")
        #expect(shown.hasSuffix("… (all of it: outbox/rejected/a/error.json)") && shown.count < 460)
        #expect(ReasonText.shown("a short one", whole: "x") == "a short one")
        #expect(ReasonText.shown("wide \u{1b}[31m").contains("\u{1b}") == false)
        let exact = String(repeating: "a", count: ReasonText.columnCount)
        #expect(ReasonText.shown(exact) == exact && ReasonText.shown(exact + "a") != exact + "a")
    }

    @Test func reasonsNameDropsAndNotWorkFolders() {
        let paths = ReasonPaths([
            ("/s/work/7/input/film", "film"), ("/s/work/7/input/film.drop.yml", "film.drop.yml"), ("/s/work/7/output/t", "the result"),
            (nil, "none"),
        ])
        let failure = Failure(
            stage: .decode, code: "c", file: "/s/work/7/input/film/a.png", message: "/s/work/7/input/film.drop.yml: wrong",
            found: "/s/work/7/output/t/report.html")
        let named = paths.named(failure)
        #expect(named.file == "film/a.png" && named.message == "film.drop.yml: wrong" && named.found == "the result/report.html")
    }

    @Test func programsAndPeopleReadTheSameGrades() throws {
        #expect(DropReport.Outcome.Grade.allCases.map(\.rawValue) == ["exact", "not-exact", "partly", "not-recalled"])
        let json = try JSONEncoder().encode(Self.outcome(.notRecalled))
        #expect(try JSONDecoder().decode(DropReport.Outcome.self, from: json).grade == .notRecalled)
    }
}
