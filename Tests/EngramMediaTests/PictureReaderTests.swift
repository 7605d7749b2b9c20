import EngramSystem
import Testing

@testable import EngramMedia

/// PNGs that other programs write: with bytes behind them, as animations, in several kinds of one drop.
@Suite struct PictureReaderTests {
    private static let limits = MediaLimits()

    private func read(_ files: [String: [UInt8]]) throws -> SampleSet {
        let folder = try TemporaryFolder()
        for (name, bytes) in files { try folder.write("d/" + name, bytes) }
        return try MediaReader.read(path: folder.path + "/d")
    }

    @Test func bytesAfterTheEndAreReadOverAndSaid() throws {
        let whole = try MediaReaderTests.png([3, 200])
        let set = try read(["a.png": whole + [UInt8](repeating: 0, count: 512)])
        #expect(try set.codes(of: set.values) == [3, 200])
        #expect(set.notes == ["bytes after the end of the picture (IEND) not read"])
        // The wait for whole files does not wait for such a picture, and does for one whose end is missing.
        #expect(growing(whole + [0, 0]) { MediaFormats.all.completeness(of: $0) } == .complete)
        #expect(growing(Array(whole.dropLast(3))) { MediaFormats.all.completeness(of: $0) } != .complete)
    }

    @Test func grayAndOpaqueAlphaAmongColourAreHeldWithoutLoss() throws {
        let set = try read([
            "1.png": try MediaReaderTests.png([1, 2, 3, 4, 5, 6], kind: .rgb),
            "2.png": try PNGEncoder.encode([0, 1], format: ImageFormat(width: 2, height: 1, colorKind: .gray, bitDepth: 1), file: "a"),
            "3.png": try MediaReaderTests.png([9, 8, 7, 255, 6, 5, 4, 255], kind: .rgba),
        ])
        #expect(set.format == .image(ImageFormat(width: 2, height: 1, colorKind: .rgb, bitDepth: 8)))
        #expect(try set.codes(of: set.values) == [1, 2, 3, 4, 5, 6, 0, 0, 0, 255, 255, 255, 9, 8, 7, 6, 5, 4])
        #expect(set.notes == ["2.png and 1 more: gray of 1 bits, held and written as rgb of 8 bits, which loses nothing"])
    }

    @Test func transparencyAndDepthOfOnePictureAreHeldInAll() throws {
        let set = try read([
            "1.png": try MediaReaderTests.png([10, 20]), "2.png": try MediaReaderTests.png([30, 0, 40, 255], kind: .grayAlpha),
            "3.png": try MediaReaderTests.png([1, 2, 3, 4], depth: 16),
        ])
        #expect(set.format == .image(ImageFormat(width: 2, height: 1, colorKind: .grayAlpha, bitDepth: 16)))
        let wide: [Int32] = [2570, 65535, 5140, 65535, 7710, 0, 10280, 65535, 0x0102, 65535, 0x0304, 65535]
        #expect(try set.codes(of: set.values) == wide)
        // Another size is no kind that can be held.
        let error = mediaError {
            _ = try read(["1.png": try MediaReaderTests.png([1, 2]), "2.png": try MediaReaderTests.png([1, 2, 3, 4])])
        }
        #expect(error?.description.contains("size is 2 x 2, expected 2 x 1") == true)
    }

    @Test func anAnimationIsAFilmOfItsFrames() throws {
        let encoder = APNGEncoder(width: 2, height: 1, colorKind: .gray)
        let frames = (0..<4).map { APNGFrame(codes: [UInt8($0), UInt8(9 - $0)], delayNumerator: 1, delayDenominator: 10) }
        let bytes = try encoder.encode(frames)
        let folder = try TemporaryFolder()
        let set = try MediaReader.read(path: try folder.write("clip.png", bytes))
        #expect(set.names == ["clip_001.png", "clip_002.png", "clip_003.png", "clip_004.png"] && set.sequences == [0..<4])
        #expect(try set.codes(of: set.values) == [0, 9, 1, 8, 2, 7, 3, 6])
        #expect(set.interpretation?.sentence.hasPrefix("taken for a film of 4 pictures: the frames of an animated PNG run in time") == true)
        #expect(growing(bytes) { MediaFormats.all.shape(of: $0) } == MediaShape(sampleCount: 4, dimension: 2))
        // Two of them are two cycles; beside a still, its default image is one picture.
        try folder.write("two/a.apng", bytes)
        try folder.write("two/b.apng", bytes)
        #expect(try MediaReader.read(path: folder.path + "/two").sequences == [0..<4, 4..<8])
        try folder.write("mixed/a.png", bytes)
        try folder.write("mixed/b.png", try MediaReaderTests.png([1, 1]))
        #expect(try MediaReader.read(path: folder.path + "/mixed").count == 2)
        // Memories of versions before hold the default image.
        var options = MediaReadOptions()
        options.rules = .first
        #expect(try MediaReader.read(path: folder.path + "/clip.png", options: options).count == 1)
    }

