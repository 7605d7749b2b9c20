/// The decoded samples of one drop.
public struct SampleSet: Equatable, Sendable {
    /// Shape `[count, dimension]`, row-major. Images and unsigned IDX in [0, 1]; audio and signed integer IDX in
    /// [-1, 1); float codes as stored; with `scaling` stretched or shrunk by that. All finite.
    public var values: [Float]
    /// Samples.
    public var count: Int
    /// Values of one sample.
    public var dimension: Int
    /// One name for each sample: the path within the drop for images, generated for windows and items.
    public var names: [String]
    /// What the samples were.
    public var format: SampleFormat
    /// The cycles, in order and without gaps; nil for an autoencoder.
    public var sequences: [Range<Int>]?
    /// What a user must be told about the reading.
    public var notes: [String]
    /// What the drop was taken for and why; nil for a set that was not read from a drop.
    public var interpretation: Interpretation?

    /// Whether some of the drop's own codes were rounded to the 24 bits of a float: what comes back is exact to 24 bits at best.
    public var isRounded = false
    /// How the values follow from those of the medium; nil where they are the same.
    public var scaling: SampleScaling?
    /// By which rules the set was read.
    public var rules = ReadingRules.current

    /// The values of sample `index`, in `0..<count`.
    public func row(_ index: Int) -> ArraySlice<Float> {
        precondition((0..<count).contains(index), "sample \(index) of \(count)")
        return values[index * dimension..<(index + 1) * dimension]
    }

    /// The integer codes that the drop's format stores for `values`: round half to even, clip.
    ///
    /// Two rows are the same picture or sound exactly when their codes are equal. Lossy audio is compared as the
    /// 16-bit WAV that it is written back as.
    /// - Parameter values: Any number of values on the scale of the set.
    /// - Returns: One code for each value; nil where the format stores floats.
    /// - Throws: `MediaError.nonFiniteValue` for NaN or infinity.
    public func codes(of values: some Collection<Float>) throws(MediaError) -> [Int32]? {
        guard let quantizer = format.kind.quantizer else { return nil }
        return try quantizer.codes(of: medium(of: Array(values)))
    }

    /// Whether `values`, shape `[dimension]` and on the scale of the set, are the same floats of the medium as sample `index`.
    public func isWritten(_ values: [Float], like index: Int) -> Bool { medium(of: values) == medium(of: Array(row(index))) }

    /// Whether `values` are, after rounding, exactly the sample whose codes are given; false where the format stores floats.
    /// - Parameters:
    ///   - values: Shape `[dimension]`, on the scale of the set.
    ///   - codes: As `codes(of:)` gave them; as many as `values`.
    public func areCodes(of values: [Float], _ codes: ArraySlice<Int32>) -> Bool {
        format.kind.quantizer?.rounds(medium(of: values), to: codes) ?? false
    }
}
