internal import EngramSystem

/// Text: one file, or a folder of texts, each a cycle of its own that begins again at its end.
struct TextMedia: MediaFormat {
    let description = "a text"
    let endings: [NameEnding] = []
    var isToldByName: Bool { true }

    /// No bytes are a mark of text.
    func isBegun(by head: [UInt8]) -> Bool { false }
    func isMeant(by name: String) -> Bool { name.lowercased().hasSuffix(".txt") }

    func completeness<Failure>(of file: GrowingFile<Failure>) throws(Failure) -> FileCompleteness? { nil }
    func shape<Failure>(of file: GrowingFile<Failure>, options: MediaReadOptions) throws(Failure) -> MediaShape? { nil }

    // MARK: Samples

    func decode(_ files: MediaGroup, options: MediaReadOptions) throws(MediaError) -> SampleSet {
        var unit = options.textUnit
        var texts: [TextTokens] = []
        for file in files.files {
            let text = try TextTokens(InputFile.read(file.path, limits: options.limits), file: file.name, unit: unit)
            // Of several texts the first one decides.
            unit = text.unit
            texts.append(text)
        }
        let count = texts.reduce(0) { $0 + $1.tokens.count }
        let name = files.files.count == 1 ? files.files[0].name : files.name
        guard count <= options.limits.maxSampleCount else {
            throw .overLimit(
                file: name, quantity: "number of \((unit ?? .words).rawValue)", limit: options.limits.maxSampleCount, found: count)
        }
        let coded = coded(texts)
        let (context, notes) = context(of: coded.texts, options.textContext)
        let (row, isLong) = context.multipliedReportingOverflow(by: coded.vocabulary.count)
        let (values, isLonger) = row.multipliedReportingOverflow(by: 4 * count)
        guard !isLong, !isLonger, values <= options.limits.maxDecodedByteCount else {
            throw .overLimit(
                file: name,
                quantity: "bytes of \(count) windows of \(context) \((unit ?? .words).rawValue) out of \(coded.vocabulary.count)",
                limit: options.limits.maxDecodedByteCount, found: isLong || isLonger ? .max : values)
        }
        return try set(files.files, texts, coded, context: context, notes: notes).interpreted(
            as: .texts(coded.ranges, unit: unit ?? .words), options)
    }

    /// Texts as numbers of their tokens.
    private struct Coded {
        var vocabulary: [[UInt8]] = []
        var texts: [[Int]] = []

        /// The samples of each text.
        var ranges: [Range<Int>] {
            var start = 0
            return texts.map { text in
                defer { start += text.count }
                return start..<start + text.count
            }
        }
    }

    private func coded(_ texts: [TextTokens]) -> Coded {
        var (result, numbers) = (Coded(), [[UInt8]: Int]())
        for text in texts {
            result.texts.append(
                text.tokens.map { token in
                    if let number = numbers[token] { return number }
                    numbers[token] = numbers.count
                    result.vocabulary.append(token)
                    return numbers.count - 1
                })
        }
        return result
    }

    /// Further tokens than are needed to tell places apart, so that a wrong word does not lead elsewhere.
    static let spareTokenCount = 2
    /// Windows are not longer than this by themselves: what is equal for as long is told apart by marks, as held frames of a film are.
    static let longestContext = 64

    /// The tokens of a window: those given, else as many as tell every place from every other, and some to spare.
    private func context(of texts: [[Int]], _ given: Int?) -> (context: Int, notes: [String]) {
        let longest = texts.map(\.count).max() ?? 1
        if let given { return (min(given, longest), given > longest ? ["text.context: \(given) is longer than the text"] : []) }
        let needed = Self.neededContext(of: texts)
        return (min(needed + Self.spareTokenCount, longest, Self.longestContext), [])
    }

    /// The shortest windows that differ wherever windows of any length do, at most `longestContext` long.
    static func neededContext(of texts: [[Int]]) -> Int {
        // Class of the window that ends at each place, refined by one token at a time.
        var classes = texts
        var classCount = Set(texts.joined()).count
        let placeCount = texts.reduce(0) { $0 + $1.count }
        var (context, deepest) = (1, 1)
        while classCount < placeCount, context < longestContext {
            var numbers: [[Int]: Int] = [:]
            classes = zip(texts, classes).map { text, old in
                text.indices.map { place in
                    let key = [old[(place + text.count - 1) % text.count], text[place]]
                    let number = numbers[key] ?? numbers.count
                    numbers[key] = number
                    return number
                }
            }
            context += 1
            if numbers.count > classCount { deepest = context }
            classCount = numbers.count
            // What a whole round does not tell apart nothing does.
            if context > (texts.map(\.count).max() ?? 1) { break }
        }
        return deepest
    }

    private func set(
        _ files: [MediaSource], _ texts: [TextTokens], _ coded: Coded, context: Int, notes: [String]
    ) -> SampleSet {
        let ranges = coded.ranges
        let format = TextFormat(
            unit: texts.first?.unit ?? .words, vocabulary: coded.vocabulary, context: context,
            files: zip(files, ranges).map { TextFile(name: $0.name, samples: $1) })
        let (count, size) = (ranges.last?.upperBound ?? 0, coded.vocabulary.count)
        var values = [Float](repeating: 0, count: count * format.dimension)
        for (text, range) in zip(coded.texts, ranges) {
            for place in text.indices {
                let row = (range.lowerBound + place) * format.dimension
                for block in 0..<context {
                    let back = (context - 1 - block) % text.count
                    values[row + block * size + text[(place + text.count - back) % text.count]] = 1
                }
            }
        }
        let singular = String(format.unit.rawValue.dropLast())
        let names = zip(files, texts).flatMap { file, text in
            text.tokens.indices.map { "\(file.name) \(singular) \($0 + 1) \(TextTokens.shown(text.tokens[$0]))" }
        }
        return SampleSet(
            values: values, count: count, dimension: format.dimension, names: names, format: SampleFormat(format), sequences: nil,
            notes: notes)
    }

    func holds(_ format: SampleFormat) -> Bool { format.kind is TextFormat }

    /// Each text under its name; samples that are no whole set are one text from the first of them on.
    func encode(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        guard let format = set.format.kind as? TextFormat else { return [] }
        let tokens = (0..<set.count).map { format.token(of: values[$0 * set.dimension..<($0 + 1) * set.dimension]) }
        guard format.files.last?.samples.upperBound == set.count, set.sequences != nil || format.files.count > 1 else {
            let first = set.names.first ?? ""
            let file = format.files.first { first.hasPrefix($0.name + " ") } ?? format.files.first
            // What is nothing stored has no text's name.
            let name = first.hasPrefix("state.") ? "state.txt" : file?.name ?? "state.txt"
            return [MediaFile(name: name, bytes: Array(tokens.joined()))]
        }
        return format.files.map { MediaFile(name: $0.name, bytes: Array(tokens[$0.samples].joined())) }
    }

    func addCue(_ cue: MediaSource, mask: MediaSource?, fit: CueFit, to media: inout CueMedia) throws(MediaError) {
        guard let format = fit.memory.format.kind as? TextFormat else { throw fit.unfit(cue.name, "text") }
        let bytes = try InputFile.read(cue.path, limits: fit.options.limits)
        media.items.append(fit.item(try TextTokens(bytes, file: cue.name, unit: format.unit), format, name: cue.name))
    }
}
