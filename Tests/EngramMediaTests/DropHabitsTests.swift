import Testing

@testable import EngramMedia

/// Folders as people and their programs leave them: what is a sample, what lies beside, and in what order.
@Suite struct DropHabitsTests {
    private static func png(_ code: Int) throws -> [UInt8] { try MediaReaderTests.png([UInt8(code), 0]) }

    /// Reads a folder of pictures with these names, whose codes are their places in the list.
    private func read(_ names: [String], and others: [String: [UInt8]] = [:], rules: ReadingRules = .current) throws -> SampleSet {
        let folder = try TemporaryFolder()
        for (code, name) in names.enumerated() { try folder.write("d/" + name, try Self.png(code)) }
        for (name, bytes) in others { try folder.write("d/" + name, bytes) }
        var options = MediaReadOptions()
        options.rules = rules
        return try MediaReader.read(path: folder.path + "/d", options: options)
    }

    private func codes(_ set: SampleSet) throws -> [Int32] {
        try set.codes(of: set.values).map { codes in stride(from: 0, to: codes.count, by: 2).map { codes[$0] } } ?? []
    }

    @Test func whatProgramsLeaveIsNamedAndPassedOver() throws {
        let film = (1...6).map { "frame_00\($0).png" }
        let set = try read(
            film,
            and: [
                "frame_003.png~": try Self.png(9), "frame_003.png:Zone.Identifier": Array("[ZoneTransfer]".utf8),
                "frame_003 (copy).png": try Self.png(9), "frame_004 (1).png": try Self.png(9), "frame_005 - Copy (2).png": try Self.png(9),
                "frame_003.sync-conflict-20240101-120000-ABCDEFG.png": try Self.png(9), "frame_002.png.bak": try Self.png(9),
                "..dots.png": try Self.png(9),
            ])
        #expect(set.names == film && set.sequences == [0..<6])
        let passed = set.notes.filter { $0.contains("passed over") }
        #expect(passed.count == 8)
        for note in [
            "frame_003.png~ passed over: an editor left it", "frame_003.png:Zone.Identifier passed over: Windows left it",
            "frame_003 (copy).png passed over: a copy of frame_003.png, by its name",
            "frame_004 (1).png passed over: a copy of frame_004.png, by its name",
            "frame_003.sync-conflict-20240101-120000-ABCDEFG.png passed over: Syncthing, for a change that it could not join, left it",
            "..dots.png passed over: its name begins with a dot, so it is hidden",
        ] { #expect(passed.contains(note), "\(passed)") }
        // A memory that was made before is read as it was.
        #expect(try read(["a.png"], and: ["a.png~": try Self.png(2), "a (copy).png": try Self.png(3)], rules: .first).count == 3)
    }

    /// Without the original beside it, or where browsers number downloads, such a name is one's own.
    @Test func aCopyWithoutItsOriginalIsASample() throws {
        #expect(try read(["photo (1).png", "photo (2).png", "photo.png", "cat - Copy.png"]).count == 4)
    }

    @Test func licencesTextsAndOtherMediaBesideSamplesArePassedOver() throws {
        let film = (1...6).map { "frame_\($0).png" }
        let set = try read(
            film,
            and: [
                "LICENSE": Array("CC0\n".utf8), "README": Array("Read me".utf8), "SHA256SUMS": Array("00 a".utf8), "empty": [],
                "preview.gif": Array("GIF89a".utf8) + [1, 0], "film.mp4": [0, 0, 0, 32] + Array("ftypisom".utf8),
                "notes.pdf": Array("%PDF-1.4".utf8), "Lies mich": [0xFF, 0xFE] + "Hallo".utf8.flatMap { [$0, 0] },
            ])
        #expect(set.names == film && set.sequences != nil)
        for note in [
            "LICENSE passed over: text, not read", "preview.gif passed over: a GIF image, not read",
            "film.mp4 passed over: a film of another format, not read", "Lies mich passed over: text, not read", "empty passed over: empty",
        ] { #expect(set.notes.contains(note), "\(set.notes)") }
    }

    @Test func aWrappingFolderIsLookedThrough() throws {
        let set = try read(["pets/pets/cat.png", "pets/pets/dog.png"])
        #expect(set.sequences == nil && set.names == ["pets/pets/cat.png", "pets/pets/dog.png"])
        // Two folders are two sequences.
        #expect(try read(["a/1.png", "b/1.png"]).sequences == [0..<1, 1..<2])
        let folder = try TemporaryFolder()
        try folder.write("train-idx2-ubyte/train-idx2-ubyte", idxBytes(type: 8, dimensions: [2, 3], data: [1, 2, 3, 4, 5, 6]))
        #expect(try MediaReader.read(path: folder.path + "/train-idx2-ubyte").count == 2)
    }

    @Test(arguments: [
        (["f_1.png", "f_-2.png", "f_0.png", "f_-1.png", "f_3.png", "f_2.png"], [1, 3, 2, 0, 5, 4]),
        (["t_1.5.png", "t_0.25.png", "t_10.0.png", "t_1.25.png"], [1, 3, 0, 2]),
        (["FRAME_3.png", "Frame_2.png", "frame_1.png"], [2, 1, 0]),
        // Versions, dashes between name and number, and names of two series stay as they are.
        (["v1.10.png", "v1.9.png", "v1.2.png"], [2, 1, 0]), (["shot-2.png", "shot-1.png", "shot-10.png"], [1, 0, 2]),
        (["a -3.png", "a -1.png", "a -2.png"], [1, 2, 0]), (["b1.png", "a2.png"], [1, 0]),
    ])
    func namesOfOneSeriesAreInTheOrderOfTheirNumbers(names: [String], order: [Int]) throws {
        #expect(try codes(try read(names)) == order.map(Int32.init))
    }

    @Test func theOrderIsSaidWhereAListWouldShowAnother() throws {
        let set = try read((-2...3).map { "f_\($0).png" })
        #expect(set.sequences == [0..<6])
        #expect(set.notes == ["in the order of their numbers, from f_-2.png to f_3.png"])
        #expect(try read((-2...3).map { "f_\($0).png" }, rules: .first).names.first == "f_-1.png")
    }

    @Test func missingNumbersAreSaid() {
        #expect(NumberedNames.gapText([1, 2, 4, 5, 9]) == "3, 6 to 8")
        #expect(NumberedNames.gapText([10, 20, 30, 50]) == "40")
        #expect(
            NumberedNames.gapText([1, 2, 3]) == nil && NumberedNames.gapText([1, 5, 90]) == nil && NumberedNames.gapText([3, 3]) == nil)
    }

    @Test(
        arguments: [
            ("a.png", Array("GIF89a".utf8), "found a GIF image. Convert it with: mogrify -format png 'a.png'"),
            ("it's.png", Array("GIF89a".utf8), #"mogrify -format png 'it'\''s.png'"#),
            ("film.zip", Array("PK\u{3}\u{4}".utf8), "a ZIP archive is not read. Unpack it with: unzip 'film.zip'"),
            ("x-ubyte.gz", Array("<!DOCTYPE html><html>".utf8), "found an HTML page. The server sent a page"),
            ("a.webp", Array("RIFF".utf8) + [9, 0, 0, 0] + Array("WEBPVP8 ".utf8), "a WebP image is not read"),
        ] as [(String, [UInt8], String)])
    func aRemedyNamesWhatTheFileIsAndTheCure(name: String, bytes: [UInt8], text: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(name, bytes)
        let error = mediaError { _ = try MediaReader.read(path: path) }?.description ?? "read"
        #expect(error.contains(text), "\(error)")
    }

    @Test func whatIsPackedTwiceOrIsAnArchiveInGzipSaysSo() throws {
        func refusal(_ bytes: [UInt8], _ name: String) throws -> String {
            mediaError { _ = try IDXCodec.decode(try Gzip.deflate(bytes, file: "a"), name: name, limits: MediaLimits()) }?.description
                ?? "read"
        }
        let idx = idxBytes(type: 8, dimensions: [2, 2], data: [1, 2, 3, 4])
        #expect(try refusal(try Gzip.deflate(idx, file: "a"), "a.gz").contains("found a gzip file in it. Unpack it with: gunzip 'a.gz'"))
        let tar = Array("film/".utf8) + [UInt8](repeating: 0, count: 252) + Array("ustar".utf8) + [UInt8](repeating: 0, count: 250)
        #expect(try refusal(tar, "film.tar.gz").contains("found a tar archive in it. Unpack it with: tar xf 'film.tar.gz'"))
    }
}
