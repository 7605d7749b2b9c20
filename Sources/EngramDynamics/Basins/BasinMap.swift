public import EngramNumerics

/// Where iteration leads from every point of a grid on a plane, and which way its first step goes: [RBU20] Fig. 3 and 4 (c).
public struct BasinMap: Sendable, Equatable {
    /// The grid.
    public struct Grid: Sendable, Equatable {
        /// Least and greatest u.
        public let horizontal: ClosedRange<Double>
        /// Least and greatest v.
        public let vertical: ClosedRange<Double>
        /// Points from left to right, at least 2.
        public let columnCount: Int
        /// Points from bottom to top, at least 2.
        public let rowCount: Int

        /// A grid whose outermost points lie on the ranges' ends.
        public init(horizontal: ClosedRange<Double>, vertical: ClosedRange<Double>, columnCount: Int, rowCount: Int) {
            precondition(columnCount >= 2 && rowCount >= 2, "A grid needs two points each way, got \(columnCount) × \(rowCount).")
            self.horizontal = horizontal
            self.vertical = vertical
            self.columnCount = columnCount
            self.rowCount = rowCount
        }

        /// A square grid round points of a plane, shape `[m, 2]`, with `margin` times their extent on every side.
        public init(around points: Matrix<Double>, margin: Double, sideCount: Int) {
            let (us, vs) = (points.column(0), points.column(1))
            let (left, right, low, high) = (us.min() ?? 0, us.max() ?? 0, vs.min() ?? 0, vs.max() ?? 0)
            let side = Swift.max(right - left, high - low, 1e-9) * (1 + 2 * margin) / 2
            let (u, v) = ((left + right) / 2, (low + high) / 2)
            self.init(horizontal: u - side...u + side, vertical: v - side...v + side, columnCount: sideCount, rowCount: sideCount)
        }

        /// (u, v) of every point, bottom row first, left to right, shape `[rowCount · columnCount, 2]`.
        public var points: Matrix<Double> {
            var elements: [Double] = []
            elements.reserveCapacity(2 * columnCount * rowCount)
            for row in 0..<rowCount {
                for column in 0..<columnCount {
                    elements.append(Self.value(column, of: columnCount, in: horizontal))
                    elements.append(Self.value(row, of: rowCount, in: vertical))
                }
            }
            return Matrix(rowCount: rowCount * columnCount, columnCount: 2, elements: elements)
        }

        private static func value(_ index: Int, of count: Int, in range: ClosedRange<Double>) -> Double {
            range.lowerBound + (range.upperBound - range.lowerBound) * Double(index) / Double(count - 1)
        }
    }

    /// Where one point led.
    public enum Destination: Sendable, Equatable {
        /// To a stored example, by its index: the fixed point reached, or for sequences the state by which its cycle was entered.
        case example(Int)
        /// To a fixed point that is not stored, or off to infinity.
        case elsewhere
        /// Nowhere yet, when the iterations ended.
        case unsettled
    }

    /// One step from one point, in coordinates of the plane; where d > 2 the step's part along the plane.
    public struct Arrow: Sendable, Equatable {
        /// Where it begins, (u, v).
        public let u: Double
        /// See `u`.
        public let v: Double
        /// The change of u by one application of f.
        public let du: Double
        /// The change of v by one application of f.
        public let dv: Double
    }

    /// Where iteration was started.
    public let grid: Grid
    /// For each point of the grid, in the order of `Grid.points`.
    public let destinations: [Destination]
    /// The vector field f(x) - x on a coarser grid.
    public let arrows: [Arrow]

    /// The picture of a map.
    ///
    /// - Parameters:
    ///   - map: R^d → R^d.
    ///   - section: The plane; for d = 2 `PlaneSection.coordinatePlane`.
    ///   - grid: Which points of the plane are starts.
    ///   - examples: What is stored, shape `[n, d]`.
    ///   - task: What each example leads to.
    ///   - arrowCount: Arrows each way, at least 2.
    ///   - settings: When iteration ends.
    ///   - onIteration: Told after each iteration with the number of points still under way; may throw to cancel.
    /// - Throws: `NumericsError` for parameters that are not finite; whatever `onIteration` throws.
    /// - Complexity: A pass of the map over all unsettled points for each iteration.
    public init(
        of map: any IterableMap, on section: PlaneSection, grid: Grid, examples: Matrix<Double>, task: MemoryTask,
        arrowCount: Int = 20, settings: Recall.Settings, onIteration: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        self.grid = grid
        let recall = Recall(
            of: map, restriction: try ImageRestriction(of: map), examples: examples, task: task, settings: settings)
        destinations = try recall.outcomes(from: section.points(at: grid.points), onIteration: onIteration).map { outcome in
            if let example = outcome.reachedExample { return .example(example) }
            return outcome.iterationCount < settings.maximumIterationCount ? .elsewhere : .unsettled
        }
        let coarse = Grid(
            horizontal: grid.horizontal, vertical: grid.vertical, columnCount: Swift.max(arrowCount, 2), rowCount: Swift.max(arrowCount, 2))
        let starts = coarse.points
        let ends = section.coordinates(of: map.outputs(of: section.points(at: starts)))
        arrows = (0..<starts.rowCount).map { row in
            Arrow(u: starts[row, 0], v: starts[row, 1], du: ends[row, 0] - starts[row, 0], dv: ends[row, 1] - starts[row, 1])
        }
    }

    /// How many points of the grid led to each example, to something else, and nowhere.
    public func counts(exampleCount: Int) -> (byExample: [Int], elsewhere: Int, unsettled: Int) {
        var byExample = [Int](repeating: 0, count: exampleCount)
        var (elsewhere, unsettled) = (0, 0)
        for destination in destinations {
            switch destination {
            case .example(let index): byExample[index] += 1
            case .elsewhere: elsewhere += 1
            case .unsettled: unsettled += 1
            }
        }
        return (byExample, elsewhere, unsettled)
    }
}
