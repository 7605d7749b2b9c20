import Foundation
import Testing

@testable import EngramReports

@Suite struct ReportPageTests {
    private static let hostile = "<script>alert(\"1\")</script>\"\u{301} onload='x' & \u{0}\u{7}"

    @Test func aHostileNameStaysTextEverywhere() {
        let page = SampleContent.full(named: Self.hostile).html
        #expect(!page.contains("<script"))
        #expect(!page.contains("alert(\""))
        #expect(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"))
        #expect(!page.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" })
        // The quote with a combining mark is one Character that is not a quote; a browser would end the attribute at it.
        let marked = "\"\u{301}"
        let isRaw = Data(page.utf8).range(of: Data(marked.utf8)) != nil
        #expect(!isRaw)
    }

    @Test(arguments: ["plain", ReportPageTests.hostile])
    func everyElementIsClosedInOrder(name: String) {
        #expect(TagChecker.firstFault(in: SampleContent.full(named: name).html) == nil)
        #expect(TagChecker.firstFault(in: SampleContent.sequence(examples: []).html) == nil)
        #expect(TagChecker.firstFault(in: SampleContent.autoencoder(verified: 1, total: 2, radius: 2).html) == nil)
    }

    @Test func theHeaderSaysWhatTheDropWasTakenFor() {
        var content = SampleContent.full(named: "film")
        content.report.interpretation = .init(takenFor: "1 picture", because: "<b>alone</b>")
        #expect(content.html.contains("<p class=\"facts\">Taken for 1 picture: &lt;b&gt;alone&lt;/b&gt;.</p>"))
        content.report.interpretation = nil
        #expect(!content.html.contains("Taken for"))
    }

    /// The checker itself must be able to fail.
    @Test func theCheckerSeesFaults() {
        #expect(TagChecker.firstFault(in: "<p><b></p></b>") != nil)
        #expect(TagChecker.firstFault(in: "<p>") != nil)
        #expect(TagChecker.firstFault(in: "<p a=\"x></p>") != nil)
        #expect(TagChecker.firstFault(in: "<p><img src=\"a>b\"><path d=\"M0\"/></p>") == nil)
    }

