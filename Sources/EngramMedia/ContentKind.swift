/// What the first bytes of a file say it is.
enum ContentKind: Equatable {
    case png
    case audio
    case idx
    case unknown

    var description: String {
        switch self {
        case .png: "a PNG image"
        case .audio: "audio"
        case .idx: "IDX data"
        case .unknown: "no PNG, audio or IDX"
        }
    }

    /// - Parameter head: At least the first 64 bytes where the file has them.
    init(head: [UInt8]) {
        let reader = ByteReader(head)
        let isMPEG = head.count >= 2 && head[0] == 0xFF && head[1] & 0xE0 == 0xE0 && head[1] & 0x06 != 0
        if head.starts(with: [0x89, 0x50, 0x4E, 0x47]) {
            self = .png
        } else if ["RIFF", "RIFX", "RF64", "caff", "fLaC", "OggS", ".snd", "dns."].contains(where: { reader.hasTag($0, at: 0) })
            || reader.hasTag("riff", at: 0) || reader.hasTag("FORM", at: 0) || reader.hasTag("ID3", at: 0) || isMPEG
        {
            self = .audio
        } else if IDXCodec.looksLikeIDX(head) || Gzip.isGzip(head) {
            self = .idx
        } else {
            self = .unknown
        }
    }

    /// What the name says, `.unknown` for a name that says nothing.
    init(name: String) {
        let lower = name.lowercased()
        let end = lower.split(separator: ".").last.map(String.init) ?? ""
        if lower.contains("-ubyte") || lower.hasSuffix(".gz") || end == "idx" || end.hasPrefix("idx") {
            self = .idx
        } else if end == "png", lower != "png" {
            self = .png
        } else if lower.contains("."), Self.audioExtensions.contains(end) {
            self = .audio
        } else {
            self = .unknown
        }
    }

    private static let audioExtensions: Set<String> = [
        "wav", "wave", "rf64", "w64", "aif", "aiff", "aifc", "au", "snd", "caf", "flac", "ogg", "oga", "opus", "mp3", "mp2", "mp1",
    ]

    /// Files that lie beside media and say nothing to a network: passed over, with a note.
    static func isCompanion(_ name: String) -> Bool {
        let end = name.lowercased().split(separator: ".").last.map(String.init) ?? ""
        return name.contains(".") && ["txt", "md", "tsv", "csv", "json", "yml", "yaml", "xml", "html", "log", "license"].contains(end)
    }

    /// The kind of a file by its content; a name that says otherwise refuses it.
    static func agreed(name: String, file: String, head: [UInt8]) throws(MediaError) -> ContentKind {
        let stated = ContentKind(name: name)
        let found = ContentKind(head: head)
        guard !head.isEmpty else { throw .empty(path: file, found: "a file of 0 bytes") }
        if found == .unknown {
            guard stated != .unknown else {
                throw .unsupported(
                    file: file,
                    feature: "a file that is no PNG, audio or IDX (it starts with \(head.prefix(4).map(hex).joined(separator: " ")))",
                    remedy: "Convert it to PNG, WAV, FLAC or IDX, or take it out of the drop.")
            }
            throw .malformed(
                file: file, place: MediaPlace(byteOffset: 0), expected: "\(stated.description), as its name says",
                found: "other content (\(head.prefix(8).map(hex).joined(separator: " ")))", remedy: copyAgain)
        }
        guard stated == .unknown || stated == found else {
            throw .nameContradictsContent(file: file, nameSays: stated.description, contentIs: found.description)
        }
        return found
    }
}
