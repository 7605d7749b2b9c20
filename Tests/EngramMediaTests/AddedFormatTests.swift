import EngramSystem
import Testing

@testable import EngramMedia

/// PGM of 8 bits, the binary gray format of Netpbm: what a new format has to say, and nothing else.
private struct PGMFormat: MediaFormat {
    let description = "a PGM image"
    let endings = [NameEnding(ending: ".pgm", format: "a PGM", beginnings: ["P5"])]

    func isBegun(by head: [UInt8]) -> Bool { head.starts(with: Array("P5\n".utf8)) }
    func isMeant(by name: String) -> Bool { name.lowercased().hasSuffix(".pgm") }

    /// Width, height and where the pixels begin.
    private func header(_ bytes: [UInt8]) -> (width: Int, height: Int, start: Int)? {
        let lines = bytes.prefix(64).split(separator: 0x0A, maxSplits: 3, omittingEmptySubsequences: false)
        guard lines.count == 4 else { return nil }
        let sides = String(decoding: lines[1], as: UTF8.self).split(separator: " ").compactMap { Int($0) }
        guard sides.count == 2, sides.allSatisfy({ (1...4096).contains($0) }) else { return nil }
        return (sides[0], sides[1], lines[3].startIndex)
    }

    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? {
        guard let header = header(file.head) else { return nil }
        let promised = Int64(header.start + header.width * header.height)
        return promised == file.byteCount ? .complete : .incomplete(reason: "its header promises \(promised) bytes")
    }

    func shape<Failure>(of file: GrowingFile<Failure>, options: MediaReadOptions) throws(Failure) -> MediaShape? {
        header(file.head).map { MediaShape(sampleCount: 1, dimension: $0.width * $0.height) }
    }

    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        var (values, width, height): ([Float], Int, Int) = ([], 0, 0)
        for file in files.files {
            let bytes = try InputFile.read(file.path, limits: options.limits)
            guard let header = header(bytes) else { throw .unsupported(file: file.name, feature: "such a PGM", remedy: "Convert it.") }
            values += bytes[header.start...].map { Float($0) / 255 }
            (width, height) = (header.width, header.height)
        }
        return try SampleSet(
            values: values, count: files.files.count, dimension: width * height, names: files.files.map(\.name),
            format: .image(ImageFormat(width: width, height: height, colorKind: .gray, bitDepth: 8)), sequences: nil, notes: []
        ).interpreted(as: .unnumberedPictures(others: []), options)
    }

    // Samples of pictures are PNG's to write.
    func holds(_ format: SampleFormat) -> Bool { false }
    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] { [] }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        media.items.append(
            CueMedia.Item(name: cue.name, values: Array(try decode(MediaGroup(name: "", files: [cue]), options: .init()).values)))
    }
}

/// Rows of a table of numbers: samples that are neither pictures, sound nor arrays.
private struct TableRows: SampleKind {
    let columnCount: Int
    var quantizer: Quantizer? { nil }
    var codeRange: CodeRange { .unbounded }
    var kindName: String { "rows of \(columnCount)" }
    var previewFormat: ImageFormat? { nil }
    var displayRange: ClosedRange<Float>? { nil }
    var itemSizes: [Int] { [columnCount] }
    var grid: SampleGrid { SampleGrid(height: 1, width: columnCount) }
    var facts: SampleFacts { SampleFacts(typeName: "table") }
}

/// A table of numbers, in lines and with commas.
private struct TableFormat: MediaFormat {
    let description = "a table"
    let endings: [NameEnding] = []

    func isBegun(by head: [UInt8]) -> Bool { head.first.map { (0x30...0x39).contains($0) } ?? false }
    func isMeant(by name: String) -> Bool { name.hasSuffix(".csv") }
    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? { nil }
    func shape<Failure>(of file: GrowingFile<Failure>, options: MediaReadOptions) throws(Failure) -> MediaShape? { nil }

    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let text = String(decoding: try InputFile.read(files.files[0].path, limits: options.limits), as: UTF8.self)
        let rows = text.split(separator: "\n").map { $0.split(separator: ",").compactMap { Float($0) } }
        return SampleSet(
            values: rows.flatMap(\.self), count: rows.count, dimension: rows[0].count, names: rows.indices.map { "row \($0 + 1)" },
            format: SampleFormat(TableRows(columnCount: rows[0].count)), sequences: nil, notes: [])
    }

    func holds(_ format: SampleFormat) -> Bool { format.kind is TableRows }

    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        let lines = (0..<set.count).map { row in
            values[row * set.dimension..<(row + 1) * set.dimension].map { "\($0)" }.joined(separator: ",")
        }
        return [MediaFile(name: "table.csv", bytes: Array(lines.joined(separator: "\n").utf8))]
    }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {}
}

