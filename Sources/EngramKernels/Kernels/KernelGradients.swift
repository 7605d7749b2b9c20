public import EngramNumerics

/// Values of a kernel and their gradients by its first argument, for m points x_i and n centres z_j.
///
/// ∂k(x_i, z_j)/∂x = M (a_ij (z_j - x_i) + t_ij x_i - g_i k_ij (z_{c(i)} - x_i)): exact for every kernel that is invariant under rotations,
/// and for its quotients by one centre's value. A gradient of shape `[m, n, d]` is never formed. The difference z - x is kept apart because
/// the coefficients of z and x alone grow with the squared norm and cancel: at norm 1e5 that costs 8 digits.
public struct KernelGradients: Sendable {
    /// The centre that a row of a relative kernel was divided by.
    public struct Reference: Sendable, Equatable {
        /// c(i), the index of the centre.
        public let center: Int
        /// g_i, with ∂ ln k(x_i, z_c)/∂x = g_i M (z_c - x_i).
        public let slope: Double
    }

    /// k_ij, shape `[m, n]`.
    public let values: Matrix<Double>
    /// a_ij, shape `[m, n]`.
    public let alongDifferences: Matrix<Double>
    /// t_ij, shape `[m, n]`; nil is zero.
    public let alongPoints: Matrix<Double>?
    /// M, shape `[d, d]`; nil is the identity.
    public let metric: Matrix<Double>?
    /// c(i) and g_i, one a row; nil where nothing was divided.
    public let references: [Reference]?

    /// Creates gradients from their parts.
    public init(
        values: Matrix<Double>, alongDifferences: Matrix<Double>, alongPoints: Matrix<Double>? = nil, metric: Matrix<Double>? = nil,
        references: [Reference]? = nil
    ) {
        precondition(
            values.rowCount == alongDifferences.rowCount && values.columnCount == alongDifferences.columnCount,
            "Values and coefficients of a kernel differ in shape.")
        precondition(
            alongPoints.map { $0.rowCount == values.rowCount && $0.columnCount == values.columnCount } ?? true,
            "Values and coefficients along points differ in shape.")
        precondition(references.map { $0.count == values.rowCount } ?? true, "A relative kernel needs one reference a row.")
        self.values = values
        self.alongDifferences = alongDifferences
        self.alongPoints = alongPoints
        self.metric = metric
        self.references = references
    }

    /// Returns ∂k(x_i, z_j)/∂x for one point, before the metric: row j is M⁻¹ times it.
    ///
    /// - Parameters:
    ///   - row: i.
    ///   - point: x_i, shape `[d]`, as the kernel was given it.
    ///   - centers: z, shape `[n, d]`, as the kernel was given it.
    /// - Returns: Shape `[n, d]`.
    /// - Complexity: O(n·d).
    public func unweightedGradients(ofRow row: Int, point: [Double], centers: Matrix<Double>) -> Matrix<Double> {
        precondition(
            centers.rowCount == values.columnCount && centers.columnCount == point.count && row >= 0 && row < values.rowCount,
            "Row \(row) of a kernel with \(values.columnCount) centres got \(centers.rowCount) centres and a point of \(point.count) entries."
        )
        let (n, d) = (centers.rowCount, point.count)
        let source = centers.elements
        let start = row * n
        let a = alongDifferences.elements
        var result = [Double](repeating: 0, count: n * d)
        for j in 0..<n {
            let (factor, t) = (a[start + j], alongPoints?.elements[start + j] ?? 0)
            let base = j * d
            for k in 0..<d { result[base + k] = factor * (source[base + k] - point[k]) + t * point[k] }
        }
        if let reference = references?[row] {
            let offset = reference.center * d
            for j in 0..<n {
                let factor = reference.slope * values.elements[start + j]
                let base = j * d
                for k in 0..<d { result[base + k] -= factor * (source[offset + k] - point[k]) }
            }
        }
        return Matrix(rowCount: n, columnCount: d, elements: result)
    }

    /// Returns ∂k(x_i, z_j)/∂x for one point, row j for centre j; arguments as in `unweightedGradients(ofRow:point:centers:)`.
    ///
    /// - Complexity: O(n·d), with a metric O(n·d²).
    public func gradients(ofRow row: Int, point: [Double], centers: Matrix<Double>) -> Matrix<Double> {
        let plain = unweightedGradients(ofRow: row, point: point, centers: centers)
        return metric.map { plain * $0 } ?? plain
    }

    /// Returns J with J[a, b] = ∂f_a(x_i)/∂x_b for f(x) = Σ_j weights[j]·k(x, z_j).
    ///
    /// - Parameters:
    ///   - row: i.
    ///   - point: x_i, shape `[d]`.
    ///   - centers: z, shape `[n, d]`.
    ///   - weights: Shape `[n, c]`, one row a centre.
    /// - Returns: Shape `[c, d]`.
    /// - Complexity: c·n·d, with a metric c·d² more.
    public func jacobian(ofRow row: Int, point: [Double], centers: Matrix<Double>, weights: Matrix<Double>) -> Matrix<Double> {
        let plain = weights.multiplied(
            by: unweightedGradients(ofRow: row, point: point, centers: centers), transposingSelf: true)
        return metric.map { plain * $0 } ?? plain
    }
}
