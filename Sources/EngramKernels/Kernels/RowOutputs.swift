internal import EngramNumerics

/// Rows of values and coefficients of gradients, as they are computed: plumbing of the kernels.
public struct RowOutputs: Sendable {
    /// k, row by row.
    var values: [Double] = []
    /// Coefficients of z - x, empty where only values are asked for.
    var alongDifferences: [Double] = []
    /// Coefficients of x.
    var alongPoints: [Double] = []
    /// One a row, for relative kernels.
    var references: [KernelGradients.Reference] = []

    /// Takes space for `count` entries, and with `gradients` for as many coefficients of both kinds.
    mutating func reserve(_ count: Int, gradients: GradientParts) {
        values.reserveCapacity(count)
        if gradients != .none { alongDifferences.reserveCapacity(count) }
        if gradients == .alongBoth { alongPoints.reserveCapacity(count) }
    }

    mutating func append(_ other: RowOutputs) {
        values.append(contentsOf: other.values)
        alongDifferences.append(contentsOf: other.alongDifferences)
        alongPoints.append(contentsOf: other.alongPoints)
        references.append(contentsOf: other.references)
    }
}

/// Which coefficients of gradients a kernel computes.
enum GradientParts: Sendable {
    case none, alongDifferences, alongBoth
}
