extension SampleSet {
    /// Samples that come from no file: numbers of a program's own, as a set of float IDX items.
    ///
    /// - Parameters:
    ///   - values: Row-major, finite.
    ///   - dimension: Values of one sample, at least 1; divides the count of `values`.
    ///   - sequences: The cycles, in order and without gaps; nil for an autoencoder.
    public static func floats(_ values: [Float], dimension: Int, sequences: [Range<Int>]? = nil) -> SampleSet {
        precondition(
            dimension >= 1 && values.count % dimension == 0 && values.allSatisfy(\.isFinite),
            "\(values.count) values are no samples of dimension \(dimension), or not all finite.")
        let count = values.count / dimension
        return SampleSet(
            values: values, count: count, dimension: dimension, names: (0..<count).map { "item \($0)" },
            format: .idx(IDXFormat(fileName: "items", elementType: .float, itemDimensions: [dimension], isGzipped: false)),
            sequences: sequences, notes: [])
    }
}
