import Testing

@testable import EngramMedia

@Suite struct IDXTests {
    /// Bytes, values and codes by hand for every type code.
    static let cases: [(type: UInt8, data: [UInt8], values: [Float], codes: [Int32]?)] = [
        (0x08, [0, 122, 192, 255], [0, 122 / 255.0, 192 / 255.0, 1], [0, 122, 192, 255]),
        (0x09, [0x80, 0xB1, 0x86, 0x7F], [-1, -79 / 128.0, -122 / 128.0, 127 / 128.0], [-128, -79, -122, 127]),
        (
            0x0B, [0x80, 0, 0x40, 7, 0x34, 0xED, 0x7F, 0xFF], [-1, 16391 / 32768.0, 13549 / 32768.0, 32767 / 32768.0],
            [-32768, 16391, 13549, 32767]
        ),
        (
            0x0C, [0x80, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [-1, 0, 0.5, -1 / 2_147_483_648.0],
            [.min, 0, 1 << 30, -1]
        ),
        (0x0D, [0xBF, 0x8E, 0x43, 0x7E, 0x3F, 0xF0, 0x76, 0xDE, 0, 0, 0, 0, 0xC0, 0, 0, 0], [-1.1114347, 1.8786275, 0, -2], nil),
        (
            0x0E,
            [0x3F, 0xE8, 0, 0, 0, 0, 0, 0, 0xBF, 0xE0, 0, 0, 0, 0, 0, 0] + [0x40, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [0.75, -0.5, 3, 0], nil
        ),
    ]

    @Test(arguments: 0..<6)
    func everyTypeCodeReadsAndWrites(index: Int) throws {
        let (type, data, values, codes) = Self.cases[index]
        let folder = try TemporaryFolder()
        for dimensions in [[2, 2], [2, 1, 2], [4, 1], [1, 4, 1, 1]] as [[UInt32]] {
            let bytes = idxBytes(type: type, dimensions: dimensions, data: data)
            let set = try MediaReader.read(path: try folder.write("x-idx", bytes))
            #expect(set.values == values && set.count == Int(dimensions[0]) && set.dimension == 4 / Int(dimensions[0]))
            #expect(set.sequences == nil && set.names.count == set.count)
            #expect(try set.codes(of: set.values) == codes)
            #expect(try MediaWriter.files(values: set.values, like: set) == [MediaFile(name: "x-idx", bytes: bytes)])
        }
    }

    @Test func gzippedFilesComeBackGzippedWithTheSameBytes() throws {
        let folder = try TemporaryFolder()
        let plain = idxBytes(type: 8, dimensions: [3, 5, 4], data: (0..<60).map { UInt8($0) })
        let zipped = try Gzip.deflate(plain, file: "x")
        // RFC 1952: magic, deflate, no flags, no time.
        #expect(Array(zipped.prefix(8)) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
        let set = try MediaReader.read(path: try folder.write("a-idx3-ubyte.gz", zipped))
        #expect(set.count == 3 && set.dimension == 20)
        #expect(try MediaWriter.files(values: set.values, like: set) == [MediaFile(name: "a-idx3-ubyte.gz", bytes: zipped)])
        // Two members in one file are one stream.
        let members = try Gzip.deflate(Array(plain[..<30]), file: "x") + Gzip.deflate(Array(plain[30...]), file: "x")
        #expect(try MediaReader.read(path: try folder.write("b.gz", members)).values == set.values)
    }

    @Test func damagedGzipIsRefusedWithItsPlace() throws {
        let plain = idxBytes(type: 8, dimensions: [3, 5, 4], data: (0..<60).map { UInt8($0) })
        let zipped = try Gzip.deflate(plain, file: "x")
        var wrongCRC = zipped
        wrongCRC[zipped.count - 5] ^= 1
        func refusal(_ bytes: [UInt8]) -> String {
            mediaError { _ = try IDXCodec.decode(bytes, name: "a.gz", limits: MediaLimits()) }?.description ?? "read"
        }
        #expect(refusal(wrongCRC).contains("a.gz: chunk gzip stream at byte \(zipped.count - 4)"))
        #expect(refusal(Array(zipped.dropLast())).contains("expected more compressed bytes, found the end of the file"))
        // gunzip passes them over with a warning.
        #expect(
            try IDXCodec.decode(zipped + [1, 2, 3], name: "a.gz", limits: MediaLimits()).notes == ["3 bytes after the gzip stream not read"]
        )
        #expect(refusal(try Gzip.deflate(plain + [0], file: "x")).contains("more in the .gz"))
        #expect(refusal(try Gzip.deflate(Array(plain.dropLast()), file: "x")).contains("expected 76 bytes for 3 x 5 x 4"))
    }

    @Test func lyingHeadersAreRefusedBeforeMemoryIsTaken() throws {
        func refusal(_ bytes: [UInt8]) -> MediaError? { mediaError { _ = try IDXCodec.decode(bytes, name: "a", limits: MediaLimits()) } }
        let huge = idxBytes(type: 8, dimensions: [2, .max, .max, .max], data: [1])
        guard case .overLimit(_, let quantity, _, let found) = refusal(huge) else {
            Issue.record("\(String(describing: refusal(huge)))")
            return
        }
        #expect(quantity == "element count of 2 x 4294967295 x 4294967295 x 4294967295" && found == .max)
        #expect(
            refusal(idxBytes(type: 8, dimensions: [60000, 28, 28], data: [1]))?.description.contains("expected 47040016 bytes") == true)
        // The product is the largest integer there is, and its header comes on top.
        #expect(refusal(idxBytes(type: 8, dimensions: [7, 7, 73, 127, 337, 92737, 649_657], data: [1])) != nil)
        // A bomb: 64 MiB of zeros in 64 KiB behind a header that asks for a gigabyte, and one that asks for 16 bytes.
        let zeros = [UInt8](repeating: 0, count: 1 << 26)
        let lie = try Gzip.deflate(idxBytes(type: 8, dimensions: [1 << 10, 1 << 10, 1 << 10], data: zeros), file: "x")
        #expect(refusal(lie)?.description.contains("which cannot hold it") == true)
        let bomb = try Gzip.deflate(idxBytes(type: 8, dimensions: [4, 4], data: zeros), file: "x")
        #expect(refusal(bomb)?.description.contains("more in the .gz") == true)
    }

