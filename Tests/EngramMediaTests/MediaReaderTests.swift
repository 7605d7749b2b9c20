import Foundation
import Testing

@testable import EngramMedia

@Suite struct MediaReaderTests {
    /// A gray 8-bit picture of 2 x 1.
    static func png(_ codes: [UInt8], width: Int = 2, kind: ColorKind = .gray, depth: Int = 8) throws -> [UInt8] {
        let format = ImageFormat(
            width: width, height: codes.count / (width * kind.channelCount * (depth == 16 ? 2 : 1)), colorKind: kind, bitDepth: depth)
        return try PNGEncoder.encode(codes, format: format, file: "test")
    }

    @Test func oneImageIsAnAutoencoderWithOneExample() throws {
        let folder = try TemporaryFolder()
        let set = try MediaReader.read(path: try folder.write("a1.png", try Self.png([0, 255])))
        #expect(set.count == 1 && set.values == [0, 1] && set.sequences == nil && set.names == ["a1.png"])
        #expect(set.format == .image(ImageFormat(width: 2, height: 1, colorKind: .gray, bitDepth: 8)))
        #expect(try set.codes(of: set.values) == [0, 255])
    }

    @Test func numberedImagesOfAFilmAreASequenceInNaturalOrder() throws {
        let folder = try TemporaryFolder()
        for number in [10, 2, 1, 11, 9, 8] { try folder.write("frame_\(number).png", try Self.png([UInt8(number), 0])) }
        for junk in [
            "drop.yml", ".DS_Store", "Thumbs.db", "~$new.tmp", "desktop.ini", "__MACOSX/x.png", "~$frames.doc", "$RECYCLE.BIN/1.png",
            "@tmp/1.png",
        ] { try folder.write(junk, [1]) }
        let set = try MediaReader.read(path: folder.path)
        #expect(set.names == [1, 2, 8, 9, 10, 11].map { "frame_\($0).png" } && set.sequences == [0..<6])
        #expect(try set.codes(of: set.values) == [1, 0, 2, 0, 8, 0, 9, 0, 10, 0, 11, 0])
        #expect(
            set.notes.filter { !$0.contains("passed over") } == [
                "numbers 3 to 7 are missing between frame_1.png and frame_11.png; what stands beside a gap follows each other"
            ])
        #expect(set.notes.contains(".DS_Store passed over: its name begins with a dot, so it is hidden"))
        let files = try MediaWriter.files(values: set.values, like: set)
        #expect(files[4] == MediaFile(name: "frame_10.png", bytes: try Self.png([10, 0])))
        try folder.write("frames.tsv", [1])
        try folder.write("title.png", try Self.png([7, 7]))
        let other = try MediaReader.read(path: folder.path)
        #expect(other.sequences == nil && other.count == 7)
        #expect(other.interpretation?.because == "title.png does not end in a number, as the others do; without it it may be a film")
    }

    /// A whole picture under such a name, too: what is still to come is not known.
    @Test(arguments: ["f_2.png.part", "f_2.PNG.CRDOWNLOAD", "notes.txt.tmp", "inner.download/1.png"])
    func whatIsStillBeingWrittenByItsNameIsRefused(name: String) throws {
        let folder = try TemporaryFolder()
        for name in ["f_1.png", name] { try folder.write(name, try Self.png([1, 2])) }
        let error = try #require(mediaError { _ = try MediaReader.read(path: folder.path) })
        let part = name.split(separator: "/")[0]
        #expect(error.description.hasPrefix("\(part): a file that is still being written") && !error.isRetryable, "\(error)")
    }

    @Test func foldersInsideAreOneSequenceEach() throws {
        let folder = try TemporaryFolder()
        for name in ["up/1.png", "up/2.png", "down/2.png", "down/1.png", "down/3.png"] { try folder.write(name, try Self.png([1, 2])) }
        let set = try MediaReader.read(path: folder.path)
        #expect(set.names == ["down/1.png", "down/2.png", "down/3.png", "up/1.png", "up/2.png"] && set.sequences == [0..<3, 3..<5])
        #expect(try MediaWriter.files(values: set.values, like: set).map(\.name) == set.names)
        var options = MediaReadOptions()
        options.kind = .autoencoder
        #expect(try MediaReader.read(path: folder.path, options: options).sequences == nil)
        try folder.write("stray.png", try Self.png([1, 2]))
        #expect(
            mediaError { _ = try MediaReader.read(path: folder.path) }?.description.contains("the folder down beside the file stray.png")
                == true)
    }

    @Test func palettesComeBackAsRGBAndColourChunksAreNamed() throws {
        let palette = try MediaReader.read(path: Fixture.path("PngSuite/basn3p02.png"))
        #expect(palette.notes.contains("palette expanded to RGB at 8 bits") && palette.notes.contains("gAMA chunk not applied"))
        let written = try MediaWriter.files(values: palette.values, like: palette)[0]
        let back = try PNGDecoder.decode(written.bytes, file: "b", limits: MediaLimits())
        #expect(back.format == ImageFormat(width: 32, height: 32, colorKind: .rgb, bitDepth: 8))
        #expect(back.codeBytes.map { Int32($0) } == (try palette.codes(of: palette.values)))
        #expect(try MediaReader.read(path: Fixture.path("PngSuite/tbrn2c08.png")).notes.contains("tRNS expanded to an alpha channel"))
    }

    @Test func mixedDropsAreRefusedNamingBoth() throws {
        let folder = try TemporaryFolder()
        func refusal(_ name: String, _ bytes: [UInt8]) throws -> String {
            try folder.write("a/1.png", try Self.png([1, 2]))
            let path = try folder.write("a/\(name)", bytes)
            defer { try? FileManager.default.removeItem(atPath: path) }
            return mediaError { _ = try MediaReader.read(path: folder.path + "/a") }?.description ?? "read"
        }
        #expect(try refusal("2.png", try Self.png([1, 2, 3, 4])).hasPrefix("2.png: size is 2 x 2, expected 2 x 1 as in 1.png"))
        #expect(try refusal("2.wav", wavBytes([1])).contains("found a PNG image (1.png) beside audio (2.wav)"))
        #expect(
            try refusal("2.gif", Array("GIF89a".utf8)).contains("2.gif: a GIF image among PNG images of the same names is not read"))
        #expect(try refusal("2.wav", try Self.png([1, 2])).contains("2.wav: expected audio from its name, found a PNG image"))
        #expect(try refusal("2.png", [1, 2, 3]).contains("2.png: byte 0: expected a PNG image, as its name says"))
        #expect(try refusal("2.png", []).contains("a file of 0 bytes"))
    }

    @Test func emptyMissingAndLinkedDropsAreRefused() throws {
        let folder = try TemporaryFolder()
        #expect(
            mediaError { _ = try MediaReader.read(path: folder.path) }
                == .empty(path: lastComponent(of: folder.path), found: "an empty folder"))
        try folder.write("readme.txt", [65])
        #expect(mediaError { _ = try MediaReader.read(path: folder.path) }?.description.contains("readme.txt passed over") == true)
        let missing = mediaError { _ = try MediaReader.read(path: folder.path + "/none") }
        #expect(missing?.isRetryable == true && missing?.description.contains("lstat failed: No such file or directory (errno 2)") == true)
        let target = try folder.write("b/1.png", try Self.png([1, 2]))
        let link = folder.path + "/b/2.png"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        #expect(mediaError { _ = try MediaReader.read(path: link) } == .notAFile(path: link, found: "a symbolic link"))
        #expect(mediaError { _ = try MediaReader.read(path: folder.path + "/b") } == .notAFile(path: "2.png", found: "a symbolic link"))
        #expect(mediaError { _ = try InputFile.read(link, limits: MediaLimits()) } == .notAFile(path: link, found: "a symbolic link"))
    }

    @Test func limitsHoldBeforeDecoding() throws {
        let folder = try TemporaryFolder()
        for name in ["1.png", "2.png"] { try folder.write(name, try Self.png([1, 2, 3, 4])) }
        func refusal(_ change: (inout MediaLimits) -> Void) -> String {
            var options = MediaReadOptions()
            change(&options.limits)
            return mediaError { _ = try MediaReader.read(path: folder.path, options: options) }?.description ?? "read"
        }
        #expect(refusal { _ in } == "read")
        #expect(refusal { $0.maxFileByteCount = 20 }.contains("file size in bytes is"))
        #expect(refusal { $0.maxImageSide = 1 }.contains("width or height in pixels is 2, the limit is 1"))
        #expect(refusal { $0.maxPixelCount = 3 }.contains("pixel count is 4, the limit is 3"))
        #expect(refusal { $0.maxSampleCount = 1 }.contains("file count is 2, the limit is 1"))
        #expect(refusal { $0.maxDecodedByteCount = 31 }.contains("byte count of 2 decoded images is 32, the limit is 31"))
        let sound = Fixture.path("Audio/made/wav_2ch.wav")
        var options = MediaReadOptions()
        options.limits.maxChannelCount = 1
        #expect(mediaError { _ = try MediaReader.read(path: sound, options: options) }?.description.contains("channel count is 2") == true)
        options = MediaReadOptions()
        options.audioWindowSeconds = .nan
        #expect(
            mediaError { _ = try MediaReader.read(path: sound, options: options) }?.description.hasPrefix("audio.window: expected") == true)
    }

    @Test func everyErrorTellsWhatToDo() {
        let fault = MediaError.malformed(
            file: "a.png", place: MediaPlace(chunk: "IDAT", byteOffset: 57), expected: "CRC 0x1", found: "0x2", remedy: copyAgain)
        let texts: [(MediaError, String)] = [
            (
                .system(path: "a", call: "open", errorNumber: 13),
                "a: open failed: Permission denied (errno 13). Give the service read permission (files 0644, folders 0755)."
            ),
            (
                .notAFile(path: "a", found: "a pipe"),
                "a: expected a regular file or a folder, found a pipe. Links are not followed; drop a copy of the file itself."
            ),
            (
                fault,
                "a.png: chunk IDAT at byte 57: expected CRC 0x1, found 0x2. The file is damaged or was cut short; copy it again."
            ),
            (.unsupported(file: "a", feature: "x", remedy: "Convert it."), "a: x is not read. Convert it."),
            (
                .overLimit(file: "a", quantity: "x", limit: 1, found: 2),
                "a: x is 2, the limit is 1. Make it smaller, or raise the limit in the settings."
            ),
            (
                .nameContradictsContent(file: "a.wav", nameSays: "audio", contentIs: "b"),
                "a.wav: expected audio from its name, found b. Give it the name of what it holds, and drop it again."
            ),
            (
                .mismatch(file: "b", property: "size", expected: "1", reference: "a", found: "2"),
                "b: size is 2, expected 1 as in a. One drop holds samples of one kind; convert or split it."
            ),
            (.mixedDrop(path: "d", first: "a", second: "b"), "d: expected entries of one kind, found a beside b. Drop them separately."),
            (
                .empty(path: "d", found: "nothing"),
                "d: expected at least one PNG, audio or IDX sample, found nothing. Put the media in and drop it again."
            ),
            (.invalidOption(name: "n", expected: "1", found: "2"), "n: expected 1, found 2. Change the setting and drop it again."),
            (
                .nonFiniteValue(index: 3),
                "value 3 to write: expected a finite number, found NaN or infinity. The recall diverged; nothing was written."
            ),
            (.notWritten(file: "a", reason: "r"), "a: expected to write it in the drop's own format, found: r. Report this with the file."),
        ]
        for (error, text) in texts {
            #expect(error.description == text)
            var isSystem = false
            if case .system = error { isSystem = true }
            #expect(error.isRetryable == isSystem)
        }
    }
}
