/// One example and its recall, as pictures.
package struct PicturePair: Equatable, Sendable {
    /// Name shown under the pair.
    package var caption: String
    /// The original, PNG bytes.
    package var original: [UInt8]
    /// What the network recalled, PNG bytes.
    package var recalled: [UInt8]
    /// The start of the recall, noise or a corrupted copy, PNG bytes.
    package var noise: [UInt8]?
    /// Mean squared error between the two.
    package var mse: Double
    /// Whether the recall met the criterion.
    package var recovered: Bool
    /// Whether every stored code agrees.
    package var exact: Bool
    /// Whether the recall began with noise and nothing else; false where it began with a corrupted copy.
    package var fromNoise: Bool

    /// Takes every value as given; nothing is computed or checked.
    package init(
        caption: String, original: [UInt8], recalled: [UInt8], noise: [UInt8]? = nil, mse: Double, recovered: Bool, exact: Bool,
        fromNoise: Bool = false
    ) {
        self.caption = caption
        self.original = original
        self.recalled = recalled
        self.noise = noise
        self.mse = mse
        self.recovered = recovered
        self.exact = exact
        self.fromNoise = fromNoise
    }
}
