public import EngramNumerics

/// A matrix with missing cells whose rows are samples and whose columns are quantities of one or more columns of numbers.
public struct IncompleteMatrix: Sendable {
    /// Shape `[rows, columns]`; NaN where a cell is missing.
    public let values: Matrix<Double>
    /// Columns that are known or missing together, such as the indicators of one category's levels; adjoining, all columns in order.
    public let groups: [Range<Int>]
    /// What is known of each row besides, shape `[rows, p]`, finite; nil where there is nothing.
    public let rowFeatures: Matrix<Double>?
    /// What is known of each group besides, shape `[groups, q]`, finite; nil where there is nothing.
    public let groupFeatures: Matrix<Double>?

    /// A matrix; every column must have a known cell.
    public init(
        values: Matrix<Double>, groups: [Range<Int>]? = nil, rowFeatures: Matrix<Double>? = nil, groupFeatures: Matrix<Double>? = nil
    ) {
        let groups = groups ?? (0..<values.columnCount).map { $0..<$0 + 1 }
        precondition(
            groups.flatMap(Array.init) == Array(0..<values.columnCount), "The groups of a matrix must be its columns in order.")
        precondition(
            rowFeatures.map { $0.rowCount == values.rowCount } ?? true && groupFeatures.map { $0.rowCount == groups.count } ?? true,
            "Features need one row for each row or group of the matrix.")
        self.values = values
        self.groups = groups
        self.rowFeatures = rowFeatures
        self.groupFeatures = groupFeatures
    }

    /// Number of rows.
    public var rowCount: Int { values.rowCount }
    /// Number of cells of groups, `rows · groups`.
    public var cellCount: Int { values.rowCount * groups.count }

    /// Whether the cell of a group is known.
    public func isKnown(row: Int, group: Int) -> Bool { !values[row, groups[group].lowerBound].isNaN }

    /// Of each column the factor that makes a group count as one column: 1/√(columns of its group).
    var columnWeights: [Double] { groups.flatMap { group in group.map { _ in 1 / Double(group.count).squareRoot() } } }

    /// Whether each column of a group has one value in all known cells: nothing is to be learnt of it.
    func isConstant(group: Int) -> Bool {
        groups[group].allSatisfy { column in
            let known = values.column(column).filter { !$0.isNaN }
            return known.allSatisfy { $0 == known[0] }
        }
    }

    /// Rows in which a group is known, and those in which it is missing.
    func rows(ofGroup group: Int) -> (known: [Int], missing: [Int]) {
        let all = 0..<rowCount
        return (all.filter { isKnown(row: $0, group: group) }, all.filter { !isKnown(row: $0, group: group) })
    }

    /// The same matrix with more cells missing.
    /// - Parameter cells: By `row · groups + group`.
    func hiding(_ cells: [Int]) -> IncompleteMatrix {
        var hidden = values
        for cell in cells { for column in groups[cell % groups.count] { hidden[cell / groups.count, column] = .nan } }
        return IncompleteMatrix(values: hidden, groups: groups, rowFeatures: rowFeatures, groupFeatures: groupFeatures)
    }

    /// The same matrix with each column at mean 0 and standard deviation 1 over its known cells; constant columns at 0.
    func standardised() -> (matrix: IncompleteMatrix, means: [Double], scales: [Double]) {
        var (means, scales) = ([Double](), [Double]())
        var scaled = values
        for column in 0..<values.columnCount {
            let moments = ColumnMoments(Array(values.column(column)))
            means.append(moments.mean)
            scales.append(moments.deviation > 0 ? moments.deviation : 1)
            for row in 0..<rowCount where !values[row, column].isNaN { scaled[row, column] = moments.standardised(values[row, column]) }
        }
        return (
            IncompleteMatrix(values: scaled, groups: groups, rowFeatures: rowFeatures, groupFeatures: groupFeatures), means, scales
        )
    }
}

/// A matrix with every cell filled.
public struct Imputation: Sendable {
    /// Known cells as they were, missing ones filled, shape `[rows, columns]`.
    public var values: Matrix<Double>
    /// Standard deviations of the filled cells, noise included, not calibrated; 0 where a cell is known.
    public var deviations: Matrix<Double>
    /// For filled cells by `row · groups + group` the known cells that they came from, largest weights first; empty where nobody asked.
    var sources: [Int: [TableCompletion.Source]] = [:]
}
