public import EngramNumerics

/// A symmetric positive semidefinite metric: ‖v‖_M² = vᵀ M v.
///
/// It is factored once, M = F Fᵀ, so that distances are those of the points x F: taken from vᵀ M v by expanded squares they would lose their
/// digits for near points.
public struct Metric: Sendable {
    /// M, shape `[d, d]`, exactly symmetric.
    public let matrix: Matrix<Double>
    /// F, shape `[d, r]`, r the rank of M.
    let factor: Matrix<Double>

    /// Creates a metric.
    ///
    /// - Parameters:
    ///   - matrix: Shape `[d, d]`. Its symmetric part is used; eigenvalues within rounding of 0, d·2⁻⁵² of the largest, count as 0.
    ///   - clipping: Negative eigenvalues down to this share of the largest count as 0, too, and leave `matrix`: those that
    ///     a product has by rounding alone. Default 0.
    /// - Throws: `KernelError.metricNotSymmetric` if an entry differs from its mirror by more than 1e-8 of the largest;
    ///   `.metricNotPositive`; `.numerics` if an entry is not finite or LAPACK fails.
    public init(_ matrix: Matrix<Double>, clipping: Double = 0) throws(KernelError) {
        let d = matrix.rowCount
        guard matrix.columnCount == d else { throw .metricNotSquare(rowCount: d, columnCount: matrix.columnCount) }
        let mirrored = matrix.transposed()
        let largest = matrix.elements.reduce(0) { max($0, abs($1)) }
        let difference = zip(matrix.elements, mirrored.elements).reduce(0) { max($0, abs($1.0 - $1.1)) }
        guard !(difference > 1e-8 * largest) else { throw .metricNotSymmetric(difference: difference, largest: largest) }
        let symmetric = 0.5 * (matrix + mirrored)
        do {
            let (eigenvalues, eigenvectors) = try symmetric.symmetricEigendecomposition()
            let (least, top) = (eigenvalues.first ?? 0, eigenvalues.last ?? 0)
            let rounding = Double(max(d, 8)) * Double.ulpOfOne * max(top, -least)
            if least < -max(rounding, clipping * top) { throw KernelError.metricNotPositive(eigenvalue: least, largest: top) }
            let rank = eigenvalues.count { $0 > rounding }
            var factor = eigenvectors.columns(at: d - rank..<d)
            factor.scaleColumns(by: eigenvalues.suffix(rank).map { $0.squareRoot() })
            self.factor = factor
            if least < -rounding {
                let clipped = factor.multiplied(by: factor, transposingOther: true)
                self.matrix = 0.5 * (clipped + clipped.transposed())
            } else {
                self.matrix = symmetric
            }
        } catch let error as KernelError {
            throw error
        } catch let error as NumericsError {
            throw .numerics(error)
        } catch {
            preconditionFailure("An eigendecomposition throws only its own errors.")
        }
    }
}
