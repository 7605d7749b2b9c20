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
        (options.rules, options.scaling) = (.current, .automatic)
        if let published = settings.publishedMedia {
            options.rules = ReadingRules(rawValue: published.reading ?? 1) ?? .current
            options.scaling = published.scale.map { .given(SampleScaling(offset: $0.offset, factor: $0.factor)) } ?? .none
        }
        switch settings.kind {
        case .auto: options.kind = .auto
        case .value(.autoencoder): options.kind = .autoencoder
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
        return try checked(drop)
    }

    private func checked(_ drop: DecodedDrop) throws(Failure) -> DecodedDrop {
        let (media, set) = (drop.media, drop.set)
        if let conflict = set.task.firstContradiction(in: set.examples) {
            let names = [conflict.first, conflict.second, conflict.firstTarget, conflict.secondTarget].map { "'\(media.names[$0])'" }
            throw Failure(
                stage: .decode, code: "contradictory-sequence",
                message: "\(names[0]) and \(names[1]) are the same but are followed by different ones, \(names[2]) and \(names[3]).",
                expected: "a sequence in which each state has one successor, since a map f gives one answer to one question",
                found: "one state with two successors",
                remedy: "remove one of the two, or make them differ; or learn a set without order with kind: autoencoder")
        }
        let equal = set.equalExamples
        guard set.task.isAutoencoder, let twin = equal.indices.first(where: { equal[$0] != $0 }) else {
            return drop.adding(notes: media.notes)
        }
        let repeated = equal.indices.count { equal[$0] != $0 }
        return drop.adding(
            notes: media.notes + [
                "'\(media.names[twin])' equals '\(media.names[equal[twin]])'; equal examples are one memory: it is kept once, and each "
                    + "is recalled as it." + (repeated > 1 ? " \(repeated) examples equal an earlier one." : "")
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
                message: "the images that analysis.foreign names cannot be read: \(error)", expected: "a folder of PNGs or an IDX file",
                found: path,
                remedy: "correct the path, which counts from the drop's folder unless it begins with /")
        }
        guard media.dimension == drop.set.examples.columnCount else {
            throw Failure(
                stage: .decode, code: "foreign", file: path,
                message:
                    "analysis.foreign names images of \(media.dimension) values; those of the drop have \(drop.set.examples.columnCount).",
                expected: "images of \(drop.set.examples.columnCount) values", found: "\(media.dimension) values in \(path)",
                remedy: "name images of the drop's own size and colour, or leave analysis.foreign out")
        }
        return Matrix(rowCount: media.count, columnCount: media.dimension, elements: media.values.map(Double.init))
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
