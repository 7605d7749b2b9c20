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
        guard let file = files.files.first else { throw .empty(path: files.name, found: "no IDX file") }
        guard files.files.count == 1 else {
            throw .mixedDrop(path: files.name, first: file.name, second: "a second IDX file, \(files.files[1].name)")
        }
        let bytes = try InputFile.read(file.path, limits: options.limits)
        let decoded = try IDXCodec.decode(bytes, name: file.name, limits: options.limits)
        let count = decoded.header.dimensions[0]
        let format = IDXFormat(
            fileName: file.name, elementType: decoded.header.elementType, itemDimensions: Array(decoded.header.dimensions.dropFirst()),
            isGzipped: decoded.isGzipped)
        return try SampleSet(
            values: decoded.values, count: count, dimension: decoded.header.itemDimension,
            names: (0..<count).map { "\(file.name) item \($0)" }, format: .idx(format), sequences: nil, notes: decoded.notes
        ).interpreted(as: .items, options)
    }

    func holds(_ format: SampleFormat) -> Bool {
        if case .idx = format { true } else { false }
    }

    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        guard case .idx(let format) = set.format else { return [] }
        return [MediaFile(name: format.fileName, bytes: try IDXCodec.encode(values: values, itemCount: set.count, format: format))]
    }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        let bytes = try InputFile.read(cue.path, limits: fit.options.limits)
        media.items += try fit.items(try IDXCodec.decode(bytes, name: cue.name, limits: fit.options.limits), name: cue.name)
    }
}
