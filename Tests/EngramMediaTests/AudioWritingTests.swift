import Testing

@testable import EngramMedia

@Suite struct AudioWritingTests {
    static let lossless = Fixture.table(Fixture.path("audio.tsv")).map { $0[0] }.filter { name in
        (try? Fixture.bytes("Audio/" + name)) != nil && ConformanceTests.refusedByName[name] == nil
    }

    /// Reads, writes, reads again: same format, same samples, same bytes on a second writing.
    @Test(arguments: lossless)
    func aClipComesBackInItsOwnFormat(name: String) throws {
        let set = try MediaReader.read(path: Fixture.path("Audio/" + name))
        guard let format = set.format.audio else { return }
        let files = try MediaWriter.files(values: set.values, like: set)
        #expect(files.count == 1)
        #expect(try MediaWriter.files(values: set.values, like: set) == files)
        let back = try AudioDecoder.decode(files[0].bytes, file: name, limits: MediaLimits())
        #expect(back.frameCount == format.totalFrameCount && back.channels == format.channels && back.sampleRateHz == format.sampleRateHz)
        if format.isWrittenAsRead {
            let isBigWavex = format.container == .wavex && format.byteOrder == .big
            #expect(
                back.container == (isBigWavex ? .wav : format.container) && back.subtype == format.subtype
                    && back.byteOrder == format.byteOrder)
            #expect(files[0].name == format.clips[0].name)
            #expect(back.values == Array(set.values.prefix(back.values.count)))
            // libsndfile's PEAK chunk holds the time of writing.
            let text = String(decoding: files[0].bytes.prefix(4096), as: UTF8.self).uppercased()
            #expect(!text.contains("PEAK"))
        } else {
            #expect(back.container == .wav && back.subtype == .pcm16 && files[0].name.hasSuffix(".wav"))
            #expect(set.notes.contains { $0.hasSuffix("recovered as 16-bit WAV") })
            #expect(try set.codes(of: back.values) == set.codes(of: set.values.prefix(back.values.count)))
        }
    }

    @Test func samplesOfASixteenBitWAVComeBackBitExact() throws {
        let samples: [Int16] = [Int16.min, -32767, -1, 0, 1, 2, 12345, 32766, Int16.max]
        let bytes = wavBytes(samples)
        let folder = try TemporaryFolder()
        let set = try MediaReader.read(path: try folder.write("a.wav", bytes))
        #expect(set.values == samples.map { Float($0) / 32768 })
        #expect(try set.codes(of: set.values) == samples.map { Int32($0) })
        // The file made by hand has the plainest header there is; libsndfile writes the same.
        #expect(try MediaWriter.files(values: set.values, like: set) == [MediaFile(name: "a.wav", bytes: bytes)])
        // Within half a code the samples stay; beyond full scale they clip.
        let nudged = set.values.map { $0 + 0.49 / 32768 }
        #expect(try set.codes(of: nudged) == samples.map { Int32($0) })
        #expect(try set.codes(of: [2, -2]) == [32767, -32768])
    }

    @Test func windowsArePaddedAndTheTrueLengthKept() throws {
        let folder = try TemporaryFolder()
        let samples = (1...10).map { Int16($0) }
        var options = MediaReadOptions()
        options.audioWindowSeconds = 0.5
        let set = try MediaReader.read(path: try folder.write("a.wav", wavBytes(samples, rate: 8)), options: options)
        #expect(set.count == 3 && set.dimension == 4 && set.sequences == [0..<3])
        #expect(set.values.map { $0 * 32768 } == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0])
        #expect(set.notes == ["last window of a.wav padded by 2 frames of silence"])
        #expect(set.names == ["a.wav window 1 of 3", "a.wav window 2 of 3", "a.wav window 3 of 3"])
        #expect(try MediaWriter.files(values: set.values, like: set)[0].bytes == wavBytes(samples, rate: 8))
        options.kind = .autoencoder
        #expect(try MediaReader.read(path: "\(folder.path)/a.wav", options: options).sequences == nil)
    }

    @Test func stereoKeepsItsChannelsInsideAWindow() throws {
        var options = MediaReadOptions()
        options.audioWindowSeconds = 0.1
        let set = try MediaReader.read(path: Fixture.path("Audio/made/wav_2ch.wav"), options: options)
        #expect(set.dimension == 2 * 2205 && set.count == 2)
        let bytes = try Fixture.bytes("Audio/made/wav_2ch.wav")
        let data = bytes.suffix(16000).map { $0 }
        let first = (0..<8).map { Int16(bitPattern: UInt16(data[2 * $0]) | UInt16(data[2 * $0 + 1]) << 8) }
        #expect(set.values.prefix(8).map { $0 * 32768 } == first.map { Float($0) })
    }

    @Test func severalClipsOfOneFormatAreOneCycleEach() throws {
        let folder = try TemporaryFolder()
        try folder.write("d/a10.wav", wavBytes([5, 6, 7], rate: 2))
        try folder.write("d/a2.wav", wavBytes([1, 2, 3, 4], rate: 2))
        let set = try MediaReader.read(path: folder.path + "/d")
        #expect(set.sequences == [0..<2, 2..<4])
        #expect(set.values.map { $0 * 32768 } == [1, 2, 3, 4, 5, 6, 7, 0])
        let files = try MediaWriter.files(values: set.values, like: set)
        #expect(files.map(\.name) == ["a2.wav", "a10.wav"] && files[1].bytes == wavBytes([5, 6, 7], rate: 2))
        try folder.write("d/b.wav", wavBytes([1], rate: 4))
        let error = mediaError { _ = try MediaReader.read(path: folder.path + "/d") }
        #expect(error == .mismatch(file: "b.wav", property: "sample rate", expected: "2 Hz", reference: "a2.wav", found: "4 Hz"))
    }

    @Test func samplesThatAreNotNumbersAreRefused() throws {
        var bytes = try Fixture.bytes("Audio/made/wav_float.wav")
        bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
        let error = mediaError { _ = try AudioDecoder.decode(bytes, file: "a.wav", limits: MediaLimits()) }
        #expect(error?.description.contains("frame 11024, channel 0: expected finite samples") == true, "\(String(describing: error))")
        let set = try MediaReader.read(path: Fixture.path("Audio/made/wav_float.wav"))
        #expect(try set.codes(of: [0]) == nil)
        #expect(mediaError { _ = try MediaWriter.files(values: set.values.map { _ in .nan }, like: set) } == .nonFiniteValue(index: 0))
    }
}
