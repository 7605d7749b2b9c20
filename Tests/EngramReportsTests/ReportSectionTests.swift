import Foundation
import Testing

@testable import EngramReports

/// A report is a header and sections: each section is one type under its key, and a new one is that type and one entry.
@Suite struct ReportSectionTests {
    /// What a later job would add.
    private struct Weather: ReportSection {
        static let key: String? = "weatherToday"
        var degrees: Double
    }

    private struct Wind: ReportSectionEntry {
        static let listKey = "winds"
        var speed: Int
    }

    private func read(_ json: String, _ types: [any ReportSection.Type]) throws -> ReportSections {
        struct Sections: Decodable {
            let value: ReportSections
            init(from decoder: any Decoder) throws {
                value = try ReportSections(
                    from: decoder, types: ReportSectionTests.key.flatMap { decoder.userInfo[$0] } as? [any ReportSection.Type] ?? [])
            }
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.userInfo[try #require(Self.key)] = types
        return try decoder.decode(Sections.self, from: Data(json.utf8)).value
    }

    private static let key = CodingUserInfoKey(rawValue: "types")

    @Test func aSectionIsReadUnderItsKeyAndOthersAreLeft() throws {
        let json = #"{"weather_today": {"degrees": 4}, "winds": [{"speed": 2}, {"speed": 3}], "later": {"x": 1}}"#
        let sections = try read(json, [Weather.self, [Wind].self])
        #expect(sections[Weather.self] == Weather(degrees: 4) && sections[[Wind].self]?.map(\.speed) == [2, 3])
        #expect(sections == ReportSections([Weather(degrees: 4), [Wind(speed: 2), Wind(speed: 3)]]))
        #expect(sections != ReportSections([Weather(degrees: 4)]) && sections != ReportSections([Weather(degrees: 5), [Wind(speed: 2)]]))
        #expect(try read("{}", [Weather.self, [Wind].self]) == ReportSections())
    }

    @Test(arguments: ["media", "network", "training", "attractors", "cycles", "recall", "seconds", "kind", "dimension", "threads", "notes"])
    func aReportWithoutARequiredPartIsRefused(key: String) throws {
        var object = try #require(JSONSerialization.jsonObject(with: SampleContent.report.json()) as? [String: Any])
        #expect(object.removeValue(forKey: key) != nil)
        let json = try JSONSerialization.data(withJSONObject: object)
        #expect(throws: ReportError.self) { try DropReport(json: json) }
    }

    @Test(arguments: ["recovery", "recovery_method", "spurious", "theory", "learnability", "playable", "interpretation", "job"])
    func aReportFromBeforeASectionIsRead(key: String) throws {
        var report = SampleContent.report
        report.recovery = SampleContent.recovery
        (report.recoveryMethod, report.spurious, report.theory) = (
            SampleContent.recoveryMethod, SampleContent.spurious, SampleContent.theory
        )
        report.learnability = SampleContent.learnability
        report.playable = [.init(path: "a.wav", kind: .audio, name: "a")]
        report.interpretation = .init(takenFor: "a film", because: "it moves")
        var object = try #require(JSONSerialization.jsonObject(with: report.json()) as? [String: Any])
        #expect(object.removeValue(forKey: key) != nil)
        let read = try DropReport(json: JSONSerialization.data(withJSONObject: object))
        #expect(read.name == report.name && read != report)
    }

    @Test func everySectionHasItsOwnKeyAndItsPanel() {
        for types in [DropReport.sectionTypes, RecallReport.sectionTypes] {
            let keys = types.map { $0.key ?? "" }
            #expect(Set(keys).count == keys.count)
        }
        #expect(DropReport.sectionTypes.count == 20 && RecallReport.sectionTypes.count == 3)
    }
}
