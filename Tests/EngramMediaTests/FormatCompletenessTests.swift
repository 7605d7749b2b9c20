import EngramTestSupport
import EngramSystem
import Testing

@testable import EngramMedia

@Suite struct FormatCompletenessTests {
    private func check(_ bytes: [UInt8], as name: String = "x") -> FileCompleteness {
        growing(bytes, named: name) { MediaFormats.all.completeness(of: $0) }
    }

    private func isIncomplete(_ found: FileCompleteness) -> Bool {
        if case .incomplete = found { return true }
        return false
    }

    /// Each of these is whole by its format's own definition, and no part of it is.
    @Test(
        arguments: [
            Sample.png, Sample.wav(dataByteCount: 40), Sample.idx([3, 2, 5], dataByteCount: 30),
            // gzip -n of "hello\n", made by gzip 1.12.
            [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 0x20, 0x30, 0x3a, 0x36, 6, 0, 0, 0],
            Array("FORM".utf8) + [0, 0, 0, 12] + Array("AIFF".utf8) + Array(repeating: 0, count: 8),
        ] as [[UInt8]])
    func theWholeFileIsCompleteAndEveryLongPrefixIsNot(file: [UInt8]) {
        #expect(check(file) == .complete)
        for count in 28..<max(28, file.count) where count < file.count {
            #expect(isIncomplete(check(Array(file.prefix(count)))), "\(count) of \(file.count) bytes")
        }
    }

    @Test func bytesAfterTheEndAreNoticed() {
        #expect(isIncomplete(check(Sample.wav(dataByteCount: 10) + [0])))
        #expect(isIncomplete(check(Sample.idx([2, 2], dataByteCount: 5))))
    }

    @Test func aHeaderThatPromisesMoreThanMemoryHoldsIsIncompleteAndNoTrap() {
        #expect(isIncomplete(check([0, 0, 0x0e, 4] + Array(repeating: 0xff, count: 16))))
        #expect(isIncomplete(check(Array("RF64".utf8) + Array(repeating: 0xff, count: 60))))
    }

    @Test func aFileWhoseNameAndBytesDisagreeIsIncomplete() {
        #expect(isIncomplete(check([1, 2, 3], as: "a.PNG")))
        #expect(isIncomplete(check([1, 2, 3], as: "a.wav")))
        #expect(isIncomplete(check([1, 2, 3], as: "a.gz")))
    }

    @Test func streamsWithoutAWholeUnitAreIncomplete() {
        #expect(isIncomplete(check(Array("fLaC".utf8) + [UInt8](repeating: 0, count: 20), as: "a.flac")))
        #expect(isIncomplete(check(Array("OggS".utf8) + [UInt8](repeating: 0, count: 20), as: "a.ogg")))
    }

    @Test func anEmptyFileIsIncomplete() {
        #expect(isIncomplete(check([], as: "empty.png")))
    }

    /// Files that other programs wrote (libsndfile, flac, LAME, libopus; `Fixtures/README.md` of the media tests).
    private static let foreign =
        ["flac/subset-60-mono_audio.flac"]
        + [
            "aiff_float.aiff", "aiff_pcm_24.aiff", "au_pcm16.au", "caf_pcm16.caf", "flac_16.flac", "flac_24.flac", "flac_s8.flac",
            "mp3.mp3",
            "ogg_opus_48k.opus", "ogg_vorbis.ogg", "rf64_pcm16.wav", "w64_pcm16.w64", "wav_1frame.wav", "wav_2ch.wav", "wav_float.wav",
            "wav_ms_adpcm.wav", "wav_u8_odd_frames.wav", "wavex_6ch_pcm24.wav",
        ].map { "made/" + $0 }

    private func bytes(of name: String) throws -> [UInt8] { try Fixture.bytes("Audio/" + name) }

    @Test(arguments: foreign)
    func aForeignFileIsCompleteAndIsNotWhenItIsCutOrLonger(name: String) throws {
        let whole = try bytes(of: name)
        let short = "x." + (name.split(separator: ".").last.map(String.init) ?? "")
        #expect(check(whole, as: short) == .complete)
        // At the end of its header, in every part of its middle, and one byte before its end.
        let cuts = Set([44, whole.count - 1] + (1..<40).map { whole.count * $0 / 40 }).filter { $0 > 0 && $0 < whole.count }
        for count in cuts.sorted() {
            #expect(isIncomplete(check(Array(whole.prefix(count)), as: short)), "\(count) of \(whole.count) bytes")
        }
        // A reserved file whose header is written last.
        #expect(isIncomplete(check([UInt8](repeating: 0, count: whole.count), as: short)) || short == "x.mp3")
    }

    @Test(arguments: ["made/flac_truncated.flac", "made/ogg_truncated.ogg"])
    func filesThatWereCutByOthersAreIncomplete(name: String) throws {
        #expect(isIncomplete(check(try bytes(of: name), as: "x")))
    }

    /// The unit's own marks tell what its boundaries cannot.
    @Test(arguments: [("made/ogg_vorbis.ogg", "OggS"), ("flac/subset-60-mono_audio.flac", "")])
    func aFileThatWasCutExactlyBetweenTwoUnitsIsIncomplete(name: String, mark: String) throws {
        let whole = try bytes(of: name)
        var cuts: [Int] = []
        if mark.isEmpty {
            // Every place from which on the rest of the file reads as whole frames up to the end.
            cuts = (whole.count / 2..<whole.count - 16).filter { whole[$0] == 0xff && whole[$0 + 1] & 0xfe == 0xf8 }
        } else {
            cuts = whole.indices.dropFirst().filter { whole[$0...].starts(with: Array(mark.utf8)) }
        }
        #expect(!cuts.isEmpty)
        var reasons: [String] = []
        for cut in cuts {
            let found = check(Array(whole.prefix(cut)), as: "x")
            if case .incomplete(let reason) = found { reasons.append(reason) } else { Issue.record("cut at \(cut)") }
        }
        #expect(reasons.contains { $0.contains(mark.isEmpty ? "its last frame ends with" : "not marked as the end") })
    }

    @Test func aWAVThatWasWrittenToAPipeIsUnknown() throws {
        #expect(check(Array("RIFF".utf8) + [255, 255, 255, 255] + Array("WAVEdata".utf8), as: "x.wav") == .unknown)
    }

    @Test func tagsAroundAnMP3DoNotCount() throws {
        let whole = try bytes(of: "made/mp3.mp3")
        let front = Array("ID3".utf8) + [4, 0, 0, 0, 0, 1, 2] + [UInt8](repeating: 0, count: 130)
        let back = Array("TAG".utf8) + [UInt8](repeating: 0x20, count: 125)
        #expect(check(front + whole + back, as: "x.mp3") == .complete)
        #expect(isIncomplete(check(front + whole.dropLast(9) + back, as: "x.mp3")))
    }

    @Test func aCAFWithChunksWithoutEndIsReadAThousandTimesAtMost() throws {
        let chunk: [UInt8] = Array("free".utf8) + [0, 0, 0, 0, 0, 0, 0, 0]
        let hostile = Array("caff".utf8) + [0, 1, 0, 0] + Array(repeatElement(chunk, count: 5000).joined())
        #expect(isIncomplete(check(hostile, as: "x.caf")))
    }
}
