import Foundation
import Testing

@testable import EngramMedia

/// Whether numbered pictures are a film is decided by the pictures.
@Suite struct OrderEvidenceTests {
    private static let side = 16
    private static let format = ImageFormat(width: side, height: side, colorKind: .gray, bitDepth: 8)

    /// A bright square that moves over a shaded ground, back at its place after 40 frames.
    private static func film(frameCount: Int, background: Float = 0) -> [[Float]] {
        (0..<frameCount).map { frame in
            let angle = 2 * Double.pi * Double(frame) / 40
            let (row, column) = (7 + 5 * sin(angle), 7 + 5 * cos(angle))
            return (0..<side * side).map { pixel in
                let (y, x) = (Double(pixel / side), Double(pixel % side))
                let isInside = abs(y - row) < 3 && abs(x - column) < 3
                return isInside ? 1 : background + Float(x) / 64
            }
        }
    }

    /// Pictures of noise in 4 × 4 blocks, no two alike.
    private static func photographs(count: Int, seed: UInt64) -> [[Float]] {
        var generator = Generator(state: seed)
        return (0..<count).map { _ in
            let blocks = (0..<16).map { _ in generator.unit() }
            return (0..<side * side).map { blocks[$0 / side / 4 * 4 + $0 % side / 4] }
        }
    }

    /// `count` pictures of each scene with independent noise, as a burst gives.
    private static func bursts(of scenes: [[Float]], count: Int, seed: UInt64) -> [[Float]] {
        var generator = Generator(state: seed)
        return scenes.flatMap { scene in (0..<count).map { _ in scene.map { $0 + 0.1 * (generator.unit() - 0.5) } } }
    }

    private struct Generator {
        var state: UInt64
        mutating func unit() -> Float {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(state >> 40) / Float(1 << 24)
        }
    }

    private static func evidence(_ pictures: [[Float]]) -> OrderEvidence {
        OrderEvidence(values: pictures.flatMap(\.self), format: format)
    }

    @Test(arguments: [8, 20, 40, 129, 400])
    func movingPicturesAreAFilm(frameCount: Int) throws {
        let evidence = Self.evidence(Self.film(frameCount: frameCount))
        #expect(evidence.isFilm && evidence.description.contains("move on"), "\(evidence)")
    }

    @Test(arguments: [4, 10, 128, 500], [1, 2, 3] as [UInt64])
    func unrelatedPicturesAreNoFilm(count: Int, seed: UInt64) throws {
        let evidence = Self.evidence(Self.photographs(count: count, seed: seed))
        #expect(!evidence.isFilm && evidence.description.contains("nearer than pictures at random"), "seed \(seed): \(evidence)")
    }

    @Test func cutsDoNotHideAFilm() {
        let scenes = Self.film(frameCount: 12) + Self.film(frameCount: 12, background: 0.5) + Self.film(frameCount: 12, background: 0.25)
        #expect(Self.evidence(scenes).isFilm)
    }

    @Test func repeatedSlidesAreNoFilm() {
        let slides = Self.photographs(count: 40, seed: 4).flatMap { [$0, $0, $0] }
        let evidence = Self.evidence(slides)
        #expect(!evidence.isFilm && evidence.pictureCount == 40, "\(evidence)")
    }

    @Test(arguments: [2, 3, 5, 10])
    func burstsAreNoFilm(count: Int) {
        let evidence = Self.evidence(Self.bursts(of: Self.photographs(count: 40, seed: 5), count: count, seed: 6))
        #expect(evidence.nearness.map { $0 < OrderEvidence.nearnessLimit } == true && !evidence.isFilm, "\(evidence)")
    }

    /// A film that stands still at times repeats its frames; they say nothing against it.
    @Test func framesShownTwiceAreAFilm() {
        #expect(Self.evidence(Self.film(frameCount: 40).flatMap { [$0, $0] }).isFilm)
    }

    @Test(arguments: 0...3)
    func fewPicturesAreNoFilm(count: Int) {
        let evidence = Self.evidence(Self.film(frameCount: count))
        #expect(!evidence.isFilm && evidence.nearness == nil && evidence.description.contains("too few"))
    }

    @Test func equalPicturesAreNoFilm() {
        let evidence = Self.evidence([[Float]](repeating: Self.film(frameCount: 1)[0], count: 50))
        #expect(!evidence.isFilm && evidence.pictureCount == 1)
        // Two pictures in turn.
        let turns = Self.film(frameCount: 2)
        #expect(!Self.evidence((0..<50).map { turns[$0 % 2] }).isFilm)
    }

    /// The measure knows neither the direction of time nor the brightness of the pictures.
    @Test(arguments: [0.125, 0.5] as [Float])
    func reversedOrDarkenedPicturesHaveTheSameVerdict(brightness: Float) {
        let sets = [
            Self.film(frameCount: 60), Self.film(frameCount: 300), Self.photographs(count: 60, seed: 7),
            Self.photographs(count: 300, seed: 8), Self.bursts(of: Self.photographs(count: 60, seed: 9), count: 3, seed: 10),
        ]
        for set in sets {
            let straight = Self.evidence(set)
            #expect(Self.evidence(set.reversed()) == straight)
            // A power of two scales every distance without rounding.
            #expect(Self.evidence(set.map { $0.map { $0 * brightness } }) == straight)
        }
    }

    /// The table of Documentation/Operations.md, as far as its pictures are in ENGRAM_DATA.
    @Test(.enabled(if: Fixture.dataFolder != nil))
    func verdictsOnRealPicturesAreThoseOfTheDocumentation() throws {
        let data = try #require(Fixture.dataFolder)
        let film = try #require(try MediaReader.read(path: data + "/steamboat").interpretation)
        #expect(film.takenFor == "a film of 382 pictures" && film.because.contains("0.22") && film.because.contains("78 %"), "\(film)")
        let photographs = try #require(try MediaReader.read(path: data + "/images64").interpretation)
        #expect(photographs.takenFor == "a set of 500 pictures" && photographs.because.contains("0.9"), "\(photographs)")
        let small = try #require(try MediaReader.read(path: data + "/cifar/color").interpretation)
        #expect(small.takenFor == "a set of 100 pictures", "\(small)")
    }
}
