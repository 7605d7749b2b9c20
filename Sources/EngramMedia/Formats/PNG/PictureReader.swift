internal import EngramSystem

/// Decodes the pictures of one drop, PNG and JPEG, to samples of one format.
struct PictureReader {
    let files: [MediaSource]
    let options: MediaReadOptions

    /// What files of both formats hold.
    static let samplesName = "pictures"

    /// One picture of either format, told by its bytes.
    static func image(_ bytes: [UInt8], file: String, limits: MediaLimits) throws(MediaError) -> DecodedImage {
        JPEGDecoder.isBegun(by: bytes)
            ? try JPEGDecoder.decode(bytes, file: file, limits: limits) : try PNGDecoder.decode(bytes, file: file, limits: limits)
    }

    /// The pictures of a drop, and what they were taken for.
    static func read(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        let (set, animations) = try PictureReader(files: files.files, options: options).read()
        guard let format = set.format.image else { return set }
        if let animations {
            return try set.interpreted(as: animations.count == 1 ? .animation : .pictureFolders(animations), options)
        }
        if let folders = files.folders { return try set.interpreted(as: .pictureFolders(folders), options).orderNoted(folders, options) }
        guard set.count > 1 else { return try set.interpreted(as: .onePicture, options) }
        // Names say whether they are numbered, the pictures whether they are a film.
        let others = set.names.filter { !stemEndsInNumber($0) }
        let arrangement: DropArrangement =
            others.isEmpty
            ? .numberedPictures(OrderEvidence(values: set.values, format: format))
            : .unnumberedPictures(others: 4 * others.count <= set.count ? others : [])
        return try set.interpreted(as: arrangement, options).orderNoted([0..<set.count], options)
    }

