import EngramDynamics
import Testing

@testable import EngramReports

@Suite struct PlotTests {
    @Test(
        arguments: [(0, "0"), (-0.04, "0"), (1.25, "1.3"), (-3.5, "-3.5"), (100, "100"), (.nan, "0"), (1e300, "0")] as [(Double, String)])
    func coordinatesHaveAtMostOneDecimal(value: Double, expected: String) {
        #expect(SVG.text(value) == expected)
    }

    /// Netcdf's fill values and one wild sample made axes of this length; `Int` of such a tick ended the program.
    @Test(arguments: [1e20, 1e30, 3.4e38, 1e300])
    func axesOfAnyLengthAreDrawn(length: Double) {
        for value in [length, -length] {
            let scale = Scale(from: 0, to: abs(value), start: 0, end: 100)
            #expect(scale.niceTicks(maxCount: 5).allSatisfy { !NumberText.plain($0).isEmpty })
            #expect(!scale.decadeTicks(maxCount: 5).isEmpty || length > 1e19)
        }
        #expect(NumberText.plain(length).utf8.count < 12 && NumberText.plain(250) == "250" && NumberText.plain(0.25) == "0.25")
        #expect(NumberText.plain(-1_500_000) == "-1500000" && NumberText.plain(.nan) == "nan")
    }

    @Test func dotsOfOneCellAreDrawnOnce() {
        var svg = SVG(width: 10, height: 10)
        svg.dots([(x: 4.1, y: 4.2), (x: 3.9, y: 4), (x: 8, y: 2), (x: .nan, y: 1)], cell: 2, class: "dots")
        #expect(svg.markup(label: "").source.contains("d=\"M4 4h0M8 2h0\""))
    }

