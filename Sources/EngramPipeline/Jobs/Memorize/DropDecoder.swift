internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics

/// Reads a drop and decides what is to be learned from it.
struct DropDecoder {
    let settings: DropSettings
    let dropName: String

    /// Reads the drop and decides what is to be learned.
    /// - Throws: `StageFailure` of stage decode.
    func decode(_ inputPath: String) throws(StageFailure) -> DecodedDrop {
        var options = MediaReadOptions()
        options.limits = settings.mediaLimits
        options.audioWindowSeconds = settings.audio.window.seconds
        options.sequenceLength = settings.sequenceLength.given
        switch settings.kind {
        case .auto: options.kind = .auto
        case .value(.autoencoder): options.kind = .autoencoder
        case .value(.sequence): options.kind = .sequence
        }
        do {
            return try checked(try DecodedDrop(media: MediaReader.read(path: inputPath, options: options)))
        } catch let error as MediaError {
            throw StageFailure(media: error, dropName: dropName)
        } catch let failure as StageFailure {
            throw failure
        } catch {
            throw StageFailure(any: error, stage: .decode, dropName: dropName)
        }
    }

    private func checked(_ drop: DecodedDrop) throws(StageFailure) -> DecodedDrop {
        let (media, set) = (drop.media, drop.set)
        if let conflict = set.task.firstContradiction(in: set.examples) {
            let names = [conflict.first, conflict.second, conflict.firstTarget, conflict.secondTarget].map { "'\(media.names[$0])'" }
            throw StageFailure(
                stage: .decode, dropName: dropName, code: "contradictory-sequence",
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
    /// - Throws: `StageFailure` of stage decode, about that setting.
    func foreignExamples(for drop: DecodedDrop, from inputPath: String) throws(StageFailure) -> Matrix<Double>? {
        guard let given = settings.analysis.foreign.given, settings.analysis.census.given != 0 else { return nil }
        let path: String
        do {
            path = try InnerPath.resolve(given, in: inputPath)
        } catch {
            throw StageFailure(
                stage: .decode, dropName: dropName, file: given, code: "foreign",
                message: "the images that analysis.foreign names cannot be read: \(error.found).",
                expected: "a file or folder inside the drop's own folder, reached without a link", found: error.found,
                remedy:
                    "put the images into the drop (a name that begins with a dot is no part of it), or ask the operator to name them in pipeline.yml"
            )
        }
        var options = MediaReadOptions()
        options.kind = .autoencoder
        options.limits.maxFileByteCount = settings.limits.maxFileByteCount
        options.limits.maxImageSide = settings.limits.maxImageSide
        options.limits.maxDecodedByteCount = settings.limits.maxDecodedByteCount
        options.audioWindowSeconds = settings.audio.window.seconds
        do {
            let media = try MediaReader.read(path: path, options: options)
            guard media.dimension == drop.set.examples.columnCount else {
                throw StageFailure(
                    stage: .decode, dropName: dropName, file: path, code: "foreign",
                    message:
                        "analysis.foreign names images of \(media.dimension) values; those of the drop have \(drop.set.examples.columnCount).",
                    expected: "images of \(drop.set.examples.columnCount) values", found: "\(media.dimension) values in \(path)",
                    remedy: "name images of the drop's own size and colour, or leave analysis.foreign out")
            }
            return Matrix(rowCount: media.count, columnCount: media.dimension, elements: media.values.map(Double.init))
        } catch let failure as StageFailure {
            throw failure
        } catch {
            throw StageFailure(
                stage: .decode, dropName: dropName, file: path, code: "foreign",
                message: "the images that analysis.foreign names cannot be read: \(error)", expected: "a folder of PNGs or an IDX file",
                found: path,
                remedy: "correct the path, which counts from the drop's folder unless it begins with /")
        }
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
