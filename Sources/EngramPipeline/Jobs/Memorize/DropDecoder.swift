internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// Reads a drop and decides what is to be learned from it.
struct DropDecoder {
    let settings: DropSettings

    /// Reads the drop and decides what is to be learned.
    /// - Parameters:
    ///   - inputPath: The drop, or `recovered/` of a memory.
    ///   - memory: What the memory says whose items these are; its cycles are theirs, whatever their names tell.
    /// - Throws: `Failure` of stage decode.
    func decode(_ inputPath: String, of memory: DropReport? = nil) throws(Failure) -> DecodedDrop {
        var options = MediaReadOptions()
        options.limits = settings.mediaLimits
        options.audioWindowSeconds = settings.audio.window.seconds
        options.sequenceLength = settings.sequenceLength.given
        options.textUnit = settings.text.unit.given.flatMap { TextUnit(rawValue: $0.rawValue) }
        let readsTokens = readsTokensOneByOne
        options.textContext = settings.text.context.given ?? (readsTokens ? 1 : nil)
        (options.rules, options.scaling) = (.current, .automatic)
        if let published = settings.publishedMedia {
            options.rules = ReadingRules(rawValue: published.reading ?? 1) ?? .current
            options.scaling = published.scale.map { .given(SampleScaling(offset: $0.offset, factor: $0.factor)) } ?? .none
        }
        switch settings.kind {
        case .auto: options.kind = .auto
        case .value(.autoencoder), .value(.classes): options.kind = .autoencoder
        case .value(.sequence): options.kind = .sequence
        }
        let drop: DecodedDrop
        do throws(MediaError) {
            var media = try MediaReader.read(path: inputPath, options: options)
            if let cycles = memory?.cycleRanges(tiling: media.count) { media.sequences = cycles }
            drop = try DecodedDrop(media: media)
        } catch {
            throw error.failure
        }
        guard !readsTokens || !drop.media.format.kind.isToken else { return drop.adding(notes: drop.media.notes) }
        return noted(drop.marked(by: try marks(for: drop)))
    }

    /// Whether texts are read token by token. A published memory is read as its settings say: those of earlier versions left the family open
    /// and had windows.
    private var readsTokensOneByOne: Bool {
        let memory = settings.memory
        return memory.readsTokensOneByOne && settings.text.context == .auto
            && (settings.publishedMedia == nil || memory.network.family.given != nil)
    }

    /// What tells equal samples apart: of a published memory what it was made with, else what the sequence needs.
    private func marks(for drop: DecodedDrop) throws(Failure) -> RepeatMarks? {
        guard let published = settings.publishedMedia else {
            return RepeatMarks(tellingApart: drop.set.examples, task: drop.set.task, raster: drop.set.raster)
        }
        guard let repeats = published.repeats else { return nil }
        guard let marks = RepeatMarks(repeats, count: drop.set.task.count) else {
            throw Failure(
                stage: .decode, code: "repeats", message: "media.repeats of report.json does not fit the \(drop.set.task.count) samples.",
                expected: "numbers of samples that are there, and marks of at least \(RepeatMarks.leastEntryCount) values",
                found: "\(repeats.entries) values for \(repeats.samples.count) samples",
                remedy: "restore the whole folder from one copy, or name the drop that the memory was made from")
        }
        return marks
    }

    /// The drop with what its user must know of samples that are equal.
    private func noted(_ drop: DecodedDrop) -> DecodedDrop {
        let (media, set) = (drop.media, drop.set)
        let equal = drop.equalSamples
        guard let twin = equal.indices.first(where: { equal[$0] != $0 }) else { return drop.adding(notes: media.notes) }
        let names = "'\(media.names[twin])' equals '\(media.names[equal[twin]])'"
        let repeated = equal.indices.count { equal[$0] != $0 }
        let more = repeated > 1 ? " \(repeated) examples equal an earlier one." : ""
        guard !set.task.isAutoencoder else {
            return drop.adding(
                notes: media.notes + ["\(names); equal examples are one memory: it is kept once, and each is recalled as it." + more])
        }
        guard let marks = set.marks else {
            return drop.adding(
                notes: media.notes + ["\(names), and so does all that follows: a cycle that repeats itself is stored as one round." + more])
        }
        let marked = marks.numbers.firstIndex { $0 > 0 } ?? twin
        return drop.adding(
            notes: media.notes + [
                "'\(media.names[marked])' equals '\(media.names[equal[marked]])' and goes on differently, which no map can follow: each state "
                    + "has \(marks.entryCount) further values, a mark that counts the repeat; what is recalled is written without it. "
                    + (marks.markedCount > 1 ? "\(marks.markedCount) samples are such repeats." : "One sample is such a repeat.")
            ])
    }

    /// The images that `analysis.foreign` names; nil where it names none.
    /// - Parameters:
    ///   - drop: What they must be like.
    ///   - inputPath: The drop, whose folder relative paths count from.
    /// - Throws: `Failure` of stage decode, about that setting.
    func foreignExamples(for drop: DecodedDrop, from inputPath: String) throws(Failure) -> Matrix<Double>? {
        guard let given = settings.analysis.foreign.given, settings.analysis.census.given != 0 else { return nil }
        let path: String
        do {
            path = try InnerPath.resolve(given, in: inputPath)
        } catch {
            throw Failure(
                stage: .decode, code: "foreign", file: given,
                message: "the images that analysis.foreign names cannot be read: \(error.found).",
                expected: "a file or folder inside the drop's own folder, reached without a link", found: error.found,
                remedy:
                    "put the images into the drop (a name that begins with a dot is no part of it), or ask the operator to name them in pipeline.yml"
            )
        }
        var options = MediaReadOptions()
        options.kind = .autoencoder
        options.rules = drop.media.rules
        options.scaling = drop.media.scaling.map { .given($0) } ?? .none
        options.limits.maxFileByteCount = settings.limits.maxFileByteCount
        options.limits.maxImageSide = settings.limits.maxImageSide
        options.limits.maxDecodedByteCount = settings.limits.maxDecodedByteCount
        options.audioWindowSeconds = settings.audio.window.seconds
        let media: SampleSet
        do {
            media = try MediaReader.read(path: path, options: options)
        } catch {
            throw Failure(
                stage: .decode, code: "foreign", file: path,
                message: "the images that analysis.foreign names cannot be read: \(error)", expected: "a folder of pictures or an IDX file",
                found: path,
                remedy: "correct the path, which counts from the drop's folder unless it begins with /")
        }
        guard media.dimension == drop.media.dimension else {
            throw Failure(
                stage: .decode, code: "foreign", file: path,
                message:
                    "analysis.foreign names images of \(media.dimension) values; those of the drop have \(drop.media.dimension).",
                expected: "images of \(drop.media.dimension) values", found: "\(media.dimension) values in \(path)",
                remedy: "name images of the drop's own size and colour, or leave analysis.foreign out")
        }
        let mark = drop.set.marks.map { $0.mark(0).map(Double.init) } ?? []
        return Matrix(rows: (0..<media.count).map { media.row($0).map(Double.init) + mark })
    }
}

extension DropSettings {
    /// What is checked before memory is taken.
    var mediaLimits: MediaLimits {
        var result = MediaLimits()
        result.maxFileByteCount = limits.maxFileByteCount
        result.maxSampleCount = limits.maxSampleCount
        result.maxImageSide = limits.maxImageSide
        result.maxDecodedByteCount = limits.maxDecodedByteCount
        return result
    }
}
