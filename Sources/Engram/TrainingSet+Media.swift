public import EngramDynamics
public import EngramMedia
public import EngramMemories
internal import EngramNumerics

extension TrainingSet {
    /// The set of what `MediaReader` read.
    ///
    /// Images and sound keep their raster and their range of values, and an example counts as recalled exactly when it rounds to the
    /// codes of its format. Without sequences each sample is to map to itself; with them, each to the next of its cycle.
    /// - Throws: `MediaError.nonFiniteValue` for values that are not finite.
    public init(_ media: SampleSet) throws(MediaError) {
        let examples = Matrix(rowCount: media.count, columnCount: media.dimension, elements: media.values)
        let codes = try media.codes(of: media.values)
        let rounding: (any ExampleRounding)? =
            if let codes { CodeRounding(media: media, codes: codes) } else if media.scaling != nil { ScaledRounding(media: media) } else {
                nil
            }
        self.init(
            examples: examples, task: media.sequences.map { MemoryTask.sequences($0) } ?? .autoencoder(count: media.count),
            raster: media.raster, valueRange: media.valueRange, rounding: rounding)
        if let advice = media.format.kind.sizeAdvice { sizeAdvice = advice }
    }
}

extension SampleSet {
    /// How the entries of a sample lie in a picture or along time.
    public var raster: Raster {
        let grid = format.kind.grid
        return Raster(height: grid.height, width: grid.width, channels: grid.channels)
    }

    /// The range of values of the medium: [0, 1] for pictures, [-1, 1] for sound, that of the samples for float data.
    public var valueRange: ClosedRange<Double> { format.kind.valueRange(of: values) }

    /// The first samples, as a set without sequences.
    ///
    /// - Parameter sampleCount: At most `count`.
    public func prefix(_ sampleCount: Int) -> SampleSet {
        precondition((0...count).contains(sampleCount), "The first \(sampleCount) of \(count) samples do not exist.")
        var result = self
        result.values = Array(values.prefix(sampleCount * dimension))
        result.names = Array(names.prefix(sampleCount))
        result.count = sampleCount
        result.sequences = nil
        return result
    }
}

/// Values count as an example when they are written as the same floats of the medium: several values of the set can be.
private struct ScaledRounding: ExampleRounding {
    let media: SampleSet

    func isExactly(_ values: [Float], example: Int) -> Bool { media.isWritten(values, like: example) }
}

/// Values count as an example when they round to its codes in the integer format of the medium.
private struct CodeRounding: ExampleRounding {
    let media: SampleSet
    /// Of all examples, row by row.
    let codes: [Int32]

    func isExactly(_ values: [Float], example: Int) -> Bool {
        let dimension = media.dimension
        return media.areCodes(of: values, codes[example * dimension..<(example + 1) * dimension])
    }
}
