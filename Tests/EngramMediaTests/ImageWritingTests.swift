import Testing

@testable import EngramMedia

@Suite struct ImageWritingTests {
    static let formats: [ImageFormat] =
        [1, 2, 4].map { ImageFormat(width: 5, height: 3, colorKind: .gray, bitDepth: $0) }
        + [ColorKind.gray, .grayAlpha, .rgb, .rgba].flatMap { kind in
            [8, 16].map { ImageFormat(width: 5, height: 3, colorKind: kind, bitDepth: $0) }
        }

    @Test(arguments: formats)
    func everyFormatReadsBackCodeByCode(format: ImageFormat) throws {
        var generator = TestGenerator(state: 11)
        let highest = (1 << format.bitDepth) - 1
        let codes = (0..<format.dimension).map { _ in Int.random(in: 0...highest, using: &generator) }
        let values = codes.map { Float($0) / Float(highest) }
        let bytes = try PNGEncoder.encode(PNGEncoder.codeBytes(of: values, format: format), format: format, file: "a.png")
        let image = try PNGDecoder.decode(bytes, file: "a.png", limits: MediaLimits())
        #expect(image.format == format)
        let wanted = format.bitDepth == 16 ? codes.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] } : codes.map { UInt8($0) }
        #expect(image.codeBytes == wanted)
        #expect(try PNGEncoder.encode(PNGEncoder.codeBytes(of: values, format: format), format: format, file: "a.png") == bytes)
        // IHDR by hand: width, height, depth and colour type at their bytes.
        let colorType: [ColorKind: UInt8] = [.gray: 0, .rgb: 2, .grayAlpha: 4, .rgba: 6]
        #expect(Array(bytes[16..<26]) == [0, 0, 0, 5, 0, 0, 0, 3, UInt8(format.bitDepth), colorType[format.colorKind]])
    }

    @Test func incompressibleImagesFitTheBuffer() throws {
        var generator = TestGenerator(state: 3)
        for side in [1, 2, 300] {
            let format = ImageFormat(width: side, height: side, colorKind: .rgba, bitDepth: 16)
            let codes = (0..<format.dimension * 2).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let bytes = try PNGEncoder.encode(codes, format: format, file: "noise.png")
            #expect(try PNGDecoder.decode(bytes, file: "noise.png", limits: MediaLimits()).codeBytes == codes)
        }
    }

    @Test func formatsThatPNGLacksAreNotWritten() {
        let format = ImageFormat(width: 1, height: 1, colorKind: .rgb, bitDepth: 4)
        let error = mediaError { _ = try PNGEncoder.encode([0, 0, 0], format: format, file: "a.png") }
        #expect(error?.description.contains("PNG has no 4-bit rgb of 1 x 1") == true)
    }

    @Test func quantizersGiveTheCodesOfTheOracle() throws {
        let rows = Fixture.table(Fixture.path("pcm.tsv"))
        #expect(rows.count == 6)
        for row in rows {
            let bits = try #require(Int(row[1]))
            let quantizer = row[0] == "pcm" ? Quantizer.signed(bitCount: bits) : Quantizer.unsigned(bitCount: bits)
            let values = row[2].split(separator: ",").compactMap { Float($0) }
            let codes = row[3].split(separator: ",").compactMap { Int32($0) }
            #expect(try quantizer.codes(of: values) == codes, "\(row[0]) \(bits)")
        }
        #expect(mediaError { _ = try Quantizer.signed(bitCount: 8).codes(of: [0, .nan]) } == .nonFiniteValue(index: 1))
    }

    @Test func framesOfAnAnimationFollowThePNGSpecification() throws {
        let frames = (0..<3).map { index in
            APNGFrame(
                codes: [UInt8](repeating: UInt8(100 * index), count: 4 * 2 * 3), delayNumerator: 1, delayDenominator: UInt16(10 + index))
        }
        let bytes = try APNGEncoder(width: 4, height: 2, colorKind: .rgb, loopCount: 7).encode(frames)
        // An independent walk: chunk names, counters and delays.
        var offset = 8
        var tags: [String] = []
        var counters: [UInt64] = []
        var firstFrame = Array(bytes[..<33])
        let reader = ByteReader(bytes)
        func field(_ at: Int, _ count: Int) -> UInt64 { reader.unsigned(at: at, byteCount: count, isBigEndian: true) ?? .max }
        while offset < bytes.count {
            let length = Int(field(offset, 4))
            let tag = reader.tag(at: offset + 4)
            #expect(field(offset + 8 + length, 4) == UInt64(crc32(bytes[offset + 4..<offset + 8 + length])))
            tags.append(tag)
            if tag == "acTL" { #expect(field(offset + 8, 4) == 3 && field(offset + 12, 4) == 7) }
            if tag == "fcTL" || tag == "fdAT" { counters.append(field(offset + 8, 4)) }
            if tag == "fcTL" {
                #expect(length == 26 && field(offset + 12, 4) == 4 && field(offset + 16, 4) == 2)
                #expect(field(offset + 28, 2) == 1 && field(offset + 30, 2) == UInt64(10 + tags.filter { $0 == "fcTL" }.count - 1))
            }
            if tag == "IDAT" || tag == "IEND" { firstFrame += bytes[offset..<offset + 12 + length] }
            offset += 12 + length
        }
        #expect(tags == ["IHDR", "acTL", "fcTL", "IDAT", "fcTL", "fdAT", "fcTL", "fdAT", "IEND"])
        #expect(counters == [0, 1, 2, 3, 4])
        // A reader without APNG sees the first frame.
        #expect(try PNGDecoder.decode(firstFrame, file: "f", limits: MediaLimits()).codeBytes == frames[0].codes)
        #expect(try PNGDecoder.decode(bytes, file: "f", limits: MediaLimits()).codeBytes == frames[0].codes)
        #expect(mediaError { _ = try APNGEncoder(width: 1, height: 1, colorKind: .gray).encode([]) } != nil)
    }

    @Test func previewsShowImagesAndItemsAsEightBitPNG() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "items-idx3-ubyte", idxBytes(type: 8, dimensions: [2, 2, 3], data: [0, 1, 2, 253, 254, 255] + [UInt8](repeating: 9, count: 6)))
        let set = try MediaReader.read(path: path)
        let preview = try #require(set.preview(of: set.row(0)))
        #expect(preview.codes == [0, 1, 2, 253, 254, 255] && preview.format.width == 3 && preview.format.height == 2)
        let read = try PNGDecoder.decode(try preview.png(), file: "p", limits: MediaLimits())
        #expect(read.codeBytes == preview.codes)
        #expect(set.preview(of: [-1, 2, .nan, .infinity, 0.5, 1])?.codes == [0, 255, 0, 255, 128, 255])
        let signed = try MediaReader.read(
            path: try folder.write("s.idx", idxBytes(type: 9, dimensions: [1, 1, 3], data: [0x80, 0, 0x7F])))
        #expect(signed.preview(of: signed.row(0))?.codes == [0, 128, 254])
        let sixteen = try MediaReader.read(path: Fixture.path("PngSuite/basn0g16.png"))
        #expect(sixteen.preview(of: sixteen.row(0))?.format.bitDepth == 8)
        let sound = try MediaReader.read(path: Fixture.path("Audio/made/wav_2ch.wav"))
        #expect(sound.preview(of: sound.row(0)) == nil)
    }
}
