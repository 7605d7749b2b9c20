internal import Engram
internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// The files of one answer, and what the page shows of it.
struct AnswerFiles {
    /// In the memory's own format.
    let recalled: [MediaFile]
    /// The way from the cue to memory.
    let path: MediaFile?
    /// A sequence of pictures from the cue's place on.
    let animation: MediaFile?
    private let media: SampleSet
    private let answer: Answer
    private let isExact: Bool

    /// Steps of sound on the way to memory that are played.
    private static let soundStepCount = 12

    /// - Parameter stepCount: States of a sequence that are played; nil for one round.
    /// - Throws: `MediaError`; `Failure` for a file of the memory that is no longer what was published.
    init(memory: OpenMemory, answer: Answer, stepCount: Int?) throws {
        media = memory.drop.media
        self.answer = answer
        isExact = memory.isExact(answer.retrieval)
        let retrieval = answer.retrieval
        let first = retrieval.item ?? retrieval.finalNeighbours.first?.item ?? 0
        let wanted = stepCount ?? retrieval.round?.rowCount ?? 1
        let played =
            if let round = retrieval.round {
                wanted <= round.rowCount
                    ? round.rows(at: 0..<max(wanted, 1)) : memory.retriever.played(from: retrieval.values, count: wanted)
            } else {
                Matrix(rows: [retrieval.values])
            }
        let items = memory.drop.set.task.played(from: first, count: played.rowCount)
        let states = memory.drop.set.samples(of: played)
        let isItem = retrieval.item != nil
        recalled =
            if media.format.image != nil, isItem {
                try Self.pictures(states, items, in: memory)
            } else {
                try Self.files(states, items, media, isItem: isItem)
            }
        let way = memory.drop.set.samples(of: retrieval.path.states)
        guard media.previewFormat != nil else {
            animation = nil
            path = try Self.soundPath(way, media)
            return
        }
        let files = recalled
        let steps: [(values: [Double], seconds: Double)] = (0..<way.rowCount).map { row in
            (way.row(row), row == 0 ? 0.8 : row == way.rowCount - 1 ? 1.5 : row < 12 ? 0.2 : 0.08)
        }
        let set = media
        let pair = ParallelMap.results(of: 2, threadCount: 2) { index in
            Result { () throws(MediaError) in
                guard index == 0 else { return try Self.apng("path.apng", steps, set) }
                return retrieval.round != nil && states.rowCount > 1 ? try Self.film(states, files, set) : nil
            }
        }
        animation = try pair[0].get()
        path = try pair[1].get()
    }

