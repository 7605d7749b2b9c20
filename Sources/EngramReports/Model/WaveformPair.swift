/// One stretch of sound and its recall, as outlines.
package struct WaveformPair: Equatable, Sendable {
    /// Name shown above the tracks.
    package var caption: String
    /// Length of the stretch.
    package var seconds: Double
    /// Outline of the original.
    package var original: WaveformEnvelope
    /// What the plot calls it.
    package var originalName = "original"
    /// Outline of the recall.
    package var recalled: WaveformEnvelope
    /// Outline of the start of the recall.
    package var noise: WaveformEnvelope?
    /// Mean squared error between recall and original.
    package var mse: Double
    /// Whether the recall met the criterion.
    package var recovered: Bool
    /// Whether every stored code agrees.
    package var exact: Bool

    /// Takes every value as given; nothing is computed or checked.
    package init(
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