    /// What is written back is one file for each frame, and lists as it was read.
    @Test func framesOfSeveralAnimationsHaveNamesOfTheirOwn() throws {
        let encoder = APNGEncoder(width: 2, height: 1, colorKind: .gray)
        func film(_ count: Int, from first: Int) throws -> [UInt8] {
            try encoder.encode((first..<first + count).map { APNGFrame(codes: [UInt8($0), 9], delayNumerator: 1, delayDenominator: 10) })
        }
        for (one, other, names) in [
            ("clip.png", "clip.apng", ["clip.apng_001.png", "clip.apng_002.png", "clip.png_001.png", "clip.png_002.png"]),
            ("a.apng", "a1.apng", ["a1_001.png", "a1_002.png", "a_001.png", "a_002.png"]),
            ("a.apng", "a_1.apng", ["a.apng_001.png", "a.apng_002.png", "a_1_001.png", "a_1_002.png"]),
            ("clip_01.png", "clip_1.png", ["clip_01-1_001.png", "clip_01-1_002.png", "clip_1-2_001.png", "clip_1-2_002.png"]),
            ("c001.png", "c01.png", ["c001-1_001.png", "c001-1_002.png", "c01-2_001.png", "c01-2_002.png"]),
        ] {
            let set = try read([one: try film(2, from: 0), other: try film(2, from: 10)])
            #expect(set.names == names && set.sequences == [0..<2, 2..<4])
            let files = try MediaWriter.files(values: set.values, like: set)
            #expect(files.map(\.name) == names)
            let again = try read(Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.bytes) }))
            #expect(again.names == names && again.values == set.values)
        }
    }

    @Test func coloursThatThePaletteDoesNotHaveAreSaid() throws {
        func notes(_ indexes: UInt8, palette: [UInt8]) throws -> ([UInt8], [String]) {
            func chunk(_ name: String, _ data: [UInt8], _ bytes: inout [UInt8]) { APNGEncoder.appendChunk(name, data, to: &bytes) }
            var bytes = PNGStructure.signature
            // 4 x 1 pixels of two bits.
            chunk("IHDR", [0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 0, 0, 0], &bytes)
            chunk("PLTE", palette, &bytes)
            // A zlib stream of one stored block: filter 0 and one byte, with its Adler-32.
            let sum = 1 + UInt16(indexes)
            chunk(
                "IDAT",
                [
                    0x78, 1, 1, 2, 0, 0xFD, 0xFF, 0, indexes, UInt8((1 + sum) >> 8), UInt8(truncatingIfNeeded: 1 + sum), UInt8(sum >> 8),
                    UInt8(truncatingIfNeeded: sum),
                ], &bytes)
            chunk("IEND", [], &bytes)
            let image = try PNGDecoder.decode(bytes, file: "a", limits: Self.limits)
            return (image.codeBytes, image.notes)
        }
        let two: [UInt8] = [10, 20, 30, 40, 50, 60]
        let (codes, said) = try notes(0b00_01_10_11, palette: two)
        #expect(codes == two + [0, 0, 0, 0, 0, 0])
        #expect(said.last == "2 pixels name colours that the palette of 2 does not have, taken as black")
        #expect(try notes(0b00_01_00_01, palette: two).1 == ["palette expanded to RGB at 8 bits"])
        #expect(try notes(0b00_01_10_11, palette: two + two).1 == ["palette expanded to RGB at 8 bits"])
    }

    @Test func sizesAndTransparencyThatCannotBeAreRefused() throws {
        func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = []
            APNGEncoder.appendChunk(name, data, to: &bytes)
            return bytes
        }
        let side: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF]
        var huge = PNGStructure.signature + chunk("IHDR", side + side + [16, 6, 0, 0, 0])
        huge += chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0]) + chunk("IDAT", [1]) + chunk("IEND", [])
        let tooLarge = mediaError { _ = try APNGDecoder.decode(huge, file: "a", limits: Self.limits) }
        #expect(tooLarge?.description.contains("width or height in pixels") == true, "\(String(describing: tooLarge))")
        // Of the whole picture it makes two channels, of its frames none.
        let frames = (0..<2).map { APNGFrame(codes: [UInt8($0), 9], delayNumerator: 1, delayDenominator: 10) }
        let film = try APNGEncoder(width: 2, height: 1, colorKind: .gray).encode(frames)
        let late = Array(film.dropLast(12)) + chunk("tRNS", [0, 5]) + Array(film.suffix(12))
        let mixed = mediaError { _ = try APNGDecoder.decode(late, file: "a", limits: Self.limits) }
        #expect(mixed?.description.contains("expected frames of 2 channels of 8 bits") == true, "\(String(describing: mixed))")
    }

    /// Hand-made from the specification: a full frame, one laid over its right pixel, and one whose place is cleared afterwards.
    @Test func framesAreLaidOverAndClearedAsViewersDo() throws {
        func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
            var bytes: [UInt8] = []
            APNGEncoder.appendChunk(name, data, to: &bytes)
            return bytes
        }
        func big(_ value: Int) -> [UInt8] { (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        func control(_ number: Int, width: Int, x: Int, dispose: UInt8, blend: UInt8) -> [UInt8] {
            chunk("fcTL", big(number) + big(width) + big(1) + big(x) + big(0) + [0, 1, 0, 10, dispose, blend])
        }
        func data(_ codes: [UInt8]) throws -> [UInt8] {
            let png = try PNGEncoder.encode(
                codes, format: ImageFormat(width: codes.count / 2, height: 1, colorKind: .grayAlpha, bitDepth: 8), file: "a")
            // One IDAT between the header of 33 bytes and the end of 12.
            return Array(png[41..<png.count - 16])
        }
        let plain = try PNGEncoder.encode(
            [100, 255, 200, 255], format: ImageFormat(width: 2, height: 1, colorKind: .grayAlpha, bitDepth: 8), file: "a")
        var bytes = Array(plain[..<33]) + chunk("acTL", big(3) + big(0))
        let (whole, over, last) = (try data([100, 255, 200, 255]), try data([0, 128]), try data([50, 255]))
        bytes += control(0, width: 2, x: 0, dispose: 0, blend: 0) + chunk("IDAT", whole)
        bytes += control(1, width: 1, x: 1, dispose: 1, blend: 1) + chunk("fdAT", big(2) + over)
        bytes += control(3, width: 1, x: 0, dispose: 0, blend: 1) + chunk("fdAT", big(4) + last)
        bytes += chunk("IEND", [])
        let film = try #require(try APNGDecoder.decode(bytes, file: "a", limits: Self.limits))
        // 200 under black of alpha 128/255 is 200 · 127/255 = 99.6.
        #expect(film.frames.map(\.codeBytes) == [[100, 255, 200, 255], [100, 255, 100, 255], [50, 255, 0, 0]])
        // A promise of more frames than there are.
        let lie = Array(bytes[..<33]) + chunk("acTL", big(4) + big(0)) + bytes[53...]
        #expect(
            mediaError { _ = try APNGDecoder.decode(lie, file: "a", limits: Self.limits) }?.description
                .contains("expected 4 frames, as its header says, found 3") == true)
    }

    @Test func whatOtherWritersDoAgainstTheStandardIsReadOrNamed() throws {
        let rgba = try MediaReaderTests.png([9, 8, 7, 200, 6, 5, 4, 255], kind: .rgba)
        var transparency: [UInt8] = []
        APNGEncoder.appendChunk("tRNS", [0, 1, 0, 2, 0, 3], to: &transparency)
        let image = try PNGDecoder.decode(Array(rgba[..<33]) + transparency + rgba[33...], file: "a", limits: Self.limits)
        #expect(image.codeBytes == [9, 8, 7, 200, 6, 5, 4, 255] && image.notes == ["tRNS of a picture with alpha not applied"])
        var crushed: [UInt8] = []
        APNGEncoder.appendChunk("CgBI", [0x50, 0, 0x20, 6], to: &crushed)
        let refusal = mediaError { _ = try PNGDecoder.decode(Array(rgba[..<8]) + crushed + rgba[8...], file: "a", limits: Self.limits) }
        #expect(refusal?.description.contains("-revert-iphone-optimizations") == true)
    }
}
