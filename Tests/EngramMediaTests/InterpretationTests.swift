import Testing

@testable import EngramMedia

/// Every set says what its drop was taken for, why, and which setting changes it.
@Suite struct InterpretationTests {
    private static func png(_ code: Int) throws -> [UInt8] { try MediaReaderTests.png([UInt8(code), UInt8(255 - code)]) }

    private static func interpretation(
        _ path: String, kind: MediaKind = .auto, length: Int? = nil
    ) throws -> (Interpretation, sequences: [Range<Int>]?) {
        var options = MediaReadOptions()
        (options.kind, options.sequenceLength) = (kind, length)
        let set = try MediaReader.read(path: path, options: options)
        return (try #require(set.interpretation), set.sequences)
    }

    @Test func numberedPicturesAreJudgedByContent() throws {
        let folder = try TemporaryFolder()
        // A brightness that rises step by step; the same pictures in another order are none.
        for index in 0..<12 {
            try folder.write("film/f_\(index).png", try Self.png(20 * index))
            try folder.write("set/f_\(index).png", try Self.png(20 * (index * 5 % 12)))
        }
        let film = try Self.interpretation(folder.path + "/film")
        #expect(film.sequences == [0..<12] && film.0.takenFor == "a film of 12 pictures")
        #expect(film.0.setting == "kind: autoencoder makes it a set")
        let set = try Self.interpretation(folder.path + "/set")
        #expect(set.sequences == nil && set.0.takenFor == "a set of 12 pictures", "\(set.0)")
        #expect(set.0.setting == "kind: sequence makes it a film")
    }

    @Test func settingsDecideOverPictures() throws {
        let folder = try TemporaryFolder()
        for index in 0..<12 { try folder.write("f_\(index).png", try Self.png(20 * index)) }
        let set = try Self.interpretation(folder.path, kind: .autoencoder)
        #expect(set.sequences == nil && set.0.because == "the settings say kind: autoencoder")
        let film = try Self.interpretation(folder.path, kind: .sequence)
        #expect(film.sequences == [0..<12] && film.0.because == "the settings say kind: sequence")
        let cut = try Self.interpretation(folder.path, length: 4)
        #expect(cut.sequences == [0..<4, 4..<8, 8..<12] && cut.0.takenFor == "3 films of 12 pictures in all")
        #expect(cut.0.because == "the settings say sequence_length: 4")
    }

    @Test func everyKindOfDropSaysWhatItIs() throws {
        let folder = try TemporaryFolder()
        try folder.write("one/1.png", try Self.png(1))
        for name in ["named/a.png", "named/b2.png", "folders/a/1.png", "folders/a/2.png", "folders/b/x.png"] {
            try folder.write(name, try Self.png(name.count))
        }
        try folder.write("sounds/a.wav", wavBytes([1, 2, 3]))
        try folder.write("sounds/b.wav", wavBytes([4, 5, 6]))
        try folder.write("items-idx2-ubyte", [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6])
        func sentence(_ name: String) throws -> String { try Self.interpretation("\(folder.path)/\(name)").0.sentence }
        #expect(try sentence("one") == "taken for 1 picture: a single picture has no successor")
        #expect(try sentence("one/1.png") == "taken for 1 picture: a single picture has no successor")
        #expect(
            try sentence("named")
                == "taken for a set of 2 pictures: not all names end in a number; kind: sequence makes it a sequence")
        #expect(
            try sentence("folders")
                == "taken for 2 sequences of 3 pictures in all: each folder in a drop is one; kind: autoencoder makes it a set")
        #expect(try sentence("sounds").hasPrefix("taken for 2 recordings of 2 windows in all: sound runs in time; kind: autoencoder"))
        #expect(
            try sentence("items-idx2-ubyte")
                == "taken for a set of 2 items: the items of an IDX file have no order; kind: sequence makes it a sequence")
    }
}
