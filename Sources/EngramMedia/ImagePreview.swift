internal import EngramSystem

/// An 8-bit picture of one sample, for reports and animations.
public struct ImagePreview: Equatable, Sendable {
    /// Size and colour; `bitDepth` is 8.
    public var format: ImageFormat
    /// `[height, width, channels]`, row-major.
    public var codes: [UInt8]

    /// A picture of 8-bit codes, as many as the format has.
    public init(format: ImageFormat, codes: [UInt8]) {
        precondition(
            format.bitDepth == 8 && codes.count == format.dimension, "\(codes.count) codes of \(format.bitDepth) bits for \(format)")
        self.format = format
        self.codes = codes
    }

    /// The picture as PNG bytes.
    public func png() throws(MediaError) -> [UInt8] {
        try PNGEncoder.encode(codes, format: format, file: "preview")
    }
}

extension SampleSet {
    /// The size in which samples of this set are shown: images as they are, IDX items of 2 dimensions as gray and
    /// of `[height, width, 3]` as RGB; nil for anything else.
    public var previewFormat: ImageFormat? { format.kind.previewFormat }

    /// A picture of `values`, which need not be a sample of the set: noise on its way to a memory, for example.
    ///
    /// Images and unsigned IDX show [0, 1] as black to white and signed integers [-1, 1]. Float IDX has no scale of
    /// its own: the range of this set's values goes from black to white, the same for every picture of the set.
    /// Values outside are clipped; NaN is black.
    /// - Parameter values: `dimension` values.
    /// - Returns: nil where `previewFormat` is nil.
    public func preview(of values: some Collection<Float>) -> ImagePreview? {
        precondition(values.count == dimension, "\(values.count) values for dimension \(dimension)")
        // One concrete array, since this is called from other modules with slices and maps.
        return MediaFormats.all.format(holding: format)?.preview(of: Array(values), in: self)
    }

    /// The values between those shown as black and as white.
    func scaledPreview(of values: [Float]) -> ImagePreview? {
        guard let format = previewFormat else { return nil }
        let range = self.format.kind.displayRange
        let (low, high) = (range?.lowerBound ?? self.values.min() ?? 0, range?.upperBound ?? self.values.max() ?? 1)
        let scale = high > low ? 255 / (high - low) : 0
        let codes = values.map { value in
            UInt8(saturating: ((value - low) * scale).rounded(.toNearestOrEven))
        }
        return ImagePreview(format: format, codes: codes)
    }
}
