@testable import EngramReports
import Testing

/// Nobody is kept from a page by how it is read.
@Suite struct AccessibilityTests {
    private static let digest: String = {
        var content = DigestContent(
            title: "2026-11-21", span: "a to b", published: [.init(name: "a", moment: "now", detail: "d", link: "./a/report.html")],
            reused: [], rejected: [.init(name: "b", moment: "now", detail: "why")], waiting: [], damaged: [], soundCount: 3,
            verifiedAt: "today")
        content.use = .init(workSeconds: 60, publishedBytes: 1, resultBytes: 2, archiveBytes: 3, freeBytes: 4)
        content.nights = (1...30).map { .init(day: "2026-11-\($0)", published: $0, rejected: 1, workSeconds: 60, damaged: $0 % 2) }
        return content.html
    }()

    private static func comparison() throws -> String {
        var other = SampleContent.report
        other.samples = 5
        return try ReportComparison(
            .init(label: "a", json: try SampleContent.report.json()), .init(label: "b", json: try other.json())
        ).html
    }

    @Test func everyPageIsFreeOfFaults() throws {
        for page in [ReportPage(SampleContent.full(named: "film")).markup.source, Self.digest, try Self.comparison()] {
            #expect(AccessibilityChecker.faults(in: page).isEmpty, "\(AccessibilityChecker.faults(in: page))")
        }
    }

    /// Text needs 4.5 to 1 on every ground that it stands on, in light and dark and on paper.
    @Test func everyTextHasContrast() throws {
        let page = Self.digest
        let palettes = AccessibilityChecker.palettes(of: page)
        #expect(palettes.count == 3)
        let light = try #require(palettes.first)
        for palette in palettes.map({ light.merging($0) { _, own in own } }) {
            for (text, grounds) in [
                ("--ink", ["--paper", "--panel", "--faint"]), ("--soft", ["--paper", "--panel"]), ("--accent", ["--paper"]),
                ("--good", ["--good-soft", "--paper"]), ("--warn", ["--warn-soft", "--paper", "--panel"]),
                ("--bad", ["--bad-soft", "--paper", "--panel"]),
            ] {
                for ground in grounds {
                    let contrast = try #require(
                        AccessibilityChecker.contrast(palette[text] ?? "", palette[ground] ?? ""), "\(text) on \(ground)")
                    #expect(contrast >= 4.5, "\(text) on \(ground): \(contrast)")
                }
            }
        }
    }

    /// WCAG's own figures: black on white is 21, #767676 the lightest grey that passes.
    @Test func contrastIsThatOfTheStandard() throws {
        #expect(abs(try #require(AccessibilityChecker.contrast("#000", "#ffffff")) - 21) < 1e-9)
        #expect(abs(try #require(AccessibilityChecker.contrast("#767676", "#fff")) - 4.54) < 0.005)
        #expect(AccessibilityChecker.contrast("red", "#fff") == nil)
    }

    @Test(arguments: [
        ("<html><head><title>t</title>", "no language"), ("<h1>a</h1><h3>b</h3>", "h3 follows h1"),
        ("<img src=\"a\">", "a picture has no text"),
        ("<svg class=\"x\">", "a drawing has no text"), ("<table><tr><td>1</td></tr></table>", "a table has no heads"),
        ("<th>a</th>", "a head has no scope"), ("<div role=\"region\">", "a region has no name"),
        ("<p id=\"a\"><p id=\"a\">", "two elements are called a"),
        ("<section aria-labelledby=\"b\">", "named by b, which is not there"), ("<audio src=\"a\">", "a player has no controls"),
        ("<h1>a</h1><h1>b</h1>", "2 main headings"), ("", "no main landmark"),
    ])
    func theCheckerSeesFaults(page: String, fault: String) {
        #expect(AccessibilityChecker.faults(in: page).contains { $0.contains(fault) }, "\(AccessibilityChecker.faults(in: page))")
    }

    /// What a page weighs: two thousand items open at once.
    @Test(arguments: [2, 5000])
    func aPageOfManyItemsIsSmall(count: Int) throws {
        var content = SampleContent.full(named: "film")
        content.report.samples = count
        content.examples = (0..<count).map {
            ExampleVerdict(
                name: "item \($0)", spectralRadius: Double($0 % 97) / 100, operatorNorm: 1.5, residual: 1e-8, isAttractor: true,
                recovered: $0 % 50 != 1, exact: $0 % 50 > 2)
        }
        let page = ReportPage(content).markup.source
        #expect(page.utf8.count < 5_000_000 && TagChecker.firstFault(in: page) == nil, "\(page.utf8.count) bytes")
        #expect(AccessibilityChecker.faults(in: page).isEmpty)
    }

    @Test func aCriterionIsSaidOnceHoweverManyStartsHaveIt() {
        var content = SampleContent.full(named: "film")
        var other = SampleContent.cues
        other.criterion = "it is its own"
        content.report.recall = [SampleContent.noise(starts: 20, recovered: 20), SampleContent.noise(starts: 10, recovered: 9), other]
        let page = ReportPage(content).markup.source
        #expect(page.ranges(of: "every frame has an MSE below 1e-7").count == 1 && page.ranges(of: "it is its own").count == 1)
        #expect(page.contains("<li>corrupted 10 %: recovered when it is its own</li>"))
    }

    @Test func theNetworkStandsBesideWhatItHolds() {
        // 148 parameters are 592 bytes; three frames of four 8-bit samples are 12.
        let page = ReportPage(SampleContent.full(named: "film")).markup.source
        #expect(page.contains("592 B") && page.contains("148 parameters; 49 times the 12 B that the frames take uncompressed"))
    }

    @Test func howItWasMadeStandsBelowAndNotAmongWhatMatters() {
        var content = SampleContent.full(named: "film")
        content.report.notes = ["this changes what you believe"]
        content.report.training.remarks = ["this is how it was made"]
        let page = ReportPage(content).markup.source
        let (notes, remarks, settings) = (
            page.ranges(of: "this changes what you believe"), page.ranges(of: "this is how it was made"), page.ranges(of: "id=\"settings\"")
        )
        #expect(notes.count == 1 && remarks.count == 1)
        #expect((remarks.first?.lowerBound).map { $0 > settings[0].lowerBound } == true)
    }
}
