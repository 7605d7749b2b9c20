internal import EngramSystem

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

    /// The set with a word on the order of its files, where that is not what a list of them shows, and on numbers that are missing.
    /// - Parameter groups: The files of each folder.
    func orderNoted(_ groups: [Range<Int>], _ options: MediaReadOptions) -> SampleSet {
        guard options.rules != .first, sequences != nil else { return self }
        var set = self
        for group in groups where group.count > 1 {
            let own = Array(names[group])
            guard let numbered = NumberedNames(own) else { continue }
            let natural = own.sorted(by: NaturalOrder.precedes)
            if natural != own {
                set.notes.append("in the order of their numbers, from \(own[0]) to \(own[own.count - 1])")
            }
            if let integers = numbered.integers, let gap = NumberedNames.gapText(integers) {
                set.notes.append(
                    "numbers \(gap) are missing between \(own[0]) and \(own[own.count - 1]); what stands beside a gap follows each other")
            }
        }
        return set
    }
}
