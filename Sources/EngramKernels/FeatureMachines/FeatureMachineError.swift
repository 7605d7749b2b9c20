/// What can be wrong with the data of a feature machine, or with its gradients.
public enum FeatureMachineError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The number of targets is not that of points, or there are none.
    case shape(points: Int, targets: Int)
    /// All gradients are zero, so that no metric can be learned.
    case noGradients(round: Int)
    /// Gradients overflowed.
    case nonFiniteProduct(round: Int)
    /// Nothing to choose from.
    case emptyGrid

    /// Where, what was expected and found, and what to do.
    public var description: String {
        switch self {
        case .shape(let points, let targets):
            "A feature machine needs one target for each of its examples, found \(points) examples and \(targets) targets."
        case .noGradients(let round):
            "All gradients are zero in round \(round + 1): the targets do not change with the columns. Check the target column."
        case .nonFiniteProduct(let round):
            "The gradients of round \(round + 1) are not finite; use a larger ridge or columns of common scale."
        case .emptyGrid:
            "Ridges, bandwidths and kinds of metric to choose from are missing; give at least one of each."
        }
    }
}
