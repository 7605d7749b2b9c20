public import EngramNumerics
internal import RealModule

/// The product of the Jacobians round a cycle, J(x_n) … J(x_2) J(x_1), with its scale kept as a logarithm.
///
/// It is the Jacobian of f^n at x_1; a cycle is a stable limit cycle when its spectral radius is below 1 ([RBU20], Theorem 4 and its
/// discussion). Hundreds of factors over- or underflow, so the product is divided by its norm on the way; and most of its directions soon
/// fall below the rounding of the others, so it is kept as two thin factors, of which each Jacobian only meets the left one.
public struct CycleProduct: Sendable {
    /// The product divided by its Frobenius norm (zero if the product is).
    public let normalized: Matrix<Double>
    /// log10 of the Frobenius norm of the product; -∞ for zero.
    public let log10Norm: Double
    /// Of a map with cusps, log10 of a bound of how much one round enlarges small errors; nil where the map has a derivative.
    public let log10ContractionBound: Double?

    /// The product over the rows of `points`, in order.
    ///
    /// - Parameters:
    ///   - map: R^k → R^k.
    ///   - points: Shape `[n, k]`, x_1 to x_n.
    ///   - first: What stands in the place of J(x_1), where that reads another space than it writes; shape `[k, m]`.
    ///   - onFactor: Told after each factor; may throw to cancel.
    /// - Throws: `NumericsError.nonFinite`; whatever `onFactor` throws.
    public init(
        of map: any DifferentiableMap, along points: Matrix<Double>, startingWith first: Matrix<Double>? = nil,
        onFactor: (Int) throws -> Void = { _ in }
    ) throws {
        try self.init(of: map, along: points, from: Start(left: first), onFactor: onFactor)
    }

    /// The same with thin factors in the place of J(x_1).
    public init(
        of map: any DifferentiableMap, along points: Matrix<Double>, startingWith first: JacobianFactors,
        onFactor: (Int) throws -> Void = { _ in }
    ) throws {
        try self.init(
            of: map, along: points, from: Start(left: first.left, right: first.right, log10Scale: first.log10Scale), onFactor: onFactor)
    }

    /// The product before the first factor of the map itself: left·right, nothing for identities.
    private struct Start {
        var left: Matrix<Double>?
        var right: Matrix<Double>?
        var log10Scale = 0.0
    }

    private init(
        of map: any DifferentiableMap, along points: Matrix<Double>, from start: Start, onFactor: (Int) throws -> Void
    ) throws {
        let linearization = map.linearized(at: points)
        // The product so far is left·right; nothing stands for an identity on the right.
        var left = start.left ?? .identity(points.columnCount)
        var right = start.right
        var logarithm = start.log10Scale
        /// Divides a factor of the product by its norm; false for zero.
        func rescale(_ factor: inout Matrix<Double>) -> Bool {
            let norm = factor.frobeniusNorm
            logarithm += Double.log10(norm)
            if norm > 0 { factor.scale(by: 1 / norm) }
            return norm > 0
        }
        var bound: Double?
        for row in 0..<points.rowCount {
            if let cusp = linearization.cusp(at: row) { bound = (bound ?? 0) + cusp.log10Bound }
        }
        log10ContractionBound = bound
        for row in 0..<points.rowCount {
            if row > 0 || start.left == nil {
                if let factors = linearization.factors(at: row) {
                    // The product stays as thin as the factors are, and needs no compression.
                    var inner = right.map { factors.right * left * $0 } ?? factors.right * left
                    logarithm += factors.log10Scale
                    guard rescale(&inner) else {
                        left = Matrix(rowCount: points.columnCount, columnCount: points.columnCount)
                        right = nil
                        break
                    }
                    (left, right) = (factors.left, inner)
                } else {
                    left = linearization.pushForward(left, at: row)
                }
            }
            try left.requireFinite(in: "Product of the Jacobians round a cycle, factor \(row)")
            guard rescale(&left) else { break }
            if (row + 1) % Self.factorsBetweenCompressions == 0, !map.hasJacobianFactors {
                var (basis, coefficients) = try (right.map { left * $0 } ?? left).rankRevealingFactors(relativeTolerance: Double.ulpOfOne)
                guard rescale(&coefficients) else { break }
                (left, right) = (basis, coefficients)
            }
            try onFactor(row)
        }
        var product = right.map { left * $0 } ?? left
        _ = rescale(&product)
        normalized = product
        log10Norm = logarithm
    }

    /// A factorization costs about as much as a few Jacobians.
    private static let factorsBetweenCompressions = 8

    /// log10 of the operator norm of the product, its largest singular value; -∞ for zero.
    ///
    /// By how much one whole round can enlarge a small error at most, while eigenvalues say what becomes of it after many rounds.
    /// - Throws: `NumericsError.notConverged`.
    public func log10OperatorNorm() throws(NumericsError) -> Double {
        guard log10Norm > -.infinity, let largest = try normalized.singularValues().first else { return -.infinity }
        return log10Norm + Double.log10(largest)
    }

    /// The eigenvalues of the product.
    ///
    /// Eigenvalues much below the product's norm carry rounding of that norm: only those above `Double.ulpOfOne` times a condition
    /// number, relative to the norm, have correct digits.
    /// - Throws: `NumericsError.notConverged`.
    public func spectrum() throws(NumericsError) -> Spectrum {
        guard log10Norm > -.infinity else {
            return Spectrum(scaledEigenvalues: [], log10Scale: 0, log10ContractionBound: log10ContractionBound)
        }
        return Spectrum(
            scaledEigenvalues: try normalized.eigenvalues(), log10Scale: log10Norm, log10ContractionBound: log10ContractionBound)
    }
}
