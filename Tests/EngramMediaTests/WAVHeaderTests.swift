import Testing

@testable import EngramMedia

/// Headers that recorders and pipes leave behind, and what they say beyond the samples.
@Suite struct WAVHeaderTests {
    private static func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

    /// A WAV by hand: its size fields say what they are told.
    private static func wav(
        _ data: [UInt8], format: Int = 1, channels: Int = 1, bits: Int = 16, frame: Int? = nil, dataSize: Int? = nil, riffSize: Int? = nil,
        extensible: [UInt8] = [], before: [UInt8] = [], after: [UInt8] = []
    ) -> [UInt8] {
        let frame = frame ?? channels * bits / 8
        var body = Array("WAVEfmt ".utf8) + little(16 + extensible.count, 4) + little(format, 2) + little(channels, 2) + little(8000, 4)
        body += little(8000 * frame, 4) + little(frame, 2) + little(bits, 2) + extensible + before
        body += Array("data".utf8) + little(dataSize ?? data.count, 4) + data + after
        return Array("RIFF".utf8) + little(riffSize ?? body.count, 4) + body
    }

    private func decode(_ bytes: [UInt8]) throws -> DecodedAudio {
        try AudioDecoder.decode(bytes, file: "a.wav", limits: MediaLimits())
    }

    private static let samples: [UInt8] = (1...100).flatMap { little(300 * $0, 2) }

    @Test(arguments: [
        (0, 4088), (0x7FFF_F000, 0x7FFF_F024), (0x8000_0000, 0x8000_0024), (0xFFFF_FFFF, 0xFFFF_FFFF), (0x7FFF_FFFF, 0x7FFF_FFFF),
        // The size of the whole file, as some recorders have it, beside the right one.
        (244, 236),
    ])
    func unfinishedHeadersAreReadToTheEndOfTheFile(dataSize: Int, riffSize: Int) throws {
        let audio = try decode(Self.wav(Self.samples, dataSize: dataSize, riffSize: riffSize))
        #expect(audio.values == (1...100).map { Float(300 * $0) / 32768 })
        #expect(audio.notes.count == 1 && audio.notes[0].hasPrefix("the header was not finished (data size"))
        #expect(audio.notes[0].hasSuffix("read to the end of the file"))
    }

    /// Nothing in a header that was cut short by a copy says so.
    @Test func aFileThatIsShorterThanItsHeaderSaysIsStillRefused() {
        for size in [201, 244, 400, 1 << 20] {
            #expect(mediaError { _ = try decode(Self.wav(Self.samples, dataSize: size, riffSize: 36 + size)) } != nil, "\(size)")
        }
    }

