/// What a file is that is none of the formats read, and what its owner can do about it.
struct ForeignContent: Equatable {
    /// With its article, as in `a JPEG image`.
    let name: String
    /// A sentence with the command that makes it readable; `NAME` stands for the file.
    let cure: String
    /// Whether it is a picture or sound that could have been one of the drop's samples.
    var isMedia = true

    /// Where a file begins like this.
    private struct Mark {
        var offset = 0
        let bytes: [UInt8]
        let content: ForeignContent

        init(_ text: String, at offset: Int = 0, _ content: ForeignContent) { self.init(Array(text.utf8), at: offset, content) }

        init(_ bytes: [UInt8], at offset: Int = 0, _ content: ForeignContent) {
            (self.bytes, self.offset, self.content) = (bytes, offset, content)
        }
    }

    /// The cure with the file's name, quoted for a shell.
    func remedy(for file: String) -> String {
        let quoted = "'" + file.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
        return cure.split(separator: "NAME", omittingEmptySubsequences: false).joined(separator: quoted)
    }

    /// A byte order mark and characters of which every other byte is zero, as Latin letters have it: MPEG audio can begin with the mark.
    static func isUTF16(_ head: [UInt8]) -> Bool {
        guard head.count >= 4 else { return false }
        let isLittle = head.starts(with: [0xFF, 0xFE])
        guard isLittle || head.starts(with: [0xFE, 0xFF]) else { return false }
        var (latin, others) = (0, 0)
        for start in stride(from: 2, to: head.count - 1, by: 2) {
            let (low, high) = isLittle ? (head[start], head[start + 1]) : (head[start + 1], head[start])
            if high == 0, isCharacter(low) { latin += 1 } else { others += 1 }
        }
        return latin > others
    }

    private static func isText(_ head: [UInt8]) -> Bool {
        !head.isEmpty && head.allSatisfy(isCharacter)
    }

    private static func isCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 9, 10, 12, 13: true
        case 0x7F: false
        default: byte >= 0x20
        }
    }

    private static func picture(_ name: String) -> ForeignContent {
        ForeignContent(name: name, cure: "Convert it with: mogrify -format png NAME (ImageMagick); then drop it again.")
    }

    private static func archive(_ name: String, _ command: String) -> ForeignContent {
        ForeignContent(name: name, cure: "Unpack it with: \(command); then drop the folder.", isMedia: false)
    }

    private static func packed(_ name: String, _ command: String) -> ForeignContent {
        ForeignContent(name: name, cure: "Unpack it with: \(command); then drop what comes out.", isMedia: false)
    }

    private static let film = ForeignContent(
        name: "a film of another format", cure: "Take it apart with: mkdir film; ffmpeg -i NAME film/frame_%05d.png; then drop that folder."
    )
    private static let page = ForeignContent(
        name: "an HTML page", cure: "The server sent a page in place of the file; download the file itself and drop that.", isMedia: false)
    private static let text = ForeignContent(name: "text", cure: "Drop the media that it belongs to.", isMedia: false)
    private static let array = "np.asarray(a, '>f4').tofile after a header of zero, zero, 13, rank and the big-endian sides"

    private static let marks: [Mark] = [
        Mark([0xFF, 0xD8, 0xFF], picture("a JPEG image")), Mark("GIF8", picture("a GIF image")), Mark("BM", picture("a BMP image")),
        Mark([0x49, 0x49, 0x2A, 0], picture("a TIFF image")), Mark([0x4D, 0x4D, 0, 0x2A], picture("a TIFF image")),
        Mark("ftypavif", at: 4, picture("an AVIF image")), Mark("ftypheic", at: 4, picture("an HEIC image")),
        Mark("ftypmif1", at: 4, picture("an HEIF image")),
        Mark(
            "ftypM4A", at: 4,
            ForeignContent(name: "an M4A recording", cure: "Convert it with: ffmpeg -i NAME recording.wav; then drop that.")),
        Mark("ftyp", at: 4, film), Mark([0x1A, 0x45, 0xDF, 0xA3], film), Mark("AVI ", at: 8, film),
        Mark("PK\u{3}\u{4}", archive("a ZIP archive", "unzip NAME -d folder")),
        Mark("ustar", at: 257, archive("a tar archive", "tar xf NAME")),
        Mark("BZh", packed("a bzip2 file", "bunzip2 NAME, or tar xf NAME")),
        Mark([0xFD, 0x37, 0x7A, 0x58, 0x5A], packed("an xz file", "unxz NAME, or tar xf NAME")),
        Mark([0x28, 0xB5, 0x2F, 0xFD], packed("a zstd file", "unzstd NAME, or tar xf NAME")),
        Mark([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], archive("a 7z archive", "7z x NAME -ofolder")),
        Mark("Rar!", archive("a RAR archive", "unrar x NAME")), Mark([0x1F, 0x8B], packed("a gzip file", "gunzip NAME")),
        Mark(
            "%PDF",
            ForeignContent(name: "a PDF document", cure: "Render its pages with: pdftoppm -png NAME page; then drop those.", isMedia: false)
        ),
        Mark([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], ForeignContent(name: "a NumPy array", cure: "Write it as IDX: \(array).")),
        Mark([0x89, 0x48, 0x44, 0x46], ForeignContent(name: "an HDF5 file", cure: "Write its arrays as IDX: \(array).")),
    ]
}

extension ForeignContent {
    /// - Parameter head: The first bytes, 512 where the file has them.
    init?(head: [UInt8]) {
        let reader = ByteReader(head)
        if let mark = Self.marks.first(where: { reader.bytes.dropFirst($0.offset).starts(with: $0.bytes) }) {
            self = mark.content
        } else if reader.hasTag("RIFF", at: 0), reader.hasTag("WEBP", at: 8) {
            self = Self.picture("a WebP image")
        } else if Self.isUTF16(head) || Self.isText(head) {
            let start = String(decoding: head.prefix(64).filter { $0 != 0 }, as: UTF8.self).lowercased()
            self = start.contains("<!doctype html") || start.contains("<html") ? Self.page : Self.text
        } else {
            return nil
        }
    }
}
