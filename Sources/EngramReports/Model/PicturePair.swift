/// One example and its recall, as pictures.
public struct PicturePair: Equatable, Sendable {
    /// Name shown under the pair.
    public var caption: String
    /// The original, PNG bytes.
    public var original: [UInt8]
    /// What the network recalled, PNG bytes.
    public var recalled: [UInt8]
    /// The start of the recall, noise or a corrupted copy, PNG bytes.
    public var noise: [UInt8]?
    /// Mean squared error between the two.
    public var mse: Double
    /// Whether the recall met the criterion.
    public var recovered: Bool
    /// Whether every stored code agrees.
    public var exact: Bool
    /// Whether the recall began with noise and nothing else; false where it began with a corrupted copy.
    public var fromNoise: Bool

    /// Takes every value as given; nothing is computed or checked.
    public init(
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
