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

    /// A drop from what was read; without sequences each sample is to map to itself.
    ///
    /// - Throws: `MediaError` for samples that are none of their format's codes.
    init(media: SampleSet, notes: [String] = []) throws(MediaError) {
        self.media = media
        self.notes = notes
        set = try TrainingSet(media)
    }

    private init(media: SampleSet, set: TrainingSet, notes: [String]) {
        self.media = media
        self.set = set
        self.notes = notes
    }

    /// The same drop with further remarks.
    func adding(notes further: [String]) -> DecodedDrop { DecodedDrop(media: media, set: set, notes: notes + further) }

    /// The name of a cycle: the folder, clip or file that holds it, or its number.
    func cycleName(_ index: Int) -> String {
        if case .audio(let format) = media.format, index < format.clips.count { return format.clips[index].name }
        let first = media.names[set.task.cycles[index].lowerBound]
        if let slash = first.lastIndex(of: "/") { return String(first[..<slash]) }
        return "cycle \(index + 1)"
    }
}
