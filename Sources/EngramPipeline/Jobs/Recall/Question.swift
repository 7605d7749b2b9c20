internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics

/// One question of a recall: what it is called, the cues by which it is put to the memory, and how the best answer is chosen.
struct Question {
    /// The cue's file name, or the number of the noise.
    let name: String
    /// Cues that stand for the question: one, or for sound one for each shift and window that are tried.
    let cues: [Cue]
    /// For sound, where each cue was taken from.
    let placements: [Placed]
    /// What was converted.
    let notes: [String]
    /// All samples of a cue that gives several; empty for others.
    var reading: [CueMedia.Reading] = []

    /// A window of the memory that a cue of sound was laid over.
    struct Placed {
        let placement: ClipPlacement
        /// The item that the cue should lead to, if the shift is right.
        let item: Int
        let shiftCount: Int
    }

    /// Marks that are tried for one picture: which repeat is meant, a single picture does not say.
    static let markCount = 16

    /// A picture or an item; where the memory tells equal ones apart by marks, with each of the first marks.
    init(_ item: CueMedia.Item, in memory: OpenMemory) {
        let drop = memory.drop
        name = item.name
        placements = []
        notes = item.notes
        guard drop.set.stateEntryCount == 0 else {
            reading = item.reading
            let samples = reading.isEmpty ? [item.values] : reading.map(\.values)
            cues = memory.retriever.cues(reading: samples.map { $0?.map(Double.init) })
            return
        }
        let cue = Cue(values: item.values.map(Double.init), isKnown: item.isKnown)
        cues =
            drop.set.marks.map { marks in
                (0..<min(marks.markCount, Self.markCount)).map { cue.appending(marks.mark($0).map(Double.init)) }
            } ?? [cue]
    }

    /// Noise.
    init(noise values: [Double], number: Int) {
        name = "noise \(number)"
        cues = [Cue(values: values)]
        placements = []
        notes = []
    }

    /// Windows of one stretch, at most, that are tried for each shift.
    private static let windowCount = 4

    /// A stretch of sound, laid over the memory at the likeliest shifts.
    init(_ clip: CueMedia.Clip, in drop: DecodedDrop, format: AudioFormat) {
        name = clip.name
        notes = clip.notes
        let placements = ClipPlacement.likeliest(for: clip, in: drop, format: format)
        let (window, channels) = (format.windowFrameCount, format.channels)
        let frames = clip.values.count / channels
        var (cues, placed): ([Cue], [Placed]) = ([], [])
        for placement in placements {
            let stored = format.clips[placement.clip]
            // The windows that hold most of the stretch come first.
            let overlaps = (0..<stored.samples.count).map { index -> (index: Int, frames: Range<Int>) in
                let begin = max(index * window, placement.offset)
                return (index, begin..<max(begin, min((index + 1) * window, placement.offset + frames, stored.frameCount)))
            }
            let best = overlaps.filter { !$0.frames.isEmpty }.sorted { ($1.frames.count, $0.index) < ($0.frames.count, $1.index) }
            for overlap in best.prefix(Self.windowCount) {
                var values = [Double](repeating: 0, count: window * channels)
                var known = [Bool](repeating: false, count: window * channels)
                for frame in overlap.frames {
                    let source = frame - placement.offset
                    for channel in 0..<channels {
                        let target = (frame - overlap.index * window) * channels + channel
                        values[target] = Double(clip.values[source * channels + channel])
                        known[target] = clip.isKnown?[source] ?? true
                    }
                }
                // Beyond the end of a clip its last window is silence, which is known.
                for entry in known.indices where entry / channels + overlap.index * window >= stored.frameCount { known[entry] = true }
                let item = stored.samples.lowerBound + overlap.index
                let cue = Cue(values: values, isKnown: known)
                // Where the stretch lies says which repeat a window is.
                cues.append(drop.set.marks.map { cue.appending($0.mark($0.numbers[item]).map(Double.init)) } ?? cue)
                placed.append(Placed(placement: placement, item: item, shiftCount: placements.count))
            }
        }
        self.cues = cues
        self.placements = placed
    }

    /// The best of the answers to `cues`: what reached something stored, for sound what was expected there, then what agrees best.
    func best(_ answers: [Retrieval]) -> Int {
        func rank(_ index: Int) -> (Int, Double) {
            guard let item = answers[index].item else { return (2, answers[index].neighbours.first?.distance ?? .infinity) }
            let isExpected = placements.isEmpty || placements[index].item == item
            // Sound is compared by what it has in common: in noise, silence is what differs least.
            let distance = answers[index].neighbours.first { $0.item == item }?.distance ?? .infinity
            return (isExpected ? 0 : 1, placements.isEmpty ? distance : -placements[index].placement.correlation)
        }
        return answers.indices.min { rank($0) < rank($1) } ?? 0
    }
}