    @Test func headersAreCheckedFieldByField() {
        func refusal(_ bytes: [UInt8]) -> String {
            mediaError { _ = try IDXCodec.decode(bytes, name: "a", limits: MediaLimits()) }?.description ?? "read"
        }
        #expect(refusal(idxBytes(type: 0x0A, dimensions: [1, 1], data: [0])).contains("at byte 2: expected type code"))
        #expect(refusal(idxBytes(type: 8, dimensions: [7], data: [1, 1, 1, 1, 1, 1, 1])).contains("found rank 1. Labels"))
        #expect(refusal(idxBytes(type: 8, dimensions: [0, 28, 28], data: [])).contains("an IDX of 0 x 28 x 28, which has no elements"))
        #expect(
            refusal(idxBytes(type: 8, dimensions: [2, 2], data: [1, 2, 3])).contains(
                "expected 16 bytes for 2 x 2 elements of 1 bytes, found 15"))
        #expect(refusal(idxBytes(type: 8, dimensions: [2, 2], data: [1, 2, 3, 4, 5])).contains("found 17. Bytes follow the last element"))
        let nan = idxBytes(type: 0x0D, dimensions: [1, 2], data: [0, 0, 0, 0, 0x7F, 0xC0, 0, 0])
        #expect(refusal(nan).contains("chunk element 1 at byte 16: expected finite numbers"))
        let large = idxBytes(type: 0x0E, dimensions: [1, 1], data: [0x7F, 0xE0, 0, 0, 0, 0, 0, 0])
        #expect(refusal(large).contains("larger number"))
    }

    @Test func sequenceLengthCutsItemsIntoCycles() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("a-idx2-ubyte", idxBytes(type: 8, dimensions: [6, 1], data: [1, 2, 3, 4, 5, 6]))
        var options = MediaReadOptions()
        options.sequenceLength = 3
        #expect(try MediaReader.read(path: path, options: options).sequences == [0..<3, 3..<6])
        options.sequenceLength = 4
        #expect(
            mediaError { _ = try MediaReader.read(path: path, options: options) }
                == .invalidOption(name: "sequence_length", expected: "a divisor of the 6 samples", found: "4"))
        options.sequenceLength = nil
        options.kind = .sequence
        #expect(try MediaReader.read(path: path, options: options).sequences == [0..<6])
    }

    @Test func shapesThatNobodyMeantAreNamed() throws {
        func refusal(_ bytes: [UInt8]) -> String {
            mediaError { _ = try IDXCodec.decode(bytes, name: "a", limits: MediaLimits()) }?.description ?? "read"
        }
        let deep = [0, 0, 8, 255] + [UInt8](repeating: 0, count: 0) + (0..<255).flatMap { _ in [0, 0, 0, 1] as [UInt8] } + [7]
        #expect(refusal(deep).contains("expected rank 2 to 64: items along the first axis, found rank 255"))
        let little: [UInt8] = [0, 0, 8, 2, 3, 0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 4, 5, 6]
        #expect(refusal(little).contains("expected big-endian dimensions, found 3 x 2 in little-endian order"))
        #expect(refusal(little).contains("struct.pack('>2I', 3, 2)"))
    }

    @Test func labelsBesideImagesArePassedOverAndFilesOfOneShapeAreOneSet() throws {
        let folder = try TemporaryFolder()
        let (first, second) = (
            idxBytes(type: 8, dimensions: [2, 1, 2], data: [1, 2, 3, 4]), idxBytes(type: 8, dimensions: [1, 1, 2], data: [5, 6])
        )
        try folder.write("m/train-images-idx3-ubyte", first)
        try folder.write("m/train-labels-idx1-ubyte", idxBytes(type: 8, dimensions: [2], data: [0, 1]))
        let pair = try MediaReader.read(path: folder.path + "/m")
        #expect(pair.count == 2 && pair.notes == ["train-labels-idx1-ubyte passed over: labels, one number for each item"])
        try folder.write("m/t10k-images-idx3-ubyte.gz", try Gzip.deflate(second, file: "a"))
        try folder.write("m/t10k-labels-idx1-ubyte.gz", try Gzip.deflate(idxBytes(type: 8, dimensions: [1], data: [7]), file: "a"))
        let all = try MediaReader.read(path: folder.path + "/m")
        #expect(all.count == 3 && all.names.last == "train-images-idx3-ubyte item 1")
        #expect(all.notes.last == "the items of 2 files are one set: t10k-images-idx3-ubyte.gz, train-images-idx3-ubyte")
        let files = try MediaWriter.files(values: all.values, like: all)
        #expect(files.map(\.name) == ["t10k-images-idx3-ubyte.gz", "train-images-idx3-ubyte"] && files[1].bytes == first)
        // A sequence that is played on is one file, whatever the files were that it came from.
        var played = all
        (played.count, played.names) = (5, [String](repeating: "a", count: 5))
        let longer = try MediaWriter.files(values: all.values + all.values.prefix(4), like: played)
        #expect(longer.count == 1)
        let again = try IDXCodec.decode(longer[0].bytes, name: "a", limits: MediaLimits())
        #expect(again.header.dimensions == [5, 1, 2] && again.values == all.values + all.values.prefix(4))
        // Labels alone hold nothing to learn, and items of two shapes are no set.
        try folder.write("n/a-idx3-ubyte", first)
        try folder.write("n/b-idx3-ubyte", idxBytes(type: 8, dimensions: [1, 2, 2], data: [1, 2, 3, 4]))
        #expect(mediaError { _ = try MediaReader.read(path: folder.path + "/n") }?.description.contains("ubyte 2 x 1 x 2") == true)
    }
}
