/// A spurious attractor as a picture, beside the example nearest to it.
package struct SpuriousPicture: Equatable, Sendable {
    /// The attractor, PNG bytes; an animation for a cycle.
    package var picture: [UInt8]
    /// The nearest example, PNG bytes.
    package var nearest: [UInt8]

    /// Takes every value as given; nothing is computed or checked.
    package init(picture: [UInt8], nearest: [UInt8]) {
        self.picture = picture
        self.nearest = nearest
    }
}
