import Testing

@testable import EngramMedia

/// Cut, bent and lying files: an error, never a crash and never silence.
@Suite struct HostileInputTests {
    static let limits = MediaLimits()

    static func decode(_ bytes: [UInt8], _ name: String) throws {
        switch MediaFormats.all.format(of: Array(bytes.prefix(64)))?.description {
        case "a PNG image": _ = try PNGDecoder.decode(bytes, file: name, limits: limits)
        case "audio": _ = try AudioDecoder.decode(bytes, file: name, limits: limits)
        case "IDX data": _ = try IDXCodec.decode(bytes, name: name, limits: limits)
        default: throw MediaError.empty(path: name, found: "no medium")
        }
    }

    /// Small files of each codec, of which no proper prefix is whole.
    static func samples() throws -> [(name: String, bytes: [UInt8])] {
        let idx = idxBytes(type: 8, dimensions: [3, 2, 2], data: [UInt8](1...12))
        return [
            ("a.png", try Fixture.bytes("PngSuite/basi3p02.png")), ("b.png", try Fixture.bytes("PngSuite/tbbn2c16.png")),
            ("a.wav", wavBytes((0..<50).map { Int16($0 * 100) })), ("a.idx", idx), ("a.idx.gz", try Gzip.deflate(idx, file: "a")),
        ]
    }

    @Test func everyTruncationOfASmallFileIsAnError() throws {
        for (name, bytes) in try Self.samples() {
            #expect(mediaError { try Self.decode(bytes, name) } == nil, "\(name)")
            for length in 0..<bytes.count {
                let error = mediaError { try Self.decode(Array(bytes[..<length]), name) }
                #expect(error != nil && error?.isRetryable == false, "\(name) cut to \(length) of \(bytes.count)")
            }
        }
    }

    @Test(arguments: [
        "wav_pcm_32.wav", "wav_float.wav", "rf64_pcm16.wav", "w64_pcm16.w64", "aiff_pcm_16.aiff", "au_pcm16.au", "caf_pcm16.caf",
        "flac_16.flac", "ogg_vorbis.ogg", "ogg_opus_48k.opus",
    ])
    func cutAudioIsRefusedInEveryContainer(name: String) throws {
        let bytes = try Fixture.bytes("Audio/made/" + name)
        // Every cut in the header, then a sparse walk through the samples and the last bytes.
        let lengths = Array(0..<100) + Array(stride(from: 100, to: bytes.count, by: 997)) + [bytes.count - 2, bytes.count - 1]
        for length in lengths {
            let error = mediaError { _ = try AudioDecoder.decode(Array(bytes[..<length]), file: name, limits: Self.limits) }
            #expect(error != nil, "\(name) cut to \(length) of \(bytes.count)")
        }
    }

    @Test func aFlippedBitInAnOggPageIsFound() throws {
        var bytes = try Fixture.bytes("Audio/made/ogg_vorbis.ogg")
        bytes[bytes.count / 2] ^= 1
        let text = mediaError { _ = try AudioDecoder.decode(bytes, file: "a.ogg", limits: Self.limits) }?.description ?? "read"
        #expect(text.hasPrefix("a.ogg: chunk Ogg page at byte ") && text.contains("expected CRC 0x"), "\(text)")
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func mutatedFilesNeverCrash(seed: UInt64) throws {
        var generator = TestGenerator(state: seed)
        var samples = try Self.samples()
        for name in [
            "flac_s8.flac", "wav_ima_adpcm.wav", "aiff_pcm_s8.aiff", "caf_pcm16.caf", "mp3.mp3", "ogg_vorbis.ogg", "wav_ms_adpcm.wav",
        ] {
            samples.append((name, try Fixture.bytes("Audio/made/" + name)))
        }
        var refused = 0
        var read = 0
        for (name, bytes) in samples {
            for _ in 0..<40 {
                var bent = bytes
                // Half of the blows go to the header, where the sizes are.
                for _ in 0..<Int.random(in: 1...4, using: &generator) {
                    let end = Bool.random(using: &generator) ? min(64, bent.count) : bent.count
                    bent[Int.random(in: 0..<end, using: &generator)] =
                        [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)][
                            Int.random(in: 0..<6, using: &generator)]
                }
                if mediaError({ try Self.decode(bent, name) }) == nil { read += 1 } else { refused += 1 }
            }
        }
        #expect(refused > 0 && refused + read == 40 * samples.count, "seed \(seed)")
    }

