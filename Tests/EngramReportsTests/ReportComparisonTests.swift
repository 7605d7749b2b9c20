import EngramReports
import EngramSystem
import Foundation
import Testing

@Suite struct ReportComparisonTests {
    private func side(_ label: String, _ change: (inout DropReport) -> Void = { _ in }) throws -> ReportComparison.Side {
        var report = SampleContent.report
        change(&report)
        return .init(label: label, json: try report.json())
    }

    @Test func equalReportsHaveNoFigureThatDiffers() throws {
        let comparison = try ReportComparison(try side("a"), try side("b"))
        #expect(!comparison.figures.isEmpty && comparison.figures.allSatisfy { !$0.differs && $0.change == nil })
        #expect(comparison.job == "memorize")
        #expect(TagChecker.firstFault(in: comparison.html) == nil && comparison.html.contains("0 of"))
    }

    @Test func everyDifferenceIsNamedWithItsSize() throws {
        let comparison = try ReportComparison(
            try side("a"),
            try side("b") {
                $0.network.width = 16
                $0.recall[0].recovered = 15
                $0.versions["engram"] = "0.2.0"
                $0.versions["libpng"] = nil
            })
        let differing = comparison.figures.filter(\.differs)
        #expect(differing.map(\.name) == ["recall[uniform noise].recovered", "network.width", "versions.engram", "versions.libpng"])
        let width = try #require(differing.first { $0.name == "network.width" })
        #expect(width.a == "8" && width.b == "16" && width.change == "+8 (× 2.00)" && width.isNumber)
        let version = try #require(differing.last)
        #expect(version.a == "1.6.39" && version.b == "–" && version.change == nil && !version.isNumber)
    }

    /// A kind of start that only one report has is no reason for the others to be compared crosswise.
    @Test func membersOfListsAreComparedByWhatTheyAre() throws {
        let comparison = try ReportComparison(
            try side("a") { $0.recall = [SampleContent.noise(starts: 20, recovered: 20), SampleContent.cues] },
            try side("b") { $0.recall = [SampleContent.cues] })
        let cues = comparison.figures.filter { $0.name.hasPrefix("recall[corrupted 10 %]") }
        #expect(!cues.isEmpty && cues.allSatisfy { !$0.differs })
        let noise = comparison.figures.filter { $0.name.hasPrefix("recall[uniform noise]") }
        #expect(!noise.isEmpty && noise.allSatisfy { $0.b == "–" })
    }

    @Test func anythingButTwoReportsOfOneJobIsRefused() throws {
        let good = try side("a")
        for text in ["", "{", "[]", "{\"schema\": 3}"] {
            #expect(throws: ComparisonError.self) { try ReportComparison(good, .init(label: "b", json: Data(text.utf8))) }
        }
        let other = ReportComparison.Side(
            label: "b", json: Data(String(decoding: good.json, as: UTF8.self).replacingOccurrences(of: "memorize", with: "predict").utf8))
        let error = #expect(throws: ComparisonError.self) { try ReportComparison(good, other) }
        #expect(error?.description.contains("memorize") == true && error?.description.contains("predict") == true)
    }

    @Test func namesAreEscapedAndTheFormsSayTheSame() throws {
        let comparison = try ReportComparison(try side("<b>"), try side("\"c\"") { $0.samples = 4 })
        #expect(!comparison.html.contains("<b>") && comparison.html.contains("&lt;b&gt;"))
        let json = try JSONValue.parse(Array(comparison.json()))
        #expect(json["schema"]?.string == "engram-comparison/1" && json["a"]?["name"]?.string == "<b>")
        guard case .array(let figures) = json["figures"] else {
            Issue.record("no figures")
            return
        }
        #expect(figures.count == comparison.figures.count)
        #expect(figures.filter { $0["differs"] == .bool(true) }.compactMap { $0["name"]?.string } == ["samples"])
    }
}
