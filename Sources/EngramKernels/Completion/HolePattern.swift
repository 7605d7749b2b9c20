public import EngramNumerics

/// Outputs of a regression that are known at the same positions, so that they share one factorization.
public struct HolePattern: Sendable, Equatable {
    /// Rows of the matrix, ascending.
    public let outputs: [Int]
    /// Positions at which all of them are known, ascending.
    public let known: [Int]
    /// The other positions, ascending.
    public let missing: [Int]

    /// Groups the rows of a matrix by where they are known.
    ///
    /// - Parameter matrix: Shape `[outputs, positions]`; NaN where a cell is missing.
    /// - Returns: In the order of each pattern's first row.
    public static func patterns(of matrix: Matrix<Double>) -> [HolePattern] {
        var (order, members): ([[Bool]], [[Bool]: [Int]]) = ([], [:])
        for index in 0..<matrix.rowCount {
            let isKnown = matrix.row(index).map { !$0.isNaN }
            if members[isKnown] == nil { order.append(isKnown) }
            members[isKnown, default: []].append(index)
        }
        return order.map { isKnown in
            HolePattern(
                outputs: members[isKnown] ?? [], known: isKnown.indices.filter { isKnown[$0] },
                missing: isKnown.indices.filter { !isKnown[$0] })
        }
    }
}