    /// A cue that is one picture.
    static func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        let limits = fit.options.limits
        var item = try fit.item(
            try image(try InputFile.read(cue.path, limits: limits), file: cue.name, limits: limits), name: cue.name)
        if let mask {
            let decoded = try image(try InputFile.read(mask.path, limits: limits), file: mask.name, limits: limits)
            try fit.apply(decoded, named: mask.name, to: &item)
        }
        media.items.append(item)
    }

    /// - Returns: The samples, and where all files are animations the frames of each.
    func read() throws(MediaError) -> (SampleSet, animations: [Range<Int>]?) {
        if options.rules != .first, let films = try animations() { return films }
        do throws(MediaError) {
            return (try stills().namedAsWritten(try jpegs()), nil)
        } catch {
            // Gray among colour and opaque alpha among none can be held as one kind without loss, and so can fewer bits among more.
            guard case .mismatch(_, let property, _, _, _) = error, property != Property.size, options.rules != .first else { throw error }
            return (try promotedStills().namedAsWritten(try jpegs()), nil)
        }
    }

    private enum Property {
        static let size = "size"
    }

    // MARK: Stills

    private func image(_ file: MediaSource) throws(MediaError) -> DecodedImage {
        try Self.image(try InputFile.read(file.path, limits: options.limits), file: file.name, limits: options.limits)
    }

    /// The files that are JPEGs.
    private func jpegs() throws(MediaError) -> [Int] {
        var found: [Int] = []
        for (index, file) in files.enumerated() {
            if JPEGDecoder.isBegun(by: try InputFile.read(file.path, limits: options.limits, prefix: 3)) { found.append(index) }
        }
        return found
    }

    /// Images of one format, in the order given.
    private func stills() throws(MediaError) -> SampleSet {
        var values: [Float] = []
        var format: ImageFormat?
        var notes: [String] = []
        for file in files {
            let image = try image(file)
            if let format {
                try requireSame(image.format, format, file: file.name)
            } else {
                format = image.format
                // All images are the size of the first, so the whole is known now.
                try reserve(files.count, image.format, file.name, &values)
            }
            image.appendValues(to: &values)
            for note in image.notes where !notes.contains(note) { notes.append(note) }
        }
        guard let format else { throw .empty(path: "drop", found: "no image") }
        return SampleSet(
            values: values, count: files.count, dimension: format.dimension, names: files.map(\.name), format: .image(format),
            sequences: nil, notes: notes)
    }

    private func reserve(_ count: Int, _ format: ImageFormat, _ file: String, _ values: inout [Float]) throws(MediaError) {
        let (total, overflow) = count.multipliedReportingOverflow(by: 4 * format.dimension)
        guard !overflow, total <= options.limits.maxDecodedByteCount else {
            throw .overLimit(
                file: file, quantity: "byte count of \(count) decoded images", limit: options.limits.maxDecodedByteCount,
                found: overflow ? .max : total)
        }
        values.reserveCapacity(total / 4)
    }

    private func requireSame(_ found: ImageFormat, _ expected: ImageFormat, file: String) throws(MediaError) {
        func mismatch(_ property: String, _ expected: String, _ found: String) -> MediaError {
            .mismatch(file: file, property: property, expected: expected, reference: files[0].name, found: found)
        }
        if found.width != expected.width || found.height != expected.height {
            throw mismatch(Property.size, "\(expected.width) x \(expected.height)", "\(found.width) x \(found.height)")
        }
        if found.colorKind != expected.colorKind { throw mismatch("colour kind", expected.colorKind.rawValue, found.colorKind.rawValue) }
        if found.bitDepth != expected.bitDepth { throw mismatch("bit depth", "\(expected.bitDepth)", "\(found.bitDepth)") }
    }

    // MARK: Kinds that one kind holds

    /// The same pictures in the smallest format that holds every one of them as it is.
    private func promotedStills() throws(MediaError) -> SampleSet {
        // Twice through the files, so that no more than one picture is held beside the values.
        var formats: [ImageFormat] = []
        var needsAlpha = false
        for file in files {
            let image = try image(file)
            if let first = formats.first, first.width != image.format.width || first.height != image.format.height {
                try requireSame(image.format, first, file: file.name)
            }
            needsAlpha = needsAlpha || !image.isOpaque
            formats.append(image.format)
        }
        var target = formats[0]
        let hasColor = formats.contains { $0.colorKind.colorCount == 3 }
        target.colorKind = hasColor ? (needsAlpha ? .rgba : .rgb) : needsAlpha ? .grayAlpha : .gray
        // PNG has fewer than 8 bits for gray alone.
        target.bitDepth = formats.reduce(target.colorKind == .gray ? 1 : 8) { max($0, $1.bitDepth) }
        var values: [Float] = []
        var notes: [String] = []
        try reserve(files.count, target, files[0].name, &values)
        for file in files {
            let image = try image(file)
            var own: [Float] = []
            image.appendValues(to: &own)
            // A code of b bits is the same number among 2b bits: 255/255 is 65535/65535.
            values += CueFit.converted(own, from: image.format.colorKind, to: target.colorKind)
            for note in image.notes where !notes.contains(note) { notes.append(note) }
        }
        let others = zip(files, formats).filter { $0.1 != target }
        if let (file, format) = others.first {
            let more = others.count > 1 ? " and \(others.count - 1) more" : ""
            notes.insert(
                "\(file.name)\(more): \(format.colorKind.rawValue) of \(format.bitDepth) bits, held and written as "
                    + "\(target.colorKind.rawValue) of \(target.bitDepth) bits, which loses nothing", at: 0)
        }
        return SampleSet(
            values: values, count: files.count, dimension: target.dimension, names: files.map(\.name), format: .image(target),
            sequences: nil, notes: notes)
    }

    // MARK: Animations

    /// The frames of all files, where every one is an animation; nil where one is not.
    private func animations() throws(MediaError) -> (SampleSet, animations: [Range<Int>]?)? {
        // A folder of stills is told by its first picture.
        guard let first = files.first,
            !JPEGDecoder.isBegun(by: try InputFile.read(first.path, limits: options.limits, prefix: 3))
        else { return nil }
        let head = try PNGStructure(walking: try InputFile.read(first.path, limits: options.limits), file: first.name)
        guard let promised = head.frameCount, promised > 1 else { return nil }
        var values: [Float] = []
        var names: [String] = []
        var format: ImageFormat?
        var films: [Range<Int>] = []
        var notes: [String] = []
        for (file, stem) in filmsInOrder() {
            let bytes = try InputFile.read(file.path, limits: options.limits)
            guard let film = try APNGDecoder.decode(bytes, file: file.name, limits: options.limits) else { return nil }
            if let format { try requireSame(film.format, format, file: file.name) }
            format = film.format
            let start = names.count
            for (index, image) in film.frames.enumerated() {
                image.appendValues(to: &values)
                names.append(Self.frameName(stem, index, of: film.frames.count))
            }
            guard 4 * values.count <= options.limits.maxDecodedByteCount else {
                throw .overLimit(
                    file: file.name, quantity: "byte count of decoded frames", limit: options.limits.maxDecodedByteCount,
                    found: 4 * values.count)
            }
            films.append(start..<names.count)
            notes.append("\(file.name): an animation of \(film.frames.count) frames, which come back as a PNG each")
            for note in film.notes where !notes.contains(note) { notes.append(note) }
        }
        guard let format else { return nil }
        let set = SampleSet(
            values: values, count: names.count, dimension: format.dimension, names: names, format: .image(format), sequences: nil,
            notes: notes)
        return (set, films)
    }

    /// The files with what the names of their frames begin with, in the order in which those names are listed in each folder.
    ///
    /// "clip.png" holds "clip_001.png" and so on; beside "clip.apng", "clip.png_001.png".
    private func filmsInOrder() -> [(file: MediaSource, stem: String)] {
        // Names that differ in their case alone are one series, and on some file systems one name.
        let full = Set(files.map { $0.name.lowercased() })
        var counts: [String: Int] = [:]
        // Before "_1" of "clip_1": the frames of "clip.png" would be listed among those of "clip_1.png".
        var beginnings: Set<String> = []
        for file in files {
            let key = stem(of: file.name).lowercased()
            counts[key, default: 0] += 1
            for index in key.indices where key[index] == "_" && key[index...].dropFirst().first?.isNumber == true {
                beginnings.insert(String(key[..<index]))
            }
        }
        let films = files.map { file in
            let own = String(stem(of: file.name))
            let key = own.lowercased()
            let isName = key != file.name.lowercased() && full.contains(key)
            let isTaken = isName || counts[key, default: 0] > 1 || beginnings.contains(key)
            return (file: file, stem: isTaken ? file.name : own)
        }.numberingAlike()
        // Files come folder by folder.
        let folders = films.reduce(into: [[(file: MediaSource, stem: String)]]()) { folders, film in
            if let last = folders.last?.last, Self.folder(of: last.stem) == Self.folder(of: film.stem) {
                folders[folders.count - 1].append(film)
            } else {
                folders.append([film])
            }
        }
        return folders.flatMap { folder in
            folder.sorted { NaturalOrder.precedes(Self.frameName($0.stem, 0, of: 1), Self.frameName($1.stem, 0, of: 1)) }
        }
    }

    private static func folder(of name: String) -> Substring { name.lastIndex(of: "/").map { name[..<$0] } ?? "" }

    private static func frameName(_ stem: String, _ index: Int, of count: Int) -> String {
        let digits = max(3, String(count).count)
        let number = String(index + 1)
        return stem + "_" + String(repeating: "0", count: max(0, digits - number.count)) + number + ".png"
    }
}

