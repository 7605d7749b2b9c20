internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics

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
        let examples = Matrix(rowCount: media.count, columnCount: media.dimension, elements: media.values)
        let codes = try media.codes(of: media.values)
        var set = TrainingSet(
            examples: examples, task: media.sequences.map { MemoryTask.sequences($0) } ?? .autoencoder(count: media.count),
            raster: Self.raster(of: media), valueRange: Self.valueRange(of: media),
            rounding: codes.map { CodeRounding(media: media, codes: $0) })
        if case .audio = media.format { set.sizeAdvice = "take a shorter audio.window" }
        self.set = set
    }

    private init(media: SampleSet, set: TrainingSet, notes: [String]) {
        self.media = media
        self.set = set
        self.notes = notes
    }

    /// The same drop with further remarks.
    func adding(notes further: [String]) -> DecodedDrop { DecodedDrop(media: media, set: set, notes: notes + further) }

    /// The range that uniform noise is drawn from: that of the medium.
    private static func valueRange(of media: SampleSet) -> ClosedRange<Double> {
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

    /// How the entries of an example lie.
    private static func raster(of media: SampleSet) -> Raster {
        switch media.format {
        case .image(let image): return Raster(height: image.height, width: image.width, channels: image.channels)
        case .audio(let audio): return Raster(height: 1, width: audio.windowFrameCount, channels: audio.channels)
        case .idx(let idx):
            let sides = idx.itemDimensions
            if sides.count == 3, sides[2] == 3 { return Raster(height: sides[0], width: sides[1], channels: 3) }
            let width = sides.last ?? 1
            return Raster(height: media.dimension / width, width: width)
        }
    }

    /// The name of a cycle: the folder, clip or file that holds it, or its number.
    func cycleName(_ index: Int) -> String {
        if case .audio(let format) = media.format, index < format.clips.count { return format.clips[index].name }
        let first = media.names[set.task.cycles[index].lowerBound]
        if let slash = first.lastIndex(of: "/") { return String(first[..<slash]) }
        return "cycle \(index + 1)"
    }
}

/// Values count as an example when they round to its codes in the drop's integer format.
private struct CodeRounding: ExampleRounding {
    let media: SampleSet
    /// Of all examples, row by row.
    let codes: [Int32]

    func isExactly(_ values: [Float], example: Int) -> Bool {
        let dimension = media.dimension
        return media.areCodes(of: values, codes[example * dimension..<(example + 1) * dimension])
    }
}
