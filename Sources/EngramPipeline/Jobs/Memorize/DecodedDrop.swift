internal import Engram
internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories

/// A drop after decoding: what was read, and what is to be learned from it.
struct DecodedDrop {
    /// What was read, in the drop's own format.
    let media: SampleSet
    /// The samples as numbers, and which goes to which.
    let set: TrainingSet
    /// What users must be told.
    let notes: [String]

    /// For each sample the first that equals it, whatever marks tell them apart.
    let equalSamples: [Int]

    /// A drop from what was read; without sequences each sample is to map to itself.
    ///
    /// - Throws: `MediaError` for samples that are none of their format's codes.
    init(media: SampleSet) throws(MediaError) {
        let set = try TrainingSet(media)
        self.init(media: media, set: set, notes: [], equalSamples: set.equalExamples)
    }

    private init(media: SampleSet, set: TrainingSet, notes: [String], equalSamples: [Int]) {
        self.media = media
        self.set = set
        self.notes = notes
        self.equalSamples = equalSamples
    }

    /// The same drop whose states have these marks; nil leaves them as they are.
    func marked(by marks: RepeatMarks?) -> DecodedDrop {
        marks.map { DecodedDrop(media: media, set: set.marked(by: $0), notes: notes, equalSamples: equalSamples) } ?? self
    }

    /// Whether samples are single tokens, for a map that remembers what it read.
    var isReadTokenByToken: Bool { media.format.kind.isToken && set.marks == nil }

    /// The same drop whose examples hold what `map` remembers at each; the drop itself for a map that remembers nothing.
    func carried(by map: any IterableMap) -> DecodedDrop {
        DecodedDrop(media: media, set: set.carried(by: map), notes: notes, equalSamples: equalSamples)
    }

    /// The same drop with further remarks.
    func adding(notes further: [String]) -> DecodedDrop {
        DecodedDrop(media: media, set: set, notes: notes + further, equalSamples: equalSamples)
    }

    /// The name of a cycle: the folder, clip or file that holds it, or its number.
    func cycleName(_ index: Int) -> String {
        if let format = media.format.audio, index < format.clips.count { return format.clips[index].name }
        let first = media.names[set.task.cycles[index].lowerBound]
        if let slash = first.lastIndex(of: "/") { return String(first[..<slash]) }
        return "cycle \(index + 1)"
    }
}