    @Test func thePageLoadsNothingAndRunsNothing() {
        let page = SampleContent.full(named: "film").html
        #expect(!page.contains("<script") && !page.contains("<link") && !page.contains("@import") && !page.contains("url("))
        let sources = page.ranges(of: /(src|srcset)="/).map { page[$0.upperBound...].prefix(22) }
        #expect(sources.count == 8)
        #expect(sources.allSatisfy { $0 == "data:image/png;base64," })
        #expect(page.contains("default-src 'none'"))
    }

    @Test func equalContentGivesEqualBytes() throws {
        let first = try SampleContent.full(named: "film").files()
        let second = try SampleContent.full(named: "film").files()
        #expect(first.map(\.name) == ["report.json", "eigenvalues.csv", "examples.csv", "training.csv", "report.html", "recovery.csv"])
        #expect(first.map(\.bytes) == second.map(\.bytes))
    }

    @Test func everyPictureAndDrawingHasATextAlternative() {
        let page = SampleContent.full(named: "film").html
        #expect(page.ranges(of: "<img ").count == page.ranges(of: " alt=\"").count)
        #expect(page.ranges(of: "<svg ").count == page.ranges(of: "role=\"img\" aria-label=\"").count)
    }

    @Test func aSmallPictureKeepsItsPixelsAndItsSize() {
        let page = SampleContent.full(named: "film").html
        #expect(page.contains("width=\"2\" height=\"3\" class=\"pixelated\">"))
        #expect(EmbeddedPicture(bytes: [1, 2, 3]).size == nil)
    }

    @Test func aFailureTurnsTheHeaderItsColourAndLeadsIt() throws {
        let content = SampleContent.autoencoder(verified: 97, total: 100, radius: 1.2)
        let headline = try #require(content.html.firstMatch(of: /<h1>(.*)<\/h1>/))
        #expect(headline.output.1.hasPrefix("3 of 100 images are no attractors"))
        #expect(content.html.contains("<header class=\"top partial\">"))
    }

    @Test func theWeakestExamplesLeadTheirTable() throws {
        var content = SampleContent.autoencoder(verified: 2, total: 3, radius: 1.4)
        content.examples = [
            .init(name: "calm", spectralRadius: 0.1, residual: 0, isAttractor: true, recovered: true, exact: true),
            .init(name: "wild", spectralRadius: 1.4, residual: 0, isAttractor: false, recovered: true, exact: true),
            .init(name: "lost", spectralRadius: 0.2, residual: 0, isAttractor: true, recovered: false, exact: false),
        ]
        let page = content.html
        let order = page.matches(of: /<th scope="row"><bdi>(calm|wild|lost)/).map { String($0.output.1) }
        #expect(order == ["lost", "wild", "calm"])
    }

    @Test(arguments: [Double.nan, .infinity])
    func eigenvaluesThatAreNotFiniteAreCountedOut(modulus: Double) {
        var content = SampleContent.full(named: "film")
        content.eigenvalues += [SampleContent.eigenvalue("film", 3, log10: modulus)]
        #expect(content.html.contains("4 eigenvalues; the largest is ringed."))
        #expect(content.html.contains("1 are not finite and cannot be drawn."))
        #expect(content.html.contains("1 are exactly 0."))
    }

    @Test func theCycleTableTellsStrayingFromGrowing() {
        let content = SampleContent.sequence(examples: []) {
            $0.cycles = [
                .init(name: "held", first: 0, length: 2, log10SpectralRadius: -87, stable: true, residualMax: 2.5e-7),
                .init(name: "astray", first: 2, length: 2, log10SpectralRadius: -3, stable: false, residualMax: 0.75),
                .init(name: "wild", first: 4, length: 2, log10SpectralRadius: 1.5, stable: false, residualMax: 1e-7),
            ]
        }
        let rows = content.html.matches(of: /<bdi>(held|astray|wild)<\/bdi>.*?<\/tr>/.dotMatchesNewlines()).map { String($0.output.0) }
        #expect(rows.count == 3)
        #expect(zip(rows, ["✓ stable", "✕ not followed", "✕ not stable"]).allSatisfy { $0.contains($1) })
        #expect(rows[1].contains("0.75"))
    }

    @Test func theLeastStableCycleIsOneThatIsNotFollowed() {
        let content = SampleContent.sequence(examples: []) {
            $0.cycles = [
                .init(name: "held", first: 0, length: 2, log10SpectralRadius: -2, stable: true, residualMax: 2.5e-7),
                .init(name: "astray", first: 2, length: 2, log10SpectralRadius: -3, stable: false, residualMax: 0.75),
            ]
        }
        #expect(content.html.contains("does not follow the cycle: one step from a frame misses the next by up to 0.75"))
    }

    @Test func aPairSaysWhatItBeganWith() {
        var content = SampleContent.sequence(examples: SampleContent.examples(2, fromNoise: 1)) { $0.recall.append(SampleContent.cues) }
        content.pictures = [true, false].map {
            PicturePair(caption: "p", original: [], recalled: [], noise: [], mse: 0, recovered: true, exact: true, fromNoise: $0)
        }
        let origins = content.html.matches(of: /alt="([a-z ]+) the recall began with"[^§]*?<span class="origin">([a-z ]+)</)
        #expect(origins.map { "\($0.output.1), \($0.output.2)" } == ["noise, from noise", "corrupted copy, from a corrupted copy"])
        #expect(content.html.contains("rounding to the file&#39;s own precision; 1 came back from pure noise"))
    }

    /// The panel names what nearly depends on something else, says theory beside measurement, and is absent without them.
    @Test func theKernelsKnowledgeHasItsPanel() {
        var content = ReportContent(report: SampleContent.report, command: "")
        #expect(!content.html.contains("id=\"learnability\""))
        content.report.learnability = SampleContent.learnability
        let html = content.html
        #expect(html.contains("From 1 of 3 frames the kernel knows 59.0 % of the stored function; theory says 61.0 %."))
        #expect(html.contains("1 frame nearly depends on the others"))
        #expect(html.contains(">c&lt;<") && !html.contains(">c<<"))
        #expect(TagChecker.firstFault(in: html) == nil)
        // Examples that the kernel hardly relates are a memory's strength, and none is said to depend on another.
        content.report.learnability?.modes = [1.2, 1, 0.9].map { .init(eigenvalue: $0, learnabilities: [0.34, 0.66]) }
        content.report.learnability?.items[0].independentShare = 0.5
        #expect(content.html.contains("hardly related") && content.html.contains("No frame nearly depends on the others: of b"))
    }

    @Test func aCapIsStated() {
        var content = SampleContent.sequence(examples: SampleContent.examples(60)) { $0.samples = 60 }
        content.pictures = (0..<60).map {
            PicturePair(caption: "p\($0)", original: [], recalled: [], mse: 0, recovered: $0 != 7, exact: $0 != 7)
        }
        #expect(content.html.contains("48 of 60 shown, spread evenly, 1 of the 1 that are not exact among them."))
        #expect(content.html.contains("<bdi>p7</bdi>"))
    }
}
