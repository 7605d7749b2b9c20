internal import EngramDrops
internal import EngramSystem
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Files of the outbox. Names come from droppers, and so does what is in the files: no path leads out of a result, and a browser runs nothing
/// of what it gets.
struct ResultFiles: Sendable {
    private let outbox: String
    private let files: FileSystem

    /// Bytes that are read and sent at once.
    private static let pieceByteCount = 256 << 10

    init(folders: DropFolders) {
        outbox = folders.outbox
        // Every part of a path is opened beneath the outbox: no link is followed, whoever swaps one in.
        files = FileSystem().guarding(folders.guarded)
    }

    /// A report brings its style along, and pictures as data; it runs no script. `sandbox` takes it out of this server's origin.
    static let policy = [
        "sandbox allow-downloads allow-popups", "default-src 'none'", "img-src 'self' data:", "media-src 'self' data:",
        "style-src 'unsafe-inline'", "form-action 'none'", "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")

    /// - Parameter names: The parts of the path below the outbox.
    func response(names: [String], for request: Request) async throws -> Response {
        let path = outbox + "/" + names.joined(separator: "/")
        let files = files
        let missing = PageProblem.notFound(names.joined(separator: "/"))
        guard isPublic(names) else { throw missing }
        let isFolderWhole =
            names.count == 1 || names[0] == "rejected" || StoredMemories(outbox: outbox, files: files).isResult(outbox + "/" + names[0])
        guard isFolderWhole, let facts = try? await Blocking.run({ try files.facts(of: path) }), facts.kind == .file else { throw missing }
        let (type, isAttachment) = Self.type(of: names[names.count - 1])
        let tag = "\"\(Stamp.hex(facts.inode, digits: 1))-\(facts.byteCount)-\(facts.modificationNanoseconds)\""
        var headers: HTTPFields = [
            .contentType: type, .contentSecurityPolicy: Self.policy, .eTag: tag, .cacheControl: "no-cache", .acceptRanges: "bytes",
        ]
        if isAttachment { headers[.contentDisposition] = "attachment" }
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        var range = 0..<facts.byteCount
        var status = HTTPResponse.Status.ok
        if let wanted = request.headers[.range] {
            guard let part = ByteRange.parse(wanted, of: facts.byteCount) else {
                headers[.contentRange] = "bytes */\(facts.byteCount)"
                return Response(status: .rangeNotSatisfiable, headers: headers)
            }
            if let part {
                range = part
                status = .partialContent
                headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(facts.byteCount)"
            }
        }
        guard let count = Int(exactly: range.upperBound - range.lowerBound) else { throw missing }
        let body = ResponseBody(contentLength: count) { [range] writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let wanted = Int(min(Int64(Self.pieceByteCount), range.upperBound - offset))
                let bytes = try await Blocking.run { [offset] in try files.read(path, from: offset, count: wanted) }
                // It became shorter meanwhile: what was promised cannot be kept, and the connection says so by its end.
                guard !bytes.isEmpty else { throw missing }
                try await writer.write(ByteBuffer(bytes: bytes.prefix(wanted)))
                offset += Int64(bytes.count)
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    /// Whether files at such a place are for visitors: those of results and digests, and why a drop was rejected, but not the drop itself.
    private func isPublic(_ names: [String]) -> Bool {
        switch names.count {
        case 0: false
        case 1: names[0].hasPrefix("digest")
        default: names[0] != "rejected" || (names.count == 3 && [ErrorFile.name, "worker.log"].contains(names[2]))
        }
    }

    /// The type by the name's ending, and whether it is only to be saved: what a browser would interpret by its own mind is.
    static func type(of name: String) -> (type: String, isAttachment: Bool) {
        let ending = name.lowercased().split(separator: ".", omittingEmptySubsequences: false).last.map(String.init) ?? ""
        if let type = types[ending] { return (type, false) }
        return ("application/octet-stream", true)
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "json": "application/json; charset=utf-8", "csv": "text/csv; charset=utf-8",
        "txt": "text/plain; charset=utf-8", "log": "text/plain; charset=utf-8", "yml": "text/plain; charset=utf-8", "png": "image/png",
        "apng": "image/apng", "jpg": "image/jpeg", "jpeg": "image/jpeg", "wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg",
        "aiff": "audio/aiff",
    ]
}

/// The header Range, of which one part is answered.
enum ByteRange {
    /// nil where the range lies outside; an inner nil where the header asks for several parts or is none, and all of it is sent.
    static func parse(_ header: String, of byteCount: Int64) -> Range<Int64>?? {
        guard header.hasPrefix("bytes="), !header.contains(",") else { return .some(nil) }
        let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2 else { return .some(nil) }
        if ends[0].isEmpty {
            guard let count = Int64(ends[1]) else { return .some(nil) }
            guard count > 0, byteCount > 0 else { return nil }
            return .some(max(0, byteCount - count)..<byteCount)
        }
        guard let first = Int64(ends[0]), first >= 0 else { return .some(nil) }
        guard first < byteCount else { return nil }
        guard !ends[1].isEmpty else { return .some(first..<byteCount) }
        guard let last = Int64(ends[1]), last >= first else { return .some(nil) }
        return .some(first..<min(byteCount, last == .max ? byteCount : last + 1))
    }
}
