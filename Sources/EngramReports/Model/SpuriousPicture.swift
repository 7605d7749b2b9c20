/// A spurious attractor as a picture, beside the example nearest to it.
public struct SpuriousPicture: Equatable, Sendable {
    /// The attractor, PNG bytes; an animation for a cycle.
    public var picture: [UInt8]
    /// The nearest example, PNG bytes.
    public var nearest: [UInt8]

    /// Takes every value as given; nothing is computed or checked.
    public init(picture: [UInt8], nearest: [UInt8]) {
        self.picture = picture
        self.nearest = nearest
    }
}
