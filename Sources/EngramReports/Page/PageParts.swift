/// What the reports share with pages of another target, so that both look the same.
package enum PageParts {
    /// The custom properties of colour, light and dark.
    package static var colours: String { StyleSheet.colours }

    /// The rules for drawings.
    package static var plots: String { StyleSheet.plots }

    /// The loss over the epochs so far; nil where nothing can be drawn.
    package static func lossCurve(_ rows: [LossRow]) -> HTML? { LossPlot(rows: rows).markup() }

    /// The distance to the item at each step of a recall; nil where nothing can be drawn.
    package static func distanceCurve(_ distances: [Double]) -> HTML? { DistancePlot(distances: distances).markup() }
}
