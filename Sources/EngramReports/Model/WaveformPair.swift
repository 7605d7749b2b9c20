/// One stretch of sound and its recall, as outlines.
public struct WaveformPair: Equatable, Sendable {
    /// Name shown above the tracks.
    public var caption: String
    /// Length of the stretch.
    public var seconds: Double
    /// Outline of the original.
    public var original: WaveformEnvelope
    /// Outline of the recall.
    public var recalled: WaveformEnvelope
    /// Outline of the start of the recall.
    public var noise: WaveformEnvelope?
    /// Mean squared error between recall and original.
    public var mse: Double
    /// Whether the recall met the criterion.
    public var recovered: Bool
    /// Whether every stored code agrees.
    public var exact: Bool

    /// Takes every value as given; nothing is computed or checked.
    public init(
        caption: String, seconds: Double, original: WaveformEnvelope, recalled: WaveformEnvelope, noise: WaveformEnvelope? = nil,
        mse: Double, recovered: Bool, exact: Bool
    ) {
        self.caption = caption
        self.seconds = seconds
        self.original = original
        self.recalled = recalled
        self.noise = noise
        self.mse = mse
        self.recovered = recovered
        self.exact = exact
    }
}
