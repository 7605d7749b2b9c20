/// A drawing of an experiment's report; exactly one of its contents is set.
package struct ExperimentFigure: Codable, Equatable, Sendable {
    /// Curves over one axis.
    package struct Curves: Codable, Equatable, Sendable {
        /// One line with its marks.
        package struct Series: Codable, Equatable, Sendable {
            /// For the legend.
            package var name: String
            /// Abscissae, as many as `y`.
            package var x: [Double]
            /// Ordinates; what is not finite is left out of the drawing.
            package var y: [Double]

            /// A line.
            package init(name: String, x: [Double], y: [Double]) {
                self.name = name
                self.x = x
                self.y = y
            }
        }

        /// A value worth a line across.
        package struct Reference: Codable, Equatable, Sendable {
            /// Its ordinate.
            package var y: Double
            /// What it means.
            package var label: String

            /// A line across.
            package init(y: Double, label: String) {
                self.y = y
                self.label = label
            }
        }

        /// What runs to the right.
        package var xTitle: String
        /// What runs upwards.
        package var yTitle: String
        /// Whether x is drawn as log10.
        package var isLogarithmic: Bool
        /// The lines.
        package var series: [Series]
        /// Lines across.
        package var references: [Reference]

        /// A drawing of lines.
        package init(xTitle: String, yTitle: String, isLogarithmic: Bool = false, series: [Series], references: [Reference] = []) {
            self.xTitle = xTitle
            self.yTitle = yTitle
            self.isLogarithmic = isLogarithmic
            self.series = series
            self.references = references
        }
    }

    /// Small histograms on one common axis.
    package struct Histograms: Codable, Equatable, Sendable {
        /// One of them.
        package struct Panel: Codable, Equatable, Sendable {
            /// What it shows.
            package var name: String
            /// All values, finite or not; those beyond the axis are counted at its ends.
            package var values: [Double]

            /// A panel.
            package init(name: String, values: [Double]) {
                self.name = name
                self.values = values
            }
        }

        /// What the values are.
        package var xTitle: String
        /// The common axis.
        package var lower: Double
        /// The common axis.
        package var upper: Double
        /// A limit marked in each, nil for none.
        package var limit: Double?
        /// Panels in one row.
        package var columnCount: Int
        /// Row by row.
        package var panels: [Panel]

        /// Histograms.
        package init(xTitle: String, lower: Double, upper: Double, limit: Double?, columnCount: Int, panels: [Panel]) {
            self.xTitle = xTitle
            self.lower = lower
            self.upper = upper
            self.limit = limit
            self.columnCount = columnCount
            self.panels = panels
        }
    }

    /// Basins of attraction on a plane, with the vector field and the examples.
    package struct Map: Codable, Equatable, Sendable {
        /// An example.
        package struct Point: Codable, Equatable, Sendable {
            /// Where it lies.
            package var u: Double
            /// Where it lies.
            package var v: Double
            /// Its class: the colour of its basin.
            package var group: Int
            /// For a tooltip.
            package var label: String

            /// An example.
            package init(u: Double, v: Double, group: Int, label: String) {
                self.u = u
                self.v = v
                self.group = group
                self.label = label
            }
        }

        /// One step of the map.
        package struct Arrow: Codable, Equatable, Sendable {
            /// Where it begins.
            package var u: Double
            /// Where it begins.
            package var v: Double
            /// How far it goes.
            package var du: Double
            /// How far it goes.
            package var dv: Double

            /// A step.
            package init(u: Double, v: Double, du: Double, dv: Double) {
                self.u = u
                self.v = v
                self.du = du
                self.dv = dv
            }
        }

        /// Class of a cell that led to something that is not stored.
        package static let elsewhere = -1
        /// Class of a cell that had not settled.
        package static let unsettled = -2

        /// Least and greatest u of the cells' centres.
        package var horizontal: [Double]
        /// Least and greatest v of the cells' centres.
        package var vertical: [Double]
        /// Cells from left to right.
        package var columnCount: Int
        /// Class of each cell, bottom row first.
        package var cells: [Int]
        /// Names of the classes, for the legend.
        package var groups: [String]
        /// Examples.
        package var points: [Point]
        /// Vector field.
        package var arrows: [Arrow]
        /// Whether each class is a cycle through its points in order, drawn as a closed line.
        package var areCycles: Bool

        /// A map.
        package init(
            horizontal: ClosedRange<Double>, vertical: ClosedRange<Double>, columnCount: Int, cells: [Int], groups: [String],
            points: [Point], arrows: [Arrow], areCycles: Bool
        ) {
            self.horizontal = [horizontal.lowerBound, horizontal.upperBound]
            self.vertical = [vertical.lowerBound, vertical.upperBound]
            self.columnCount = columnCount
            self.cells = cells
            self.groups = groups
            self.points = points
            self.arrows = arrows
            self.areCycles = areCycles
        }
    }

    /// What it shows.
    package var title: String
    /// How to read it.
    package var caption: String
    /// Curves, if it is these.
    package var curves: Curves?
    /// Histograms, if it is these.
    package var histograms: Histograms?
    /// A map, if it is one.
    package var map: Map?

    /// A drawing of curves.
    package init(title: String, caption: String, curves: Curves) {
        self.title = title
        self.caption = caption
        self.curves = curves
    }

    /// A drawing of histograms.
    package init(title: String, caption: String, histograms: Histograms) {
        self.title = title
        self.caption = caption
        self.histograms = histograms
    }

    /// A drawing of basins.
    package init(title: String, caption: String, map: Map) {
        self.title = title
        self.caption = caption
        self.map = map
    }
}
