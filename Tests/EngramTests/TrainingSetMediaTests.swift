import Engram
@testable import EngramMedia
import Testing

/// What a program with `import Engram` alone can do with media.
@Suite struct TrainingSetMediaTests {
    /// Two pictures of 1 × 3 pixels and 8 bits.
    private static let pictures = SampleSet(
        values: [0, 51, 255, 102, 0, 153].map { $0 / 255 }, count: 2, dimension: 3, names: ["a.png", "b.png"],
        format: .image(ImageFormat(width: 3, height: 1, colorKind: .gray, bitDepth: 8)), sequences: nil, notes: [])

    @Test func setKeepsRasterRangeAndCodes() throws {
        let set = try TrainingSet(Self.pictures)
        #expect(set.raster == Raster(height: 1, width: 3) && set.valueRange == 0...1 && set.task.isAutoencoder)
        // Half a step of 8 bits is 0.5/255: what is nearer rounds to the same code.
        let near = Self.pictures.values.prefix(3).map { Double($0) + 0.49 / 255 }
        let far = Self.pictures.values.prefix(3).map { Double($0) - 0.51 / 255 }
        #expect(set.isExactly(near, example: 0) && !set.isExactly(far, example: 0) && !set.isExactly(near, example: 1))
    }

    /// Floats that are stretched: many values of the set are written as one float of the medium, and only what is written counts.
    @Test func scaledFloatsAreExactWhereTheSameFloatsAreWritten() throws {
        var media = SampleSet(
            values: [0.25, 0.5, 0.75, 1], count: 1, dimension: 4, names: ["0"],
            format: .idx(IDXFormat(fileName: "x", elementType: .float, itemDimensions: [4], isGzipped: false)), sequences: nil, notes: [])
        let unscaled = try TrainingSet(media)
        media.scaling = SampleScaling(offset: 1000, factor: 0.001)
        let set = try TrainingSet(media)
        // Floats near 1000 are 6.1e-5 apart, 0.06 of the set's.
        let near = media.values.map { Double($0) + 1e-4 }
        #expect(set.isExactly(near, example: 0) && !unscaled.isExactly(near, example: 0))
        #expect(!set.isExactly(media.values.map { Double($0) + 0.2 }, example: 0))
    }

    @Test func sequencesBecomeCycles() throws {
        var film = Self.pictures
        film.sequences = [0..<2]
        #expect(try TrainingSet(film).task == .sequences([0..<2]))
    }

    @Test(arguments: [
        (IDXElementType.ubyte, [4, 6], Raster(height: 4, width: 6), 0.0...1.0),
        (.short, [2, 4, 3], Raster(height: 2, width: 4, channels: 3), -1.0...1.0),
        (.float, [24], Raster(height: 1, width: 24), -3.0...20.0),
    ])
    func itemsOfIDXHaveTheRasterOfTheirSides(
        type: IDXElementType, sides: [Int], raster: Raster, range: ClosedRange<Double>
    ) {
        let set = SampleSet(
            values: (0..<24).map { Float($0) - 3 }, count: 1, dimension: 24, names: ["0"],
            format: .idx(IDXFormat(fileName: "x", elementType: type, itemDimensions: sides, isGzipped: false)), sequences: nil, notes: [])
        #expect(set.raster == raster && set.valueRange == range)
    }

    @Test func prefixKeepsTheFirstSamples() {
        let first = Self.pictures.prefix(1)
        #expect(first.count == 1 && first.values == Array(Self.pictures.values.prefix(3)) && first.names == ["a.png"])
        #expect(Self.pictures.prefix(0).count == 0 && Self.pictures.prefix(2) == Self.pictures)
    }
}