    /// A number with zeros before it.
    static func padded(_ number: Int, digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    /// The names of their items, or numbers where items repeat.
    private static func names(of items: [Int], _ media: SampleSet) -> [String] {
        let isRepeated = items.count > Set(items).count
        return items.enumerated().map { index, item in
            isRepeated ? "played-\(padded(index + 1, digits: 6)).png" : media.names[item]
        }
    }

    /// Recalled pictures. One that equals its item in every code is the file that the memory holds of it, which was decoded to those codes
    /// when the memory was opened; the others are compressed.
    private static func pictures(_ states: Matrix<Double>, _ items: [Int], in memory: OpenMemory) throws -> [MediaFile] {
        let media = memory.drop.media
        let names = names(of: items, media)
        let isStored = items.indices.map { memory.isExact(states.row($0), item: items[$0]) }
        let others = items.indices.filter { !isStored[$0] }
        var set = media
        (set.count, set.sequences, set.names) = (others.count, nil, others.map { names[$0] })
        var written = try others.isEmpty ? [] : Self.written(states.rows(at: others).fileValues, like: set)[...]
        return try items.indices.map { index in
            isStored[index]
                ? MediaFile(name: names[index], bytes: try memory.files.bytes("recovered/" + media.names[items[index]]))
                : written.removeFirst()
        }
    }

    /// Recalled states as files of the memory's format, under the names of their items, or numbered where items repeat.
    private static func files(
        _ states: Matrix<Double>, _ items: [Int], _ media: SampleSet, isItem: Bool
    ) throws(MediaError) -> [MediaFile] {
        var set = media
        set.count = states.rowCount
        set.sequences = nil
        set.names = isItem ? names(of: items, media) : items.map { _ in "state.png" }
        var values = states.fileValues
        if var format = media.format.audio {
            // Each window in its true length: the last one of a clip is padded.
            let channels = format.channels
            var kept: [Float] = []
            for (row, item) in items.enumerated() {
                let clip = format.clips.first { $0.samples.contains(item) } ?? format.clips[0]
                let begin = (item - clip.samples.lowerBound) * format.windowFrameCount
                let frames = min(format.windowFrameCount, max(1, clip.frameCount - begin))
                kept += values[row * media.dimension..<row * media.dimension + frames * channels]
            }
            let name = format.clips.first { $0.samples.contains(items[0]) }?.name ?? format.clips[0].name
            let windows = (kept.count / channels + format.windowFrameCount - 1) / format.windowFrameCount
            let padding = windows * media.dimension - kept.count
            format.clips = [AudioClip(name: isItem ? name : "state.wav", frameCount: kept.count / channels, samples: 0..<windows)]
            set.format = .audio(format)
            set.count = windows
            values = kept + [Float](repeating: 0, count: padding)
        }
        return try written(values, like: set)
    }

    /// Pictures are compressed in two halves at a time: of a film they are what takes longest.
    private static func written(_ values: [Float], like set: SampleSet) throws(MediaError) -> [MediaFile] {
        guard set.format.image != nil, set.count > 1 else { return try MediaWriter.files(values: values, like: set) }
        let halves = ParallelMap.results(of: 2, threadCount: 2) { half in
            let rows = half * set.count / 2..<(half + 1) * set.count / 2
            var part = set
            part.count = rows.count
            part.names = Array(set.names[rows])
            return Result { () throws(MediaError) in
                try MediaWriter.files(values: Array(values[rows.lowerBound * set.dimension..<rows.upperBound * set.dimension]), like: part)
            }
        }
        var files: [MediaFile] = []
        for half in halves { files += try half.get() }
        return files
    }

    /// A sequence as an animation: of the files that it was written to, where an animation can hold them as they are.
    private static func film(_ states: Matrix<Double>, _ files: [MediaFile], _ media: SampleSet) throws(MediaError) -> MediaFile? {
        let seconds = 1 / ResultRendering.framesPerSecond
        let joined = try APNGEncoder.joined(
            files, like: media, delayNumerator: UInt16(saturating: (1000 * seconds).rounded()), delayDenominator: 1000)
        guard let joined else {
            return try apng("recalled.apng", (0..<states.rowCount).map { (states.row($0), seconds) }, media)
        }
        return MediaFile(name: "recalled.apng", bytes: joined)
    }

    private static func apng(
        _ name: String, _ frames: [(values: [Double], seconds: Double)], _ media: SampleSet
    ) throws(MediaError) -> MediaFile? {
        guard !frames.isEmpty, let bytes = try media.animation(frames) else { return nil }
        return MediaFile(name: name, bytes: bytes)
    }

    /// The first states on the way one after another, as a WAV; nil for what is neither picture nor sound.
    private static func soundPath(_ way: Matrix<Double>, _ media: SampleSet) throws(MediaError) -> MediaFile? {
        guard var format = media.format.audio else { return nil }
        let count = min(way.rowCount, soundStepCount)
        let values = way.rows(at: 0..<count).fileValues
        var set = media
        set.count = count
        set.sequences = nil
        format.container = .wav
        format.subtype = .pcm16
        format.byteOrder = .containerDefault
        format.clips = [AudioClip(name: "path.wav", frameCount: count * format.windowFrameCount, samples: 0..<count)]
        set.format = .audio(format)
        return try MediaWriter.files(values: values, like: set).first
    }

    /// What the page shows.
    func view(_ files: RecallReport.Files) throws(MediaError) -> AnswerView {
        var view = AnswerView()
        // A mark is nothing to look at or to hear.
        let (cue, recall) = (answer.cue.prefix(media.dimension), Array(answer.retrieval.values.prefix(media.dimension)))
        if media.previewFormat != nil {
            let shown = cue.values.indices.map { cue.isKnown?[$0] ?? true ? Float(cue.values[$0]) : 0.5 }
            view.cue = try media.preview(of: shown)?.png()
            view.recall = try media.preview(of: recall.map { Float($0) })?.png()
            let low = Float(media.valueRange.lowerBound)
            view.difference = try media.preview(
                of: cue.values.indices.map { index in
                    cue.isKnown?[index] ?? true ? low + Float(abs(cue.values[index] - recall[index])) : low
                })?.png()
            view.path = path?.bytes
        } else if let text = recalled.first.flatMap(media.format.kind.excerpt) {
            view.text = text
        } else if let format = media.format.audio {
            let known = cue.values.indices.map { cue.isKnown?[$0] ?? true ? Float(cue.values[$0]) : 0 }
            let seconds = Double(format.windowFrameCount) / Double(format.sampleRateHz)
            view.waveform = WaveformPair(
                caption: answer.retrieval.item.map { media.names[$0] } ?? "nothing stored", seconds: seconds,
                original: WaveformEnvelope(outlining: known),
                recalled: WaveformEnvelope(outlining: recall.map { Float($0) }),
                mse: zip(known, recall).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) } / Double(known.count),
                recovered: answer.retrieval.item != nil, exact: isExact)
            view.waveform?.originalName = "cue"
            view.sound = files.recalled.first ?? files.state.first
        }
        return view
    }
}
