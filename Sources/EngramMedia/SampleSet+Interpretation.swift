extension SampleSet {
    /// The set with its cycles and what it was taken for, as the arrangement suggests or the options ask.
    func interpreted(as arrangement: DropArrangement, _ options: MediaReadOptions) throws(MediaError) -> SampleSet {
        var set = self
        if let length = options.sequenceLength {
            guard count % length == 0 else {
                throw .invalidOption(name: "sequence_length", expected: "a divisor of the \(count) samples", found: "\(length)")
            }
            set.sequences = stride(from: 0, to: count, by: length).map { $0..<$0 + length }
        } else {
            switch options.kind {
            case .auto: set.sequences = arrangement.suggestedSequences(count: count)
            case .autoencoder: set.sequences = nil
            case .sequence: set.sequences = arrangement.askedSequences(count: count)
            }
        }
        set.interpretation = arrangement.interpretation(count: count, sequences: set.sequences, options: options)
        return set
    }
}
