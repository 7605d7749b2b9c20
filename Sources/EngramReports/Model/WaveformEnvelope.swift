/// The outline of a stretch of sound: for consecutive equal stretches, the lowest and the highest sample.
public struct WaveformEnvelope: Equatable, Sendable {
    /// Lowest sample of each stretch, in [-1, 1].
    public var minimum: [Float]
    /// Highest sample of each stretch; same count as `minimum`.
    public var maximum: [Float]

    /// Takes every value as given; nothing is computed or checked.
    public init(minimum: [Float], maximum: [Float]) {
        self.minimum = minimum
        self.maximum = maximum
    }
}
