internal import EngramSystem

/// IDX, the format of MNIST, also gzipped: items along the first axis, one file to a drop.
struct IDXMedia: MediaFormat {
    let description = "IDX data"
    let endings = [NameEnding(ending: ".gz", format: "gzip", beginnings: [])]

    func isBegun(by head: [UInt8]) -> Bool { IDXCodec.looksLikeIDX(head) || Gzip.isGzip(head) }

    func isMeant(by name: String) -> Bool {
        let lower = name.lowercased()
        let end = lower.split(separator: ".").last.map(String.init) ?? ""
        return lower.contains("-ubyte") || lower.hasSuffix(".gz") || end.hasPrefix("idx")
    }

    // MARK: Files that may still grow

    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? {
        if Gzip.isGzip(file.head) { return gzipCompleteness(byteCount: file.byteCount, tail: try file.tail(4)) }
        guard let header = try header(of: file) else { return nil }
        return header.fileByteCount == file.byteCount
            ? .complete
            : .incomplete(reason: "its IDX header promises \(header.fileByteCount) bytes, there are \(file.byteCount)")
    }

    func shape<Failure>(of file: GrowingFile<Failure>, options: MediaReadOptions) throws(Failure) -> MediaShape? {
        guard !Gzip.isGzip(file.head), let header = try header(of: file) else { return nil }
        let dimension = header.dimensions.dropFirst().reduce(1) { product, side in
            let (next, overflow) = product.multipliedReportingOverflow(by: side)
            return overflow ? .max : next
        }
        return MediaShape(sampleCount: Int(header.dimensions[0]), dimension: dimension)
    }

    private struct GrowingHeader {
        var dimensions: [Int]
        var fileByteCount: Int64
    }

