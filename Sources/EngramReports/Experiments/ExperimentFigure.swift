/// A drawing of an experiment's report; exactly one of its contents is set.
public struct ExperimentFigure: Codable, Equatable, Sendable {
    /// Curves over one axis.
    public struct Curves: Codable, Equatable, Sendable {
        /// One line with its marks.
        public struct Series: Codable, Equatable, Sendable {
            /// For the legend.
            public var name: String
            /// Abscissae, as many as `y`.
            public var x: [Double]
            /// Ordinates; what is not finite is left out of the drawing.
            public var y: [Double]

            /// A line.
            public init(name: String, x: [Double], y: [Double]) {
                self.name = name
                self.x = x
                self.y = y
            }
        }

        /// A value worth a line across.
        public struct Reference: Codable, Equatable, Sendable {
            /// Its ordinate.
            public var y: Double
            /// What it means.
            public var label: String

            /// A line across.
            public init(y: Double, label: String) {
                self.y = y
                self.label = label
            }
        }

        /// What runs to the right.
        public var xTitle: String
        /// What runs upwards.
        public var yTitle: String
        /// Whether x is drawn as log10.
        public var isLogarithmic: Bool
        /// The lines.
        public var series: [Series]
        /// Lines across.
        public var references: [Reference]

        /// A drawing of lines.
        public init(xTitle: String, yTitle: String, isLogarithmic: Bool = false, series: [Series], references: [Reference] = []) {
            self.xTitle = xTitle
            self.yTitle = yTitle
            self.isLogarithmic = isLogarithmic
            self.series = series
            self.references = references
        }
    }

    /// Small histograms on one common axis.
    public struct Histograms: Codable, Equatable, Sendable {
        /// One of them.
        public struct Panel: Codable, Equatable, Sendable {
            /// What it shows.
            public var name: String
            /// All values, finite or not; those beyond the axis are counted at its ends.
            public var values: [Double]

            /// A panel.
            public init(name: String, values: [Double]) {
                self.name = name
                self.values = values
            }
        }

        /// What the values are.
        public var xTitle: String
        /// The common axis.
        public var lower: Double
        /// The common axis.
        public var upper: Double
        /// A limit marked in each, nil for none.
        public var limit: Double?
        /// Panels in one row.
        public var columnCount: Int
        /// Row by row.
        public var panels: [Panel]

        /// Histograms.
        public init(xTitle: String, lower: Double, upper: Double, limit: Double?, columnCount: Int, panels: [Panel]) {
            self.xTitle = xTitle
            self.lower = lower
            self.upper = upper
            self.limit = limit
            self.columnCount = columnCount
            self.panels = panels
        }
    }

    /// Basins of attraction on a plane, with the vector field and the examples.
    public struct Map: Codable, Equatable, Sendable {
        /// An example.
        public struct Point: Codable, Equatable, Sendable {
            /// Where it lies.
            public var u: Double
            /// Where it lies.
            public var v: Double
            /// Its class: the colour of its basin.
            public var group: Int
            /// For a tooltip.
            public var label: String

            /// An example.
            public init(u: Double, v: Double, group: Int, label: String) {
                self.u = u
                self.v = v
                self.group = group
                self.label = label
            }
        }

        /// One step of the map.
        public struct Arrow: Codable, Equatable, Sendable {
            /// Where it begins.
            public var u: Double
            /// Where it begins.
            public var v: Double
            /// How far it goes.
            public var du: Double
            /// How far it goes.
            public var dv: Double

            /// A step.
            public init(u: Double, v: Double, du: Double, dv: Double) {
                self.u = u
                self.v = v
                self.du = du
                self.dv = dv
            }
        }

        /// Class of a cell that led to something that is not stored.
        public static let elsewhere = -1
        /// Class of a cell that had not settled.
        public static let unsettled = -2

        /// Least and greatest u of the cells' centres.
        public var horizontal: [Double]
        /// Least and greatest v of the cells' centres.
        public var vertical: [Double]
        /// Cells from left to right.
        public var columnCount: Int
        /// Class of each cell, bottom row first.
        public var cells: [Int]
        /// Names of the classes, for the legend.
        public var groups: [String]
        /// Examples.
        public var points: [Point]
        /// Vector field.
        public var arrows: [Arrow]
        /// Whether each class is a cycle through its points in order, drawn as a closed line.
        public var areCycles: Bool

        /// A map.
        public init(
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
    public var title: String
    /// How to read it.
    public var caption: String
    /// Curves, if it is these.
    public var curves: Curves?
    /// Histograms, if it is these.
    public var histograms: Histograms?
    /// A map, if it is one.
    public var map: Map?

    /// A drawing of curves.
    public init(title: String, caption: String, curves: Curves) {
        self.title = title
        self.caption = caption
        self.curves = curves
    }

    /// A drawing of histograms.
    public init(title: String, caption: String, histograms: Histograms) {
        self.title = title
        self.caption = caption
        self.histograms = histograms
    }

    /// A drawing of basins.
    public init(title: String, caption: String, map: Map) {
        self.title = title
        self.caption = caption
        self.map = map
    }
}