    @Test func partsThatAreNotReadAreSaid() throws {
        let beyond = try decode(Self.wav(Self.samples, dataSize: 160))
        #expect(beyond.frameCount == 80 && beyond.notes == ["20 frames beyond the header's count of 80 not read"])
        let half = try decode(Self.wav(Array(Self.samples[..<198]), channels: 2))
        #expect(half.frameCount == 49 && half.notes == ["half a frame at the end (2 of 4 bytes) not read"])
        // A chunk after the data is none of the samples.
        let tagged = try decode(Self.wav(Self.samples, after: Array("LIST".utf8) + Self.little(4, 4) + Array("INFO".utf8)))
        #expect(tagged.frameCount == 100 && tagged.notes.isEmpty)
        let unpadded = try decode(Self.wav(Self.samples, before: Array("LIST".utf8) + Self.little(5, 4) + Array("INFOx".utf8)))
        #expect(
            unpadded.frameCount == 100
                && unpadded.notes == ["chunk LIST has an odd length and no pad byte after it; read as if there were one"])
    }

    @Test func bitsInWiderContainersAreReadAndSaid() throws {
        let wide = try decode(Self.wav((1...10).flatMap { Self.little($0 << 20, 4) }, bits: 24, frame: 4))
        #expect(wide.subtype == .pcm32 && wide.values == (1...10).map { Float($0 << 20) / 2_147_483_648 } && wide.roundedCount == 0)
        #expect(wide.notes.contains("24 bits in containers of 32: held and written with all bits of the container"))
        let narrow = try decode(Self.wav((1...10).flatMap { Self.little($0 << 4, 2) }, bits: 12, frame: 2))
        #expect(
            narrow.subtype == .pcm16 && narrow.notes == ["12 bits in containers of 16: held and written with all bits of the container"])
    }

    @Test func speakersAreCarriedOver() throws {
        let guid: [UInt8] = [1, 0, 0, 0, 0, 0, 16, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
        let data = (1...60).flatMap { Self.little(100 * $0, 2) }
        let bytes = Self.wav(
            data, format: 0xFFFE, channels: 6, extensible: Self.little(22, 2) + Self.little(16, 2) + Self.little(0x60F, 4) + guid)
        let folder = try TemporaryFolder()
        let set = try MediaReader.read(path: try folder.write("a.wav", bytes))
        let written = try MediaWriter.files(values: set.values, like: set)[0].bytes
        #expect(try decode(written).channelMask == 0x60F)
        #expect(try decode(written).values == set.values)
    }

    /// Found by mutation: no bits at all, and more valid ones than there are.
    @Test(arguments: [(0, 0), (0, 16), (1, 1), (16, 0), (16, 17)])
    func headersWithImpossibleBitsAreNoCrash(bits: Int, valid: Int) {
        let bytes = Self.wav(
            Self.samples, format: 0xFFFE, bits: bits, frame: 2, extensible: Self.little(22, 2) + Self.little(valid, 2) + Self.little(0, 4))
        #expect(WAVHeader(bytes)?.validBitCount == nil)
    }

    /// 32 bits of a code do not fit in 24; what does fit is exact.
    @Test func codesThatAFloatDoesNotHoldAreCounted() throws {
        let exact = try decode(Self.wav([1, 2, 3].flatMap { Self.little($0 << 9, 4) }, bits: 32))
        let rounded = try decode(Self.wav([1, 2, 0x0123_4567].flatMap { Self.little($0, 4) }, bits: 32))
        #expect(exact.roundedCount == 0 && rounded.roundedCount == 1)
        #expect(rounded.notes == ["32-bit PCM held at float32 precision: 1 of 3 samples rounded to 24 bits"])
        let folder = try TemporaryFolder()
        let set = try MediaReader.read(path: try folder.write("a.wav", Self.wav(Self.little(0x0123_4567, 4), bits: 32)))
        #expect(set.isRounded && set.notes.contains("a recording of a single frame: the memory is one fixed point of one value"))
    }

    @Test func anAIFFIsAsLongAsItsHeaderSays() throws {
        func aiff(frames: Int, bits: Int, rate: [UInt8], _ data: [UInt8]) -> [UInt8] {
            func big(_ value: Int, _ count: Int) -> [UInt8] { Self.little(value, count).reversed() }
            let common = Array("COMM".utf8) + big(18, 4) + big(1, 2) + big(frames, 4) + big(bits, 2) + rate
            let sound = Array("SSND".utf8) + big(8 + data.count, 4) + big(0, 8) + data + (data.count % 2 == 1 ? [0] : [])
            return Array("FORM".utf8) + big(4 + common.count + sound.count, 4) + Array("AIFF".utf8) + common + sound
        }
        // 8000 Hz, and the 22254.5454… Hz of the first Macintosh.
        let (whole, fraction): ([UInt8], [UInt8]) = (
            [0x40, 0x0B, 0xFA, 0, 0, 0, 0, 0, 0, 0], [0x40, 0x0D, 0xAD, 0xDD, 0x17, 0x45, 0xD1, 0x74, 0, 0]
        )
        let odd = try decode(aiff(frames: 5, bits: 8, rate: whole, [1, 2, 3, 4, 5]))
        #expect(odd.frameCount == 5 && odd.notes.isEmpty)
        // What is written of it has as many, too.
        let folder = try TemporaryFolder()
        let set = try MediaReader.read(path: try folder.write("a.aiff", aiff(frames: 5, bits: 8, rate: whole, [1, 2, 3, 4, 5])))
        #expect(AIFFHeader(try MediaWriter.files(values: set.values, like: set)[0].bytes)?.frameCount == 5)
        let short = try decode(aiff(frames: 3, bits: 16, rate: whole, [0, 1, 0, 2, 0, 3, 0, 4, 0, 5]))
        #expect(short.frameCount == 3 && short.notes == ["2 frames beyond the header's count of 3 not read"])
        let old = try decode(aiff(frames: 2, bits: 12, rate: fraction, [0, 0x10, 0, 0x20]))
        #expect(old.notes.contains("12-bit samples held and written in 16 bits"))
        #expect(old.notes.contains { $0.hasPrefix("a sample rate of 22254.54") && $0.hasSuffix("written as whole Hz") })
    }
}
