import EngramSystem
import Foundation
import Testing

@testable import EngramMedia

/// Pillow, with a libjpeg-turbo of its own, is the oracle of pixels; the rest follows from ITU-T T.81.
@Suite struct JPEGTests {
    private static let limits = MediaLimits()

    private func decode(_ bytes: [UInt8], limits: MediaLimits = limits) throws(MediaError) -> DecodedImage {
        try JPEGDecoder.decode(bytes, file: "a.jpg", limits: limits)
    }

    private func refusal(_ bytes: [UInt8], limits: MediaLimits = limits) -> String {
        mediaError { _ = try decode(bytes, limits: limits) }?.description ?? "read"
    }

    @Test func pixelsAreThoseOfAnotherDecoder() throws {
        let rows = Fixture.table(Fixture.path("jpeg.tsv")).filter { $0[4] != "" }
        #expect(rows.count == 17)
        for row in rows {
            let image = try decode(try Fixture.bytes("JPEG/" + row[0]))
            let kind: ColorKind = row[3] == "L" ? .gray : .rgb
            #expect(
                image.format == ImageFormat(width: Int(row[1]) ?? 0, height: Int(row[2]) ?? 0, colorKind: kind, bitDepth: 8), "\(row[0])")
            let crc = String(crc32(image.codeBytes[...]), radix: 16)
            #expect(String(repeating: "0", count: 8 - crc.count) + crc == row[4], "\(row[0])")
            #expect(image.notes.contains { $0.contains("EXIF orientation") } == row[0].hasPrefix("turned"), "\(row[0])")
        }
    }

    @Test func whatIsCutShortOrDamagedIsRefused() throws {
        for name in ["gray.jpg", "progressive.jpg", "rgb420.jpg", "restarts.jpg"] {
            let whole = try Fixture.bytes("JPEG/" + name)
            for count in stride(from: 1, to: whole.count - 8, by: 7) {
                #expect(refusal(Array(whole[..<count])).contains("copy it again"), "\(name), \(count) bytes")
            }
        }
        // Without the marker of its end alone, every pixel of one scan is there; of several scans nobody knows how many there were.
        let plain = try Fixture.bytes("JPEG/rgb420.jpg")
        let image = try decode(Array(plain.dropLast(2)))
        #expect(image.codeBytes == (try decode(plain)).codeBytes && image.notes == ["the marker of its end (EOI) is missing"])
        #expect(refusal(Array(try Fixture.bytes("JPEG/progressive.jpg").dropLast(2))).contains("found no marker of its end (EOI)"))
        // Coded bytes that are none: libjpeg would go on with made-up pixels.
        var damaged = plain
        let middle = plain.count - 60
        damaged.replaceSubrange(middle..<middle + 8, with: [0xFF, 0xD3, 0xFF, 0xD5, 0x00, 0xFF, 0xD1, 0x12])
        #expect(refusal(damaged).contains("from libjpeg"))
    }

    @Test func whatFollowsThePictureIsSaid() throws {
        #expect(try decode(try Fixture.bytes("JPEG/trailing.jpg")).notes == ["bytes after the end of the picture (EOI) not read"])
        #expect(try decode(try Fixture.bytes("JPEG/gray.jpg")).notes.isEmpty)
    }

    @Test func whatIsNotDecodedIsNamedWithTheCommandThatConverts() throws {
        #expect(
            refusal(try Fixture.bytes("JPEG/cmyk.jpg"))
                == "a.jpg: a JPEG of CMYK is not read. Convert it with: magick 'a.jpg' -colorspace sRGB -depth 8 picture.png (ImageMagick); "
                + "then drop what comes out.")
        let gray = try Fixture.bytes("JPEG/gray.jpg")
        let frame = try #require(gray.indices.first { gray[$0] == 0xFF && gray[$0 + 1] == 0xC0 })
        func changed(_ offset: Int, _ value: UInt8) -> [UInt8] {
            var bytes = gray
            bytes[frame + offset] = value
            return bytes
        }
        #expect(refusal(changed(1, 0xC3)).contains("lossless, hierarchical or arithmetic-coded JPEG (SOF3) is not read"))
        #expect(refusal(changed(4, 12)).contains("a JPEG of 12 bits is not read"))
        #expect(refusal(changed(9, 2)).contains("a JPEG of 2 components is not read"))
    }

    @Test func aHeaderThatPromisesTooMuchIsRefusedBeforeMemoryIsTaken() throws {
        var bytes = try Fixture.bytes("JPEG/gray.jpg")
        let frame = try #require(bytes.indices.first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
        bytes.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xFF, 0xFF, 0xFF])
        #expect(refusal(bytes).contains("width or height in pixels"))
        var limits = MediaLimits()
        limits.maxImageSide = .max
        #expect(refusal(bytes, limits: limits).contains("pixel count"))
        limits.maxPixelCount = .max
        limits.maxDecodedByteCount = 1 << 20
        #expect(refusal(bytes, limits: limits).contains("decoded byte count"))
        bytes.replaceSubrange(frame + 5..<frame + 7, with: [0, 0])
        #expect(refusal(bytes).contains("a width and a height above 0"))
    }

    @Test func aGrowingFileIsWholeAtItsEnd() throws {
        func completeness(_ bytes: [UInt8], name: String = "a.jpg") -> FileCompleteness {
            MediaFormats.all.completeness(
                of: GrowingFile(name: name, byteCount: Int64(bytes.count)) { (offset, count) throws(Never) in
                    offset < bytes.count ? Array(bytes[Int(offset)...].prefix(count)) : []
                })
        }
        let incomplete = FileCompleteness.incomplete(reason: "the JPEG does not end with its EOI marker")
        for name in ["progressive.jpg", "restarts.jpg", "trailing.jpg"] {
            let whole = try Fixture.bytes("JPEG/" + name)
            #expect(completeness(whole) == .complete, "\(name)")
            let end = name == "trailing.jpg" ? whole.count - 108 : whole.count
            for count in 4..<end where whole[count - 2] != 0xFF || whole[count - 1] != 0xD9 {
                #expect(completeness(Array(whole[..<count])) == incomplete, "\(name), \(count) bytes")
            }
        }
        // Reserved and not written yet.
        #expect(completeness([UInt8](repeating: 0, count: 100)) == .incomplete(reason: "it does not begin as a JPEG"))
        let file = try Fixture.bytes("JPEG/turned6.jpg")
        let growing = GrowingFile(name: "a", byteCount: Int64(file.count)) { (offset, count) throws(Never) in
            Array(file[Int(offset)...].prefix(count))
        }
        #expect(MediaFormats.all.shape(of: growing) == MediaShape(sampleCount: 1, dimension: 21 * 13 * 3))
    }

    @Test func aFilmOfJPEGsComesBackAsPNGs() throws {
        let folder = try TemporaryFolder()
        for (index, name) in ["rgb420", "rgb420", "rgb420"].enumerated() {
            try folder.write("film/f\(index + 1).jpg", try Fixture.bytes("JPEG/\(name).jpg"))
        }
        // A JPEG that is called PNG, and a PNG that is called JPEG.
        try folder.write("film/f4.png", try Fixture.bytes("JPEG/rgb420.jpg"))
        let image = try decode(try Fixture.bytes("JPEG/rgb420.jpg"))
        let png = try PNGEncoder.encode(image.codeBytes, format: image.format, file: "f")
        try folder.write("film/f5.jpg", png)
        try folder.write("film/poster.png", png)
        let set = try MediaReader.read(path: folder.path + "/film")
        #expect(set.names == ["f1.png", "f2.png", "f3.png", "f4.png", "f5.jpg"] && set.count == 5)
        #expect(
            set.notes.contains(
                "f1.jpg and 3 more: JPEG images, whose decoded pixels are learned and come back as PNG; some are called .png"))
        #expect(set.notes.contains("poster.png passed over: a PNG image without a number, beside 4 that have one"), "\(set.notes)")
        let files = try MediaWriter.files(values: set.values, like: set)
        #expect(files.map(\.name) == ["f1.png", "f2.png", "f3.png", "f4.png", "f5.jpg.png"] && files.allSatisfy { $0.bytes == png })
    }

    @Test func namesThatWouldMeetStayApartAndEarlierRulesPassJPEGsOver() throws {
        let folder = try TemporaryFolder()
        let (bytes, image) = (try Fixture.bytes("JPEG/gray.jpg"), try decode(try Fixture.bytes("JPEG/gray.jpg")))
        try folder.write("set/a.jpg", bytes)
        try folder.write("set/A.jpeg", bytes)
        try folder.write("set/b.jpg", bytes)
        #expect(try Set(MediaReader.read(path: folder.path + "/set").names) == ["a.jpg.png", "A.jpeg.png", "b.png"])
        for name in ["two/p.png", "two/p.jpg.png"] { try folder.write(name, try Self.png(bytes)) }
        try folder.write("two/p.jpg", bytes)
        #expect(try Set(MediaReader.read(path: folder.path + "/two").names) == ["p.png", "p.jpg.png", "p.jpg-2.png"])
        try folder.write("set/c.png", try PNGEncoder.encode(image.codeBytes, format: image.format, file: "c"))
        var options = MediaReadOptions()
        options.rules = .second
        let earlier = try MediaReader.read(path: folder.path + "/set", options: options)
        #expect(earlier.names == ["c.png"] && earlier.notes.contains("a.jpg passed over: a JPEG image, not read"))
    }

    @Test func aCueMayBeAJPEG() throws {
        let folder = try TemporaryFolder()
        try folder.write("m/a.png", try Self.png(try Fixture.bytes("JPEG/gray.jpg")))
        let memory = try MediaReader.read(path: folder.path + "/m")
        try folder.write("cue/x.jpg", try Fixture.bytes("JPEG/gray.jpg"))
        try folder.write(
            "cue/x_mask.png",
            try PNGEncoder.encode(
                (0..<37 * 23).map { $0 < 37 ? 0 : 255 }, format: ImageFormat(width: 37, height: 23, colorKind: .gray, bitDepth: 8),
                file: "m"))
        let cue = try CueReader.read(path: folder.path + "/cue", for: memory)
        #expect(cue.items.map(\.name) == ["x.jpg"] && cue.items[0].values == memory.values)
        #expect(cue.items[0].isKnown?.count { !$0 } == 37)
    }

    private static func png(_ jpeg: [UInt8]) throws -> [UInt8] {
        let image = try JPEGDecoder.decode(jpeg, file: "a", limits: limits)
        return try PNGEncoder.encode(image.codeBytes, format: image.format, file: "a")
    }
}
