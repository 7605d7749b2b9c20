import Foundation
import Testing

@testable import EngramReports

@Suite struct ExperimentReportTests {
    private static func report() -> ExperimentReport {
        var table = ExperimentTable(title: "Counts <b>", caption: "One of two cells.", columns: ["cell", "published", "measured"])
        table.append([.init("512x6"), .init("12", value: 12), .init("100/100", value: 100, tone: .good)])
        table.append([.init("128x1"), .init("NA"), .init("NA, \"quoted\"", value: .infinity, tone: .bad)])
        let map = ExperimentFigure.Map(
            horizontal: 0...1, vertical: 0...2, columnCount: 2,
            cells: [0, 1, ExperimentFigure.Map.elsewhere, 0, 0, ExperimentFigure.Map.unsettled], groups: ["one", "two"],
            points: [.init(u: 0, v: 0, group: 0, label: "a"), .init(u: 1, v: 2, group: 1, label: "b")],
            arrows: [.init(u: 0, v: 0, du: 0.1, dv: 0.2), .init(u: 1, v: 1, du: 0, dv: 0), .init(u: 1, v: 1, du: .nan, dv: 0)],
            areCycles: true)
        return ExperimentReport(
            name: "fig0", title: "A title & more", source: "[KEY] Fig. 0", scaleNote: "One of two cells, 10 epochs.", findings: ["More."],
            notes: ["A note."], settings: [.init("Network", "small")], tables: [table],
            figures: [
                .init(
                    title: "Curves", caption: "c",
                    curves: .init(
                        xTitle: "x", yTitle: "y", isLogarithmic: true,
                        series: [.init(name: "s<1>", x: [1, 10, 100], y: [0, .nan, 2])], references: [.init(y: 1, label: "limit")])),
                .init(
                    title: "Histograms", caption: "h",
                    histograms: .init(
                        xTitle: "x", lower: 0, upper: 3, limit: 1, columnCount: 2,
                        panels: [.init(name: "p", values: [0.05, 0.05, 2.95, 99, -1, .nan])])),
                .init(title: "Map", caption: "m", map: map),
            ], command: "engram reproduce fig0", seed: 1, threads: 2, seconds: 3, versions: ["engram": "0"])
    }

    @Test func pageIsWellFormedSelfContainedAndHoldsEverything() throws {
        let page = String(decoding: Self.report().html, as: UTF8.self)
        #expect(TagChecker.firstFault(in: page) == nil)
        for part in [
            "A title &amp; more", "Counts &lt;b&gt;", "[KEY] Fig. 0", "One of two cells, 10 epochs.", "s&lt;1&gt;", "engram reproduce fig0",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(!page.contains("<script") && !page.contains("http://") && !page.contains("https://"))
        #expect(page.components(separatedBy: "role=\"img\"").count - 1 == 3)
        #expect(!page.contains("nan") && !page.contains("inf"))
    }

    @Test func jsonReadsBackWithItsInfinities() throws {
        let report = Self.report()
        let object = try #require(try JSONSerialization.jsonObject(with: try report.json()) as? [String: Any])
        #expect(object["scale_note"] as? String == report.scaleNote)
        let tables = try #require(object["tables"] as? [[String: Any]])
        let rows = try #require(tables[0]["rows"] as? [[[String: Any]]])
        #expect(rows[0][2]["value"] as? Double == 100 && rows[1][2]["value"] as? String == "inf")
    }

    @Test func csvHasOneRowForEveryMeasuredCell() {
        let lines = Self.report().csv.split(separator: "\r\n").map(String.init)
        #expect(
            lines == [
                "table,row,column,text,value", "Counts <b>,512x6,published,12,12.0", "Counts <b>,512x6,measured,100/100,100.0",
                "Counts <b>,128x1,published,NA,", "Counts <b>,128x1,measured,\"NA, \"\"quoted\"\"\",inf",
            ])
    }

    @Test func terminalTableLinesUp() {
        let expected = [
            "Counts <b>",
            "cell   published        measured",
            "-----  ---------  --------------",
            "512x6         12       100/100 +",
            "128x1         NA  NA, \"quoted\" -",
        ]
        #expect(Self.report().tables[0].text == expected.joined(separator: "\n"))
    }

    @Test func histogramCountsEveryNumberAtItsPlace() {
        guard let histograms = Self.report().figures[1].histograms else { return }
        let counts = HistogramPanels(histograms: histograms).counts(of: histograms.panels[0].values)
        // 30 bins of 0.1: both 0.05 and the -1 beyond the axis in the first, 2.95 and 99 in the last, NaN nowhere.
        #expect(counts[0] == 3 && counts[29] == 2 && counts.reduce(0, +) == 5)
    }

    /// The cells' paths cover the drawing: the areas of the merged rectangles add up to it.
    @Test func basinPathsCoverTheDrawingOnce() throws {
        let map = try #require(Self.report().figures[2].map)
        let markup = try #require(BasinPlot(map: map).markup(label: "m")).source
        var area = 0.0
        for piece in markup.components(separatedBy: "M").dropFirst() where piece.contains("H") && piece.contains("Z") {
            let numbers = piece.split { !"0123456789.".contains($0) }.compactMap { Double($0) }
            // M left high H right V low H left Z.
            area += (numbers[2] - numbers[0]) * (numbers[3] - numbers[1])
        }
        #expect(abs(area - 620 * 620) < 400, "\(area)")
    }
}
