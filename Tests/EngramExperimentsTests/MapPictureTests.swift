import EngramMedia
import EngramReports
import Foundation
import Testing

@testable import EngramExperiments

@Suite struct MapPictureTests {
    /// 2 × 2 cells: below the first class and what had not settled, above the second class and what is not stored.
    private static func map(arrows: [ExperimentFigure.Map.Arrow] = [], points: [ExperimentFigure.Map.Point] = []) -> ExperimentFigure.Map {
        ExperimentFigure.Map(
            horizontal: 0...1, vertical: 0...1, columnCount: 2,
            cells: [0, ExperimentFigure.Map.unsettled, 1, ExperimentFigure.Map.elsewhere], groups: ["a", "b"], points: points,
            arrows: arrows, areCycles: false)
    }

    /// Decodes what was written; the decoder is held to libpng's conformance suite.
    private func pixels(_ map: ExperimentFigure.Map, side: Int) throws -> (_ row: Int, _ column: Int) -> [Int] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("map-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("m.png").path
        let picture = try #require(MapPicture(of: map, side: side))
        _ = FileManager.default.createFile(atPath: path, contents: Data(try picture.png()))
        let media = try MediaReader.read(path: path, options: MediaReadOptions())
        try #require(media.dimension == 3 * side * side)
        let values = media.values
        return { row, column in (0..<3).map { Int((255 * values[3 * (row * side + column) + $0]).rounded()) } }
    }

    @Test func cellsLieWhereThePlaneHasThem() throws {
        let pixel = try pixels(Self.map(), side: 40)
        // White tinted by 42 % of #0b6a88 and #c8561b, the palette's first two.
        #expect(pixel(39, 0) == [153, 192, 205] && pixel(20, 19) == pixel(39, 0))
        #expect(pixel(0, 0) == [232, 184, 159] && pixel(19, 19) == pixel(0, 0))
        // Not settled is the lightest, not stored the darkest.
        #expect(pixel(39, 39).allSatisfy { $0 > 230 } && pixel(0, 39).allSatisfy { $0 < 100 })
    }

    @Test func examplesAndArrowsAreDrawnOverThem() throws {
        // The centres of the outer cells lie at 0 and 1, so (0, 0) is a quarter from the lower left corner.
        let pixel = try pixels(
            Self.map(
                arrows: [.init(u: 0, v: 1, du: 1, dv: 0)], points: [.init(u: 0, v: 0, group: 1, label: "b")]), side: 400)
        #expect(pixel(300, 100) == [0xc8, 0x56, 0x1b])
        // From the centre of the upper left cell to the right.
        let background = pixel(60, 40)
        #expect(pixel(100, 150) != background && pixel(99, 150) != background)
        #expect(pixel(100, 60) == background && pixel(140, 150) == background)
    }

    @Test func everyMapOfAReportIsAFile() throws {
        var report = ExperimentReport(
            name: "n", title: "t", source: "s", scaleNote: "", findings: [], notes: [], settings: [], tables: [],
            figures: [
                ExperimentFigure(title: "a", caption: "", map: Self.map()),
                ExperimentFigure(title: "c", caption: "", curves: .init(xTitle: "x", yTitle: "y", series: [])),
                ExperimentFigure(title: "b", caption: "", map: Self.map()),
            ], command: "", seed: 1, threads: 1, seconds: 0, versions: [:])
        let pictures = try report.mapPictures()
        #expect(pictures.map(\.name) == ["map-1.png", "map-2.png"])
        #expect(pictures[0].bytes == pictures[1].bytes && pictures[0].bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]))
        report.figures = []
        #expect(try report.mapPictures().isEmpty)
    }
}
