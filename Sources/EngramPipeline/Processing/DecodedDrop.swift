internal import EngramDynamics
internal import EngramMedia
internal import EngramNetworks
internal import EngramNumerics

/// A drop after decoding: its samples as a matrix and what is to be learned from them.
struct DecodedDrop {
    /// What was read, in the drop's own format.
    let media: SampleSet
    /// Shape `[n, d]`.
    let samples: Matrix<Float>
    /// Which sample goes to which.
    let task: MemoryTask
    /// The samples' codes in the drop's integer format, row by row; nil where the format stores floats.
    let codes: [Int32]?
    /// What users must be told.
    let notes: [String]

    /// The square of the length of `valueRange`.
    var squaredValueRange: Double {
        let length = valueRange.upperBound - valueRange.lowerBound
        return length * length
    }

    /// The range that uniform noise is drawn from: that of the medium.
    var valueRange: ClosedRange<Double> {
        switch media.format {
        case .image: return 0...1
        case .audio: return -1...1
        case .idx(let format):
            switch format.elementType {
            case .ubyte: return 0...1
            case .byte, .short, .int: return -1...1
            case .float, .double:
                let least = media.values.min() ?? 0
                return Double(least)...Double(max(media.values.max() ?? 1, least.nextUp))
            }
        }
    }

    /// For each example the first that equals it.
    let equalExamples: [Int]

    /// Mean squared error within which a state counts as an example: the published 1e-7, in units of the squared range of the samples.
    ///
    /// The published experiments have data on [0, 1]; quiet recordings and float data of another scale need the same relative nearness.
    let recoveryTolerance: Double

    /// The examples that are trained on: all of a sequence, and of an autoencoder the first of each that are equal.
    var trainingExamples: [Int] {
        task.isAutoencoder ? equalExamples.indices.filter { equalExamples[$0] == $0 } : Array(equalExamples.indices)
    }

    /// What is to be learned from the examples that are trained on.
    var trainingTask: MemoryTask {
        task.isAutoencoder ? .autoencoder(count: trainingExamples.count) : task
    }

    /// The examples that are trained on.
    var trainingSamples: Matrix<Float> {
        let examples = trainingExamples
        return examples.count == samples.rowCount ? samples : samples.rows(at: examples)
    }

    /// Whether recalling `reached` recalls what `source` belongs to: an equal example, or for a sequence a cycle through the same states.
    func isSameMemory(_ reached: Int, _ source: Int) -> Bool {
        guard !task.isAutoencoder else { return equalExamples[reached] == equalExamples[source] }
        let cycle = task.cycles.first { $0.contains(source) } ?? source..<source
        return cycle.contains { equalExamples[$0] == equalExamples[reached] }
    }

    /// The name of a cycle: the folder, clip or file that holds it, or its number.
    func cycleName(_ index: Int) -> String {
        if case .audio(let format) = media.format, index < format.clips.count { return format.clips[index].name }
        let first = media.names[task.cycles[index].lowerBound]
        if let slash = first.lastIndex(of: "/") { return String(first[..<slash]) }
        return "cycle \(index + 1)"
    }
}

extension DropProcessor {
    /// Reads the drop and decides what is to be learned.
    /// - Throws: `StageFailure` of stage decode.
    func decode(_ inputPath: String) throws(StageFailure) -> DecodedDrop {
        var options = MediaReadOptions()
        options.limits.maxFileByteCount = settings.limits.maxFileByteCount
        options.limits.maxSampleCount = settings.limits.maxSampleCount
        options.limits.maxImageSide = settings.limits.maxImageSide
        options.limits.maxDecodedByteCount = settings.limits.maxDecodedByteCount
        options.audioWindowSeconds = settings.audio.window.seconds
        options.sequenceLength = settings.sequenceLength.given
        switch settings.kind {
        case .auto: options.kind = .auto
        case .value(.autoencoder): options.kind = .autoencoder
        case .value(.sequence): options.kind = .sequence
        }
        do {
            let media = try MediaReader.read(path: inputPath, options: options)
            let codes = try media.codes(of: media.values)
            return try prepared(media, codes: codes)
        } catch let error as MediaError {
            throw StageFailure(media: error, dropName: context.dropName)
        } catch let failure as StageFailure {
            throw failure
        } catch {
            throw StageFailure(stage: .decode, dropName: context.dropName, code: "failed", message: "\(error)")
        }
    }

    private func prepared(_ media: SampleSet, codes: [Int32]?) throws(StageFailure) -> DecodedDrop {
        let samples = Matrix(rowCount: media.count, columnCount: media.dimension, elements: media.values)
        let task = media.sequences.map { MemoryTask.sequences($0) } ?? .autoencoder(count: media.count)
        var notes = media.notes
        if let conflict = task.firstContradiction(in: samples) {
            let names = [conflict.first, conflict.second, conflict.firstTarget, conflict.secondTarget].map { "'\(media.names[$0])'" }
            throw StageFailure(
                stage: .decode, dropName: context.dropName, code: "contradictory-sequence",
                message: "\(names[0]) and \(names[1]) are the same but are followed by different ones, \(names[2]) and \(names[3]).",
                expected: "a sequence in which each state has one successor, since a map f gives one answer to one question",
                found: "one state with two successors",
                remedy: "remove one of the two, or make them differ; or learn a set without order with kind: autoencoder")
        }
        let equalExamples = samples.equalRowGroups()
        if task.isAutoencoder, let twin = equalExamples.indices.first(where: { equalExamples[$0] != $0 }) {
            let repeated = equalExamples.indices.count { equalExamples[$0] != $0 }
            notes.append(
                "'\(media.names[twin])' equals '\(media.names[equalExamples[twin]])'; equal examples are one memory: it is kept once, and each "
                    + "is recalled as it." + (repeated > 1 ? " \(repeated) examples equal an earlier one." : ""))
        }
        let range = Double(media.values.max() ?? 0) - Double(media.values.min() ?? 0)
        return DecodedDrop(
            media: media, samples: samples, task: task, codes: codes, notes: notes, equalExamples: equalExamples,
            recoveryTolerance: DecodedDrop.recoveryTolerance(valueRange: range))
    }
}

extension DecodedDrop {
    /// `recoveryTolerance` of samples whose values lie this far apart.
    static func recoveryTolerance(valueRange: Double) -> Double { 1e-7 * (valueRange > 0 ? valueRange * valueRange : 1) }
}

extension StageFailure {
    /// A decoder's verdict in the words of a stage.
    init(media error: MediaError, dropName: String) {
        self.init(
            stage: .decode, dropName: dropName, code: error.code, message: error.description, isRetryable: error.isRetryable)
        guard case .malformed(let fault) = error else { return }
        file = fault.file
        expected = fault.expected
        found = fault.found
        remedy = fault.remedy
    }
}

extension MediaError {
    /// One word for programs.
    var code: String {
        switch self {
        case .system: "system"
        case .notAFile: "not-a-file"
        case .malformed: "malformed"
        case .unsupported: "unsupported"
        case .overLimit: "over-limit"
        case .nameContradictsContent: "name-contradicts-content"
        case .mismatch: "mismatch"
        case .mixedDrop: "mixed-drop"
        case .empty: "empty"
        case .invalidOption: "invalid-option"
        case .nonFiniteValue: "non-finite-value"
        case .notWritten: "not-written"
        }
    }
}
