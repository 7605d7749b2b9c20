/// What the top of the report shows: the way from noise to memory, beside the original.
public struct Showcase: Equatable, Sendable {
    /// Animation from noise to memory, APNG bytes.
    public var fromNoise: [UInt8]
    /// What the animation shows, such as `noise, then 382 recalled frames`.
    public var fromNoiseCaption: String
    /// The original beside it, PNG or APNG bytes.
    public var original: [UInt8]
    /// What the original is.
    public var originalCaption: String
    /// The recalled picture alone, PNG bytes: shown to readers who asked for reduced motion, and on paper.
    public var still: [UInt8]?

    /// Takes every value as given; nothing is computed or checked.
    public init(fromNoise: [UInt8], fromNoiseCaption: String, original: [UInt8], originalCaption: String, still: [UInt8]? = nil) {
        self.fromNoise = fromNoise
        self.fromNoiseCaption = fromNoiseCaption
        self.original = original
        self.originalCaption = originalCaption
        self.still = still
    }
}