@Suite struct AddedFormatTests {
    /// A kind of samples that nobody else knows goes through reading, its own writing, and what others ask of a set.
    @Test func aDropOfAnAddedKindOfSamplesIsReadAndWrittenAsItself() throws {
        let formats = MediaFormats(MediaFormats.all.formats + [TableFormat()])
        let folder = try TemporaryFolder()
        let text = "0.25,-3.5,1000.0\n2.0,0.5,-1.0"
        let set = try formats.read(path: try folder.write("a.csv", Array(text.utf8)))
        #expect(set.count == 2 && set.dimension == 3 && set.format.kind.facts.typeName == "table")
        #expect(set.format.image == nil && set.format.audio == nil && set.format.idx == nil)
        #expect(try set.codes(of: set.values) == nil && set.previewFormat == nil)
        #expect(set.format.kind.valueRange(of: [-3.5, 1000]) == -3.5...1000)
        #expect(set.format == SampleFormat(TableRows(columnCount: 3)) && set.format != SampleFormat(TableRows(columnCount: 2)))
        #expect(set.format != .idx(IDXFormat(fileName: "a", elementType: .float, itemDimensions: [3], isGzipped: false)))
        let format = try #require(formats.format(holding: set.format))
        #expect(try format.encode(set.medium(of: set.values), like: set).map(\.bytes) == [Array(text.utf8)])
        #expect(MediaFormats.all.format(holding: set.format) == nil)
    }

    private let formats = MediaFormats(MediaFormats.all.formats + [PGMFormat()])
    private let pgm = Array("P5\n2 2\n255\n".utf8) + [0, 51, 102, 255]

    @Test func aDropOfAnAddedFormatIsReadAndWrittenAsPictures() throws {
        let folder = try TemporaryFolder()
        for name in ["d/a.pgm", "d/b.pgm"] { try folder.write(name, pgm) }
        let set = try formats.read(path: folder.path + "/d")
        #expect(set.count == 2 && set.values == [0, 0.2, 0.4, 1, 0, 0.2, 0.4, 1])
        #expect(try MediaWriter.files(values: set.values, like: set).map(\.name) == ["a.pgm.png", "b.pgm.png"])
        // Without its line in the registry it is none.
        #expect(
            mediaError { _ = try MediaReader.read(path: folder.path + "/d") }?.description.contains("a.pgm passed over: not media") == true)
    }

    @Test func theDaemonsQuestionsAreAnsweredByIt() {
        #expect(growing(pgm) { formats.completeness(of: $0) } == .complete)
        #expect(growing(Array(pgm.dropLast())) { formats.completeness(of: $0) } == .incomplete(reason: "its header promises 15 bytes"))
        #expect(growing([0, 0, 0], named: "a.pgm") { formats.completeness(of: $0) } == .incomplete(reason: "it is too short for a PGM"))
        #expect(growing(pgm) { formats.shape(of: $0) } == MediaShape(sampleCount: 1, dimension: 4))
    }

    @Test func aCueOfItFitsTheMemory() throws {
        let folder = try TemporaryFolder()
        let memory = try formats.read(path: try folder.write("a.pgm", pgm))
        let cue = try folder.write("cue.pgm", Array("P5\n2 2\n255\n".utf8) + [0, 0, 0, 255])
        #expect(try formats.readCue(path: cue, fit: CueFit(memory: memory, options: .init())).items.map(\.values) == [[0, 0, 0, 1]])
    }

    /// What headers say without decoding, for the estimate of room.
    @Test func shapesAreReadFromHeaders() throws {
        let png = try PNGEncoder.encode(
            [UInt8](repeating: 9, count: 5 * 3 * 4), format: ImageFormat(width: 5, height: 3, colorKind: .rgba, bitDepth: 8), file: "a")
        #expect(growing(png) { MediaFormats.all.shape(of: $0) } == MediaShape(sampleCount: 1, dimension: 60))
        #expect(
            growing(idxBytes(type: 8, dimensions: [7, 3, 2], data: [])) { MediaFormats.all.shape(of: $0) }
                == MediaShape(sampleCount: 7, dimension: 6))
        // 2.5 seconds: two windows and a half.
        let wav = wavBytes([Int16](repeating: 1, count: 20_000), rate: 8000)
        #expect(growing(wav) { MediaFormats.all.shape(of: $0) } == MediaShape(sampleCount: 3, dimension: 8000))
        let flac = try Fixture.bytes("Audio/made/flac_16.flac")
        let decoded = try AudioDecoder.decode(flac, file: "a", limits: MediaLimits())
        let shape = growing(flac) { MediaFormats.all.shape(of: $0) }
        #expect(shape?.dimension == min(decoded.sampleRateHz, decoded.frameCount) * decoded.channels)
        #expect(growing([1, 2, 3]) { MediaFormats.all.shape(of: $0) } == nil)
    }
}
