/// The way from a start to memory, beside the original.
package struct Showcase: Equatable, Sendable {
    /// Animation from noise or from damaged copies to memory, APNG bytes.
    package var animation: [UInt8]
    /// What the animation shows, such as `noise, then 382 recalled frames`.
    package var caption: String
    /// The original beside it, PNG or APNG bytes.
    package var original: [UInt8]
    /// What the original is.
    package var originalCaption: String
    /// The recalled picture alone, PNG bytes: shown to readers who asked for reduced motion, and on paper.
    package var still: [UInt8]?

    /// Takes every value as given; nothing is computed or checked.
    package init(animation: [UInt8], caption: String, original: [UInt8], originalCaption: String, still: [UInt8]? = nil) {
        self.animation = animation
        self.caption = caption
        self.original = original
        self.originalCaption = originalCaption
        self.still = still
    }
}