    /// The header of a file that may still grow; nil where it is not there yet, or not IDX.
    private func header<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> GrowingHeader? {
        let head = file.head
        guard head.count >= 4, head[0] == 0, head[1] == 0, let type = IDXElementType(rawValue: head[2]), head[3] > 0 else { return nil }
        let headerByteCount = 4 + 4 * Int(head[3])
        let bytes = headerByteCount <= head.count ? head : try file.bytes(from: 0, count: headerByteCount)
        guard bytes.count >= headerByteCount else { return nil }
        var reader = ByteReader(bytes, offset: 4)
        var dimensions: [Int] = []
        var byteCount = Int64(type.byteCount)
        for _ in 0..<Int(head[3]) {
            guard let side = reader.next(4) else { return nil }
            dimensions.append(side)
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: Int64(side))
            byteCount = overflow ? .max / 2 : product
        }
        return GrowingHeader(dimensions: dimensions, fileByteCount: byteCount &+ Int64(headerByteCount))
    }

    /// The last four bytes of gzip are the unpacked size modulo 2³² (RFC 1952). Deflate packs at most 1032 to 1 and adds at most
    /// about 5 bytes in 16 KiB, so a file cut at a random place seldom has a believable size there.
    private func gzipCompleteness(byteCount: Int64, tail: [UInt8]) -> FileCompleteness {
        guard byteCount >= 18, let unpacked = ByteReader(tail).unsigned(at: 0, byteCount: 4, isBigEndian: false).map(Int64.init) else {
            return .incomplete(reason: "it is too short for gzip")
        }
        let wraps = byteCount > 1 << 22
        guard wraps || unpacked <= Int64(Gzip.maxRatio) * byteCount, wraps || unpacked + unpacked / 1000 + 1024 >= byteCount else {
            return .incomplete(reason: "it does not end as gzip does")
        }
        return .complete
    }

    // MARK: Samples

    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        var (images, notes) = (files.files, [String]())
        if images.count > 1 {
            // MNIST comes as images and labels side by side.
            var labels: [MediaSource] = []
            for file in images where try isList(file, options) { labels.append(file) }
            if labels.count < images.count { images.removeAll { labels.contains($0) } }
            notes = images.count < files.files.count ? labels.map { "\($0.name) passed over: labels, one number for each item" } : []
        }
        guard let file = images.first else { throw .empty(path: files.name, found: "no IDX file") }
        let first = try decode(file, options)
        var (values, names) = (first.values, itemNames(file, first))
        var parts = [IDXFile(name: file.name, itemCount: first.header.dimensions[0], isGzipped: first.isGzipped)]
        var isRounded = first.roundedCount > 0
        notes += first.notes
        for other in images.dropFirst() {
            let decoded = try decode(other, options)
            guard decoded.header.elementType == first.header.elementType,
                decoded.header.dimensions.dropFirst() == first.header.dimensions.dropFirst()
            else {
                throw .mixedDrop(
                    path: files.name, first: "\(file.name) (\(first.header.shapeText))",
                    second: "\(other.name) (\(decoded.header.shapeText))")
            }
            values += decoded.values
            names += itemNames(other, decoded)
            parts.append(IDXFile(name: other.name, itemCount: decoded.header.dimensions[0], isGzipped: decoded.isGzipped))
            isRounded = isRounded || decoded.roundedCount > 0
            for note in decoded.notes where !notes.contains(note) { notes.append(note) }
            guard names.count <= options.limits.maxSampleCount, 4 * values.count <= options.limits.maxDecodedByteCount else {
                throw .overLimit(
                    file: other.name, quantity: "item count of all files", limit: options.limits.maxSampleCount, found: names.count)
            }
        }
        if parts.count > 1 { notes.append("the items of \(parts.count) files are one set: \(parts.map(\.name).joined(separator: ", "))") }
        let format = IDXFormat(
            fileName: file.name, elementType: first.header.elementType, itemDimensions: Array(first.header.dimensions.dropFirst()),
            isGzipped: first.isGzipped, files: parts.count > 1 ? parts : [])
        var set = SampleSet(
            values: values, count: names.count, dimension: first.header.itemDimension, names: names, format: .idx(format), sequences: nil,
            notes: notes)
        set.isRounded = isRounded
        return try set.interpreted(as: .items, options)
    }

    private func decode(_ file: MediaSource, _ options: MediaReadOptions) throws(MediaError) -> IDXCodec.Decoded {
        try IDXCodec.decode(try InputFile.read(file.path, limits: options.limits), name: file.name, limits: options.limits)
    }

    private func itemNames(_ file: MediaSource, _ decoded: IDXCodec.Decoded) -> [String] {
        (0..<decoded.header.dimensions[0]).map { "\(file.name) item \($0)" }
    }

    /// Whether a file holds single numbers, as labels are: rank 1.
    private func isList(_ file: MediaSource, _ options: MediaReadOptions) throws(MediaError) -> Bool {
        let bytes = try InputFile.read(file.path, limits: options.limits)
        let head = Gzip.isGzip(bytes) ? try Gzip.inflate(bytes, capacity: 4, file: file.name).bytes : bytes
        return IDXCodec.looksLikeIDX(head) && head[3] == 1
    }

    func holds(_ format: SampleFormat) -> Bool {
        format.idx != nil
    }

    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        guard let format = set.format.idx else { return [] }
        // A part of a set, or a sequence that is played on, as recall writes them, has other items than its files had: it is one file.
        let isWhole = !format.files.isEmpty && format.files.reduce(0) { $0 + $1.itemCount } == set.count
        let parts = isWhole ? format.files : [IDXFile(name: format.fileName, itemCount: set.count, isGzipped: format.isGzipped)]
        var files: [MediaFile] = []
        var start = 0
        for part in parts where part.itemCount > 0 {
            let end = start + part.itemCount
            var own = format
            (own.fileName, own.isGzipped) = (part.name, part.isGzipped)
            let rows = Array(values[start * set.dimension..<end * set.dimension])
            let bytes = try IDXCodec.encode(values: rows, itemCount: end - start, format: own)
            try check(bytes, against: rows, own)
            files.append(MediaFile(name: part.name, bytes: bytes))
            start = end
        }
        return files
    }

    /// What was written is read back.
    private func check(_ bytes: [UInt8], against rows: [Float], _ format: IDXFormat) throws(MediaError) {
        var limits = MediaLimits()
        (limits.maxSampleCount, limits.maxDecodedByteCount) = (.max, .max)
        let again = try IDXCodec.decode(bytes, name: format.fileName, limits: limits)
        let isSame =
            if let quantizer = format.quantizer {
                try quantizer.rounds(again.values, to: quantizer.codes(of: rows)[...])
            } else {
                again.values == rows
            }
        guard isSame else { throw .notWritten(file: format.fileName, reason: "other items when read again") }
    }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        let bytes = try InputFile.read(cue.path, limits: fit.options.limits)
        media.items += try fit.items(try IDXCodec.decode(bytes, name: cue.name, limits: fit.options.limits), name: cue.name)
    }
}