    @Test func theUnitCircleGetsTheLinearScaleUnlessAllWouldVanish() {
        #expect(!DiscPlot(rows: [SampleContent.eigenvalue("a", 0, log10: -0.3)]).isLogarithmic)
        #expect(
            DiscPlot(rows: [SampleContent.eigenvalue("a", 0, log10: -87), SampleContent.eigenvalue("a", 1, log10: -.infinity)])
                .isLogarithmic)
        #expect(DiscPlot(rows: [SampleContent.eigenvalue("a", 0, log10: 73)]).isLogarithmic)
        #expect(!DiscPlot(rows: [SampleContent.eigenvalue("a", 0, log10: -.infinity)]).isLogarithmic)
    }

    /// In the linear disc the unit is 186 drawing units and the centre (210, 210): λ = 0.25 - 0.5i lies at (256.5, 303).
    @Test func anEigenvalueLiesWhereItsPartsSay() throws {
        let drawing = try #require(DiscPlot(rows: [SampleContent.eigenvalue("a", 0, log10: -0.25)]).markup())
        #expect(drawing.source.contains("<circle cx=\"256.5\" cy=\"303\" r=\"7\" class=\"ring\">"))
    }

    @Test func spectraThatLeaveDoubleStillDraw() throws {
        let rows = [SampleContent.eigenvalue("a", 0, log10: -2000), SampleContent.eigenvalue("a", 1, log10: -2359)]
        let drawing = try #require(SpectrumPlot(rows: rows).markup())
        #expect(drawing.source.contains("10⁻²⁰⁰⁰"))
        #expect(SpectrumPlot(rows: [SampleContent.eigenvalue("a", 0, log10: -.infinity)]).markup() == nil)
    }

    @Test(
        arguments: [[0.2, (1.0).nextDown, 1, 1.0000001, 1.3], [1e-9, 0.5, 0.99999999, 1, 4e3], [0, 0.1, 1], [0, 1e-3, 1, 5e4], [0, 0]]
            as [[Double]])
    func noBarMixesStableAndUnstable(radii: [Double]) {
        let histogram = RadiusHistogram(radii: radii)
        let (lower, step, counts) = histogram.bins()
        let limit = histogram.isLogarithmic ? 0.0 : 1.0
        let firstUnstable = Int(((limit - lower) / step).rounded())
        #expect(counts.reduce(0, +) == radii.count)
        #expect(counts.dropFirst(firstUnstable).reduce(0, +) == radii.count { $0 >= 1 })
    }

    /// The largest is 1, so twenty bars of 0.05 and one for the limit: 0.06 and 0.07 fall into bar 1, 0.56 into bar 11, 1 into bar 20.
    @Test func radiiFallIntoTheirBars() {
        let (lower, step, counts) = RadiusHistogram(radii: [0.06, 0.56, 1, 0.07]).bins()
        #expect(lower == 0 && step == 0.05 && counts.count == 21)
        #expect(counts[1] == 2 && counts[11] == 1 && counts[20] == 1)
    }

    @Test func phasesOfTheLossStayApart() {
        let names = ["adam", "adam", "solve", "adam"]
        let rows = names.enumerated().map { LossRow(epoch: $0, mse: 0.1, learningRate: nil, seconds: 0, phase: $1) }
        let phases = LossPlot(rows: rows).phases
        #expect(phases.map(\.name) == ["adam", "solve", "adam"])
        #expect(phases.map(\.lastEpoch) == [1, 2, 3])
    }

    @Test func aLossHistoryWithoutAFinitePositiveValueIsNotDrawn() {
        let rows = [Double.nan, 0, .infinity].map { LossRow(epoch: 1, mse: $0, learningRate: nil, seconds: 0, phase: "adam") }
        #expect(LossPlot(rows: rows).markup() == nil)
    }

    @Test func aLongHistoryKeepsItsExtremesInASmallDrawing() throws {
        var rows = (0..<100_000).map { LossRow(epoch: $0, mse: 1e-3, learningRate: nil, seconds: 0, phase: "adam") }
        rows[54_321].mse = 1e-9
        let drawing = try #require(LossPlot(rows: rows).markup()).source
        #expect(drawing.utf8.count < 60_000)
        // The lowest value is the bottom of the axis: height 320 less the margin 44.
        #expect(drawing.contains(" 276L"))
    }

    /// Wilson's limits are the shares L at which the observed one is z standard errors away: (p - L)² = z² L (1 - L) / n.
    @Test(arguments: [(1, 3), (48, 100), (371, 382), (19, 20)])
    func limitsSolveTheScoreEquation(count: Int, total: Int) throws {
        let interval = try #require(ShareBar(count: count, total: total).interval)
        let share = Double(count) / Double(total)
        #expect(interval.lower < share && share < interval.upper)
        for limit in [interval.lower, interval.upper] {
            let left = (share - limit) * (share - limit)
            let right = 1.959963984540054 * 1.959963984540054 * limit * (1 - limit) / Double(total)
            #expect(abs(left - right) < 1e-12, "limit \(limit): \(left) and \(right)")
        }
    }

    /// For n of n the equation solves to n / (n + z²).
    @Test func intervalOfAllIsOneSided() throws {
        let interval = try #require(ShareBar(count: 20, total: 20).interval)
        #expect(abs(interval.lower - 20 / (20 + 3.841458820694124)) < 1e-12 && interval.upper == 1)
        #expect(ShareBar(count: 0, total: 20).interval?.lower == 0)
        #expect(ShareBar(count: 0, total: 0).interval == nil)
    }

    @Test func galleryShowsEvenlySpreadExamplesAndEveryFailure() {
        #expect(GallerySelection.indices(isFailure: Array(repeating: false, count: 5), limit: 3) == [0, 2, 4])
        #expect(GallerySelection.indices(isFailure: [false, true, false], limit: 48) == [0, 1, 2])
        var flags = [Bool](repeating: false, count: 382)
        flags[100] = true
        let shown = GallerySelection.indices(isFailure: flags, limit: 48)
        #expect(shown.count == 48 && shown.contains(100) && shown.first == 0 && shown.last == 381 && shown == shown.sorted())
        #expect(GallerySelection.indices(isFailure: Array(repeating: true, count: 382), limit: 48).count == 48)
    }

    @Test func recoveryIsDrawnOverTheDamageWithItsIntervalAndBaselines() throws {
        let rows = [0.2, 0.4].flatMap { level in
            [1e-7, 5e-3].map { criterion in
                DropReport.Recovery(
                    corruption: "square", level: level, criterion: criterion, criterionMSE: criterion, recovered: level < 0.3 ? 10 : 0,
                    recoveredLow: 0.25, recoveredHigh: 0.75, rightItem: 10, total: 10, baseline1NN: 5, baselineHopfield: 10)
            }
        }
        let plot = RecoveryPlot(title: "square", rows: rows)
        #expect(plot.points.map(\.recovered) == [1, 0])
        #expect(plot.points.map(\.nearest) == [0.5, 0.5] && plot.points.map(\.hopfield) == [1, 1])
        let drawing = try #require(plot.markup()).source
        // The plot is 380 wide and 250 high with margins 46, 12, 14 and 42: half of the levels is at 207, all recovered at 14, none at 208.
        #expect(drawing.contains("<path d=\"M207 14L368 208\" class=\"curve\"/>"))
        #expect(drawing.contains("<path d=\"M207 111L368 111\" class=\"baseline\"/>"))
        #expect(drawing.contains("<path d=\"M207 62.5L368 62.5L368 159.5L207 159.5Z\" class=\"confidence\"/>"))
        #expect(RecoveryPlot(title: "square", rows: Array(rows.prefix(2))).markup() == nil, "one level is no curve")
    }

    @Test func radiiFarBelowTheLimitAreToldApart() {
        #expect(RadiusHistogram(radii: [1e-9, 2e-9, 5e-9]).isLogarithmic)
        #expect(!RadiusHistogram(radii: [0.3, 0.5]).isLogarithmic)
    }
}