extension [(file: MediaSource, stem: String)] {
    /// The films with stems of which no two differ in nothing but leading zeros or case: "clip_1" and "clip_01" would be one series, whose
    /// frames mix. Such are numbered in their order.
    fileprivate func numberingAlike() -> Self {
        func key(_ stem: String) -> String {
            var key = ""
            for character in stem.lowercased() {
                if let last = key.last, last == "0", character.isNumber, key.dropLast().last?.isNumber != true { key.removeLast() }
                key.append(character)
            }
            return key
        }
        let counts = reduce(into: [String: Int]()) { $0[key($1.stem), default: 0] += 1 }
        var numbers: [String: Int] = [:]
        return map { film in
            let key = key(film.stem)
            guard counts[key, default: 0] > 1 else { return film }
            numbers[key, default: 0] += 1
            return (film.file, film.stem + "-\(numbers[key, default: 0])")
        }
    }
}

extension SampleSet {
    /// The set with the names that its pictures come back under, and a word on the JPEGs among them.
    /// - Parameter jpegs: Which samples were JPEGs.
    fileprivate func namedAsWritten(_ jpegs: [Int]) -> SampleSet {
        guard let first = jpegs.first else { return self }
        var set = self
        // "a.jpg" comes back as "a.png", or as "a.jpg.png" where there is an "a.png" or an "a.jpeg", too.
        let stems = names.map { stem(of: $0).lowercased() }
        let counts = stems.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        var taken = Set(names.indices.filter { !jpegs.contains($0) }.map { names[$0].lowercased() })
        for index in jpegs {
            let own = counts[stems[index]] == 1 ? String(stem(of: names[index])) : names[index]
            var name = own + ".png"
            var number = 2
            while !taken.insert(name.lowercased()).inserted {
                name = "\(own)-\(number).png"
                number += 1
            }
            set.names[index] = name
        }
        let more = jpegs.count > 1 ? " and \(jpegs.count - 1) more: JPEG images, whose" : ": a JPEG image, whose"
        let isMisnamed = jpegs.contains { names[$0].lowercased().hasSuffix(".png") }
        set.notes.insert(
            "\(names[first])\(more) decoded pixels are learned and come back as PNG" + (isMisnamed ? "; some are called .png" : ""), at: 0)
        return set
    }
}

extension DecodedImage {
    /// Whether every pixel hides what is behind it.
    var isOpaque: Bool {
        let (channels, width) = (format.channels, format.bitDepth == 16 ? 2 : 1)
        guard channels > format.colorKind.colorCount else { return true }
        // Alpha has 8 or 16 bits: its codes are made of bytes of 255.
        return stride(from: (channels - 1) * width, to: codeBytes.count, by: channels * width).allSatisfy { start in
            codeBytes[start..<start + width].allSatisfy { $0 == 255 }
        }
    }
}
