internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports

extension ExperimentRun {
    /// The map of a memory on the plane through its first three examples, for examples of more than two dimensions.
    ///
    /// - Returns: Nil where the three lie on a line.
    func triangleFigure(_ memory: MeasuredMemory, examples: Matrix<Double>, title: String, sideCount: Int, work: Double) throws
        -> ExperimentFigure?
    {
        guard examples.rowCount >= 3, !memory.hasDiverged,
            let section = PlaneSection(through: examples.row(0), examples.row(1), examples.row(2))
        else { return nil }
        let corners = section.coordinates(of: examples.rows(at: 0..<3))
        let grid = BasinMap.Grid(around: corners, margin: 0.35, sideCount: sideCount)
        let map = try piece("plane through three examples", work: work) {
            do {
                return try BasinMap(
                    of: memory.map, on: section, grid: grid, examples: examples, task: memory.task, arrowCount: 16,
                    settings: .init(maximumIterationCount: 500)
                ) { iteration, active in
                    try step(1 - Double(active) / Double(sideCount * sideCount), "iteration \(iteration), \(active) points under way")
                }
            } catch let error as NumericsError {
                throw ExperimentError.failed(what: title, reason: "\(error)")
            }
        }
        let cells = map.destinations.map { destination -> Int in
            switch destination {
            case .example(let index): min(index, 3)
            case .elsewhere: ExperimentFigure.Map.elsewhere
            case .unsettled: ExperimentFigure.Map.unsettled
            }
        }
        return ExperimentFigure(
            title: title,
            caption:
                "The plane through the first three examples, \(sideCount) × \(sideCount) starts. Colour: where iteration leads; arrows: the part of one "
                + "step along the plane. Most states leave the plane at once, so arrows and basins need not agree by eye.",
            map: .init(
                horizontal: grid.horizontal, vertical: grid.vertical, columnCount: grid.columnCount, cells: cells,
                groups: ["example 1", "example 2", "example 3", "another example"],
                points: (0..<3).map { .init(u: corners[$0, 0], v: corners[$0, 1], group: $0, label: "example \($0 + 1)") },
                arrows: map.arrows.map { .init(u: $0.u, v: $0.v, du: $0.du, dv: $0.dv) }, areCycles: false))
    }
}
