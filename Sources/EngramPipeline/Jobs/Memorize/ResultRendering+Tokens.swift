internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports

extension ResultRendering {
    /// What the report says of each place of texts; nil for maps without a state.
    var tokens: (section: DropReport.Tokens, rows: [TokenRow])? {
        let set = drop.set
        guard set.stateEntryCount > 0 else { return nil }
        let examples = set.examples.converted(to: Double.self)
        guard let margins = learned.memory.map.choiceMargins(at: examples) else { return nil }
        let chosen = set.samples(of: learned.memory.map.outputs(of: examples))
        let isRight = set.task.successors.indices.map {
            set.isExactly(chosen.row($0), example: set.task.successors[$0])
        }
        // A token is chosen when the one before it was read.
        var before = [Int](repeating: 0, count: set.task.count)
        for (place, successor) in set.task.successors.enumerated() { before[successor] = place }
        let plane = StatePlane(of: examples.columns(at: set.sampleEntryCount..<examples.columnCount))
        let rows = drop.media.names.indices.map { place -> TokenRow in
            let cycle = set.task.cycles.firstIndex { $0.contains(place) } ?? 0
            let (text, token) = drop.media.format.kind.place(place, in: drop.media) ?? (drop.cycleName(cycle), drop.media.names[place])
            return TokenRow(
                text: text, place: place - set.task.cycles[cycle].lowerBound + 1, token: token, margin: margins[before[place]],
                x: plane.coordinates[place, 0], y: plane.coordinates[place, 1])
        }
        let sorted = rows.map(\.margin).sorted()
        let least = rows.min { $0.margin < $1.margin }
        return (
            DropReport.Tokens(
                count: rows.count, state: set.stateEntryCount, marginLeast: sorted.first, marginMedian: sorted[sorted.count / 2],
                leastToken: least.map { "\($0.text), \($0.place): \($0.token)" } ?? "", wrong: isRight.count { !$0 },
                planeShare: plane.share), rows
        )
    }
}

/// States in the plane of their two principal components.
private struct StatePlane {
    /// Shape `[n, 2]`.
    let coordinates: Matrix<Double>
    /// The share of the variance that lies in it; 1 where there is none.
    let share: Double

    /// - Parameter states: Shape `[n, w]`.
    init(of states: Matrix<Double>) {
        var centred = states
        centred.addToRows(states.columnMeans(), scaledBy: -1)
        let covariance = centred.multiplied(by: centred, transposingSelf: true)
        guard states.columnCount > 1, let (eigenvalues, vectors) = try? covariance.symmetricEigendecomposition() else {
            coordinates = Matrix(rows: (0..<states.rowCount).map { [centred.row($0).first ?? 0, 0] })
            share = 1
            return
        }
        let order = eigenvalues.indices.sorted { eigenvalues[$0] > eigenvalues[$1] }.prefix(2)
        var basis = vectors.submatrix(rows: Array(0..<vectors.rowCount), columns: Array(order))
        // The sign of an eigenvector is nobody's choice: the largest entry is positive, on every machine.
        for column in 0..<2 {
            let entries = basis.column(column)
            let largest = entries.indices.max { abs(entries[$0]) < abs(entries[$1]) } ?? 0
            if entries[largest] < 0 { for row in entries.indices { basis[row, column] = -entries[row] } }
        }
        coordinates = centred * basis
        let total = eigenvalues.reduce(0) { $0 + max($1, 0) }
        share = total > 0 ? order.reduce(0) { $0 + max(eigenvalues[$1], 0) } / total : 1
    }
}