    @Test func aHugeHeaderCostsNothing() throws {
        // A valid 1 x 1 picture whose IHDR is rewritten, CRC and all.
        func picture(width: UInt32, height: UInt32) throws -> [UInt8] {
            let format = ImageFormat(width: 1, height: 1, colorKind: .rgba, bitDepth: 16)
            var bytes = try PNGEncoder.encode([UInt8](repeating: 7, count: 8), format: format, file: "a")
            var sizes: [UInt8] = []
            sizes.appendBigEndian(UInt64(width), byteCount: 4)
            sizes.appendBigEndian(UInt64(height), byteCount: 4)
            bytes.replaceSubrange(16..<24, with: sizes)
            var crc: [UInt8] = []
            crc.appendBigEndian(UInt64(crc32(bytes[12..<29])), byteCount: 4)
            bytes.replaceSubrange(29..<33, with: crc)
            return bytes
        }
        func refusal(_ width: UInt32, _ height: UInt32) throws -> String {
            let bytes = try picture(width: width, height: height)
            return mediaError { _ = try PNGDecoder.decode(bytes, file: "a.png", limits: Self.limits) }?.description ?? "read"
        }
        #expect(try refusal(1, 1) == "read")
        #expect(try refusal(0x7FFF_FFFF, 0x7FFF_FFFF).contains("width or height in pixels is 2147483647, the limit is 16384"))
        #expect(try refusal(0x8000_0000, 1).contains("expected width and height from 1 to 2^31 - 1"))
        #expect(try refusal(0, 1).contains("found 0 x 1"))
        #expect(try refusal(16384, 16384).contains("pixel count is 268435456"))
        #expect(try refusal(8192, 8192).contains("bytes of IDAT for 8192 x 8192 pixels"))
        #expect(try refusal(2, 1).contains("from libpng"))
        // More image data than the header has room for.
        let format = ImageFormat(width: 1, height: 2, colorKind: .gray, bitDepth: 8)
        var tall = try PNGEncoder.encode([1, 2], format: format, file: "a")
        tall[23] = 1
        var crc: [UInt8] = []
        crc.appendBigEndian(UInt64(crc32(tall[12..<29])), byteCount: 4)
        tall.replaceSubrange(29..<33, with: crc)
        #expect(mediaError { _ = try PNGDecoder.decode(tall, file: "a", limits: Self.limits) }?.description.contains("from libpng") == true)
    }

    @Test func aDamagedChunkIsNamedWithItsPlace() throws {
        let text = mediaError { _ = try MediaReader.read(path: Fixture.path("PngSuite/xcsn0g01.png")) }?.description ?? "read"
        #expect(text.hasPrefix("xcsn0g01.png: chunk IDAT at byte "), "\(text)")
        #expect(text.contains("expected CRC 0x"))
        let cut = mediaError { _ = try MediaReader.read(path: Fixture.path("Audio/made/wav_data_truncated.wav")) }?.description ?? "read"
        #expect(
            cut == "wav_data_truncated.wav: chunk data at byte 36: expected 16000 bytes of data, found 8000 bytes in the file. \(copyAgain)"
        )
        let md5 = mediaError { _ = try MediaReader.read(path: Fixture.path("Audio/made/flac_wrong_md5.flac")) }?.description ?? "read"
        #expect(md5.contains("the MD5 of the samples is not the one in STREAMINFO"), "\(md5)")
        // The MD5 counts behind an ID3 tag of 3 bytes too.
        let tagged = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 3, 1, 1, 1]
        let good = try AudioDecoder.decode(tagged + Fixture.bytes("Audio/made/flac_16.flac"), file: "a.flac", limits: Self.limits)
        #expect(good.frameCount == 11025 && good.container == .flac)
        let bad = try tagged + Fixture.bytes("Audio/made/flac_wrong_md5.flac")
        let taggedText = mediaError { _ = try AudioDecoder.decode(bad, file: "a.flac", limits: Self.limits) }?.description ?? "read"
        #expect(taggedText.contains("the MD5 of the samples"), "\(taggedText)")
    }
}
