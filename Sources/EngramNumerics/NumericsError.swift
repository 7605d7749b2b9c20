/// What can go wrong in a computation on values that came from outside.
public enum NumericsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// An entry is NaN or infinite.
    case nonFinite(operation: String, row: Int, column: Int)
    /// LAPACK did not converge; `info` is its own code.
    case notConverged(operation: String, info: Int)
    /// A matrix that must be positive definite is not; `pivot` is the first that failed (0-based).
    case notPositiveDefinite(operation: String, pivot: Int)

    /// Where, what was found, and what to do.
    public var description: String {
        switch self {
        case .nonFinite(let operation, let row, let column):
            "\(operation): the entry at row \(row), column \(column) is not a finite number; the weights or data have diverged."
        case .notConverged(let operation, let info):
            "\(operation): LAPACK did not converge (info \(info)); the matrix is badly scaled, check the weights for extreme values."
        case .notPositiveDefinite(let operation, let pivot):
            "\(operation): not positive definite at pivot \(pivot); items are too close to dependent, add a ridge."
        }
    }
}
