extension MediaReader {
    /// The set with its cycles and what it was taken for, as the arrangement suggests or the options ask.
    static func interpreted(
        _ set: SampleSet, as arrangement: DropArrangement, _ options: MediaReadOptions
    ) throws(MediaError) -> SampleSet {
        var set = set
        if let length = options.sequenceLength {
            guard set.count % length == 0 else {
                throw .invalidOption(name: "sequence_length", expected: "a divisor of the \(set.count) samples", found: "\(length)")
            }
            set.sequences = stride(from: 0, to: set.count, by: length).map { $0..<$0 + length }
        } else {
            switch options.kind {
            case .auto: set.sequences = arrangement.suggestedSequences(count: set.count)
            case .autoencoder: set.sequences = nil
            case .sequence: set.sequences = arrangement.askedSequences(count: set.count)
            }
        }
        set.interpretation = arrangement.interpretation(count: set.count, sequences: set.sequences, options: options)
        return set
    }

    /// Audio clips are cycles of their own.
    static func interpretedAudio(_ set: SampleSet, _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        guard case .audio(let audio) = set.format else { return set }
        return try interpreted(set, as: .recordings(audio.clips.map(\.samples)), options)
    }

    /// The PNGs of one folder: names say whether they are numbered, the pictures whether they are a film.
    static func interpretedPictures(_ set: SampleSet, _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        guard case .image(let format) = set.format, set.count > 1 else { return try interpreted(set, as: .onePicture, options) }
        guard set.names.allSatisfy(stemEndsInNumber) else { return try interpreted(set, as: .unnumberedPictures, options) }
        return try interpreted(set, as: .numberedPictures(OrderEvidence(values: set.values, format: format)), options)
    }
}
