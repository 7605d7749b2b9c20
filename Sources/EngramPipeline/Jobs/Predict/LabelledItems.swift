internal import EngramMedia
internal import EngramNumerics
internal import EngramSystem
internal import Glibc

/// Reads pictures and items whose labels are in a file of their own.
struct LabelledItems {
    let settings: DropSettings

    /// Items with the labels beside them, and what is to be predicted.
    func pair(_ drop: DropContents) throws(MediaError) -> LabelledDrop {
        guard let name = LabelledDecoder.labelFile(of: drop) else {
            throw fault(
                drop.name, "labels-missing", expected: "labels beside it, such as NAME-labels-idx1-ubyte for NAME-images-idx3-ubyte",
                found: "none", remedy: "put the labels beside the images")
        }
        let learned = try part(drop.path, labels: drop.path(ofCompanion: name))
        guard let other = drop.companions.first(where: { $0.lowercased().contains("images") }) else { return learned.drop }
        return try learned.drop(with: part(drop.path(ofCompanion: other), labels: nil))
    }

    /// A folder of IDX files: images with labels that are learned from, and other images that are predicted, with or without labels. nil for a
    /// folder of anything else.
    ///
    /// What is learned from is the pair with `train` in its name, else the one with most items.
    func folder(_ drop: DropContents) throws(MediaError) -> LabelledDrop? {
        let names = Self.files(in: drop.path)
        let images = names.filter { name in ["images", "idx"].allSatisfy { name.lowercased().contains($0) } }
        guard !images.isEmpty else { return nil }
        var parts: [(name: String, part: Part)] = []
        for name in images {
            let own = Set(Companion.names(of: name))
            let labels = names.first { own.contains($0) && $0.contains("labels") }
            parts.append((name, try part(drop.path + "/" + name, labels: labels.map { drop.path + "/" + $0 })))
        }
        let labelled = parts.filter { $0.part.labels != nil }
        let largest = labelled.max { $0.part.set.count < $1.part.set.count }
        guard let first = labelled.first(where: { $0.name.lowercased().contains("train") }) ?? largest else {
            throw fault(
                drop.name, "labels-missing", expected: "labels beside the images, such as NAME-labels-idx1-ubyte",
                found: "\(images.count) files of images without labels", remedy: "put the labels into the folder")
        }
        var result = first.part.drop
        for other in parts where other.name != first.name { result = try Part(result, first.part).drop(with: other.part) }
        return result
    }

    /// A set of pictures or items.
    func samples(_ path: String) throws(MediaError) -> SampleSet {
        var options = MediaReadOptions()
        options.limits = settings.mediaLimits
        return try MediaReader.read(path: path, options: options)
    }

    /// One file of items, with its labels where it has any.
    struct Part {
        var set: SampleSet
        var labels: [Int]?
        /// What was read so far.
        var drop: LabelledDrop

        fileprivate init(_ drop: LabelledDrop, _ part: Part) { (set, labels, self.drop) = (part.set, part.labels, drop) }

        fileprivate init(_ set: SampleSet, labels: [Int]?) {
            self.set = set
            self.labels = labels
            let levels = Set(labels ?? []).sorted()
            let places = Dictionary(uniqueKeysWithValues: levels.enumerated().map { ($1, $0) })
            drop = LabelledDrop(
                examples: .pictures(LabelledDecoder.matrix(set), shape: LabelledDecoder.shape(set)),
                target: .classes((labels ?? []).map { places[$0] }, names: levels.map(String.init)), targetName: "label",
                names: set.names, notes: set.notes)
        }

        /// The same with items to be predicted at its end; their labels, where they have any, are only compared with.
        fileprivate func drop(with other: Part) throws(MediaError) -> LabelledDrop {
            guard case .pictures(let matrix, let shape) = drop.examples, case .classes(let known, let names) = drop.target else {
                return drop
            }
            guard other.set.dimension == matrix.columnCount, LabelledDecoder.shape(other.set) == shape else {
                throw .malformed(
                    Failure(
                        stage: .decode, code: "unfit-examples", file: other.set.names.first,
                        expected: "examples of \(matrix.columnCount) values, as those that are learned from",
                        found: "\(other.set.dimension) values", remedy: "give pictures of the same size and colour"))
            }
            var result = drop
            let more = LabelledDecoder.matrix(other.set)
            result.examples = .pictures(
                .init(
                    rowCount: matrix.rowCount + more.rowCount, columnCount: matrix.columnCount, elements: matrix.elements + more.elements),
                shape: shape)
            let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
            result.target = .classes(known + Array(repeating: nil, count: more.rowCount), names: names)
            result.names += other.set.names
            result.notes += other.set.notes
            for (index, label) in (other.labels ?? []).enumerated() {
                // A class that was never learned from is one that no prediction can meet.
                result.heldBack[known.count + index] = places[String(label)] ?? -1
            }
            return result
        }
    }

    private func part(_ path: String, labels: String?) throws(MediaError) -> Part {
        let set = try samples(path)
        guard let labels else { return Part(set, labels: nil) }
        let values = try IDXLabels.read(path: labels, limits: settings.mediaLimits)
        guard values.count == set.count else {
            let (file, images) = (Self.lastPart(labels), Self.lastPart(path))
            throw fault(
                file, "label-count", expected: "\(set.count) labels, one for each picture of \(images)", found: "\(values.count) labels",
                remedy: "drop the images and labels that belong together")
        }
        return Part(set, labels: values)
    }

    /// Names of the plain files in a folder, in order.
    private static func files(in folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            var status = stat()
            if !name.hasPrefix("."), lstat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG { names.append(name) }
        }
        return names.sorted()
    }

    private static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    private func fault(_ file: String?, _ code: String, expected: String, found: String, remedy: String) -> MediaError {
        .malformed(Failure(stage: .decode, code: code, file: file, expected: expected, found: found, remedy: remedy))
    }
}
