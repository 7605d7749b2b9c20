/// One place of a text in the memory: how sure the network is of what stands there, and where its state is in a plane.
package struct TokenRow: Equatable, Sendable {
    /// The text, by its file name.
    package var text: String
    /// Its number in the text, from 1 on.
    package var place: Int
    /// What stands there, in quotation marks.
    package var token: String
    /// By how much its logit exceeds the second largest, when the one before was read.
    package var margin: Double
    /// First coordinate of the state in which the network meets it.
    package var x: Double
    /// Second coordinate.
    package var y: Double

    /// Takes every value as given; nothing is computed or checked.
    package init(text: String, place: Int, token: String, margin: Double, x: Double, y: Double) {
        (self.text, self.place, self.token) = (text, place, token)
        (self.margin, self.x, self.y) = (margin, x, y)
    }
}
