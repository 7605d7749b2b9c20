package import EngramSystem

/// The formats that are read, asked in order.
package struct MediaFormats: Sendable {
    /// Each a folder of `Formats/`.
    package let formats: [any MediaFormat]

    /// Formats of one's own choice, for tests.
    package init(_ formats: [any MediaFormat]) { self.formats = formats }

    /// Every format that there is.
    package static let all = MediaFormats([
        PNGMedia(),
        JPEGMedia(),
        AudioMedia(),
        IDXMedia(),
        TextMedia(),
    ])

    /// The formats that were known by these rules.
    func known(by rules: ReadingRules) -> MediaFormats { MediaFormats(formats.filter { $0.firstRules.rawValue <= rules.rawValue }) }

    // MARK: What a file is

    /// The format that the first bytes are of; nil for none.
    package func format(of head: [UInt8]) -> (any MediaFormat)? { formats.first { $0.isBegun(by: head) } }

    /// The format that a file's name says; nil for none.
    package func format(named name: String) -> (any MediaFormat)? { formats.first { $0.isMeant(by: name) } }

    /// The format that samples are written in.
    package func format(holding samples: SampleFormat) -> (any MediaFormat)? { formats.first { $0.holds(samples) } }

    /// Bytes from which formats, and what is none of them, are told.
    static let headByteCount = 512

    /// The format of a file by its content; a name that says otherwise refuses it.
    /// - Parameter head: Its first `headByteCount` bytes.
    func agreed(name: String, file: String, head: [UInt8]) throws(MediaError) -> any MediaFormat {
        let stated = format(named: name)
        guard !head.isEmpty else { throw .empty(path: file, found: "a file of 0 bytes") }
        guard let found = format(of: head) else {
            if let stated, stated.isToldByName { return stated }
            let foreign = ForeignContent(head: head)
            guard let stated else {
                throw .unsupported(
                    file: file,
                    feature: foreign?.name
                        ?? "a file that is no PNG, JPEG, audio or IDX (it starts with \(head.prefix(4).map(hex).joined(separator: " ")))",
                    remedy: foreign?.remedy(for: file) ?? "Convert it to PNG, WAV, FLAC or IDX, or take it out of the drop.")
            }
            throw .malformed(
                file: file, place: MediaPlace(byteOffset: 0), expected: "\(stated.description), as its name says",
                found: foreign?.name ?? "other content (\(head.prefix(8).map(hex).joined(separator: " ")))",
                remedy: foreign?.remedy(for: file) ?? copyAgain)
        }
        if let stated, stated.samplesName != found.samplesName {
            throw .nameContradictsContent(file: file, nameSays: stated.description, contentIs: found.description)
        }
        return found
    }

    // MARK: Files that may still grow

    /// Whether a file is all there, judged by its name and a few of its bytes.
    package func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness {
        guard file.byteCount > 0 else { return .incomplete(reason: "the file is empty") }
        for format in formats where format.isBegun(by: file.head) {
            if let found = try format.completeness(of: file) { return found }
        }
        // A downloader that reserves the room first leaves zeros at the place of the header.
        let name = file.name.lowercased()
        for format in formats {
            for ending in format.endings where name.hasSuffix(ending.ending) {
                // Twelve bytes hold the heads of all of them.
                if file.byteCount < 12 { return .incomplete(reason: "it is too short for \(ending.format)") }
                if !ending.beginnings.contains(where: { file.head.starts(with: Array($0.utf8)) }) {
                    return .incomplete(reason: "it does not begin as \(ending.format)")
                }
            }
        }
        return .unknown
    }

    /// How much a file holds, from its header alone; nil where that does not say it.
    package func shape<Failure>(
        of file: GrowingFile<Failure>, options: MediaReadOptions = MediaReadOptions()
    ) throws(Failure) -> MediaShape? {
        for format in formats where format.isBegun(by: file.head) {
            if let shape = try format.shape(of: file, options: options) { return shape }
        }
        return nil
    }
}
