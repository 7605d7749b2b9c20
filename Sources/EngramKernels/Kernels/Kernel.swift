public import EngramNumerics

/// A positive-definite kernel k(x, z) on R^d.
///
/// Points and centres are rows. Both sides must have the same number of columns, and entries must be finite: NaN and infinities come out as
/// NaN. The same input and number of BLAS threads give the same bytes; the element-wise passes do not depend on that number.
public protocol Kernel: Sendable {
    /// Returns k(x_i, z_j).
    ///
    /// - Parameters:
    ///   - points: x, shape `[m, d]`.
    ///   - centers: z, shape `[n, d]`. The matrix that is `points` itself is recognised: the result is then exactly symmetric, at half the
    ///     cost.
    /// - Returns: Shape `[m, n]`.
    /// - Complexity: One matrix product of m·n·d multiplications, and O(m·n) passes over the result.
    func values(at points: Matrix<Double>, centers: Matrix<Double>) -> Matrix<Double>

    /// Returns the values with their gradients by the first argument; arguments as in `values(at:centers:)`.
    ///
    /// Where k(., z) is not differentiable at z (see `isSmoothOnDiagonal`), the gradient at x = z is the mean of those from opposite sides.
    func gradients(at points: Matrix<Double>, centers: Matrix<Double>) -> KernelGradients

    /// Returns k(x_i, z_j) / max_l k(x_i, z_l) where the kernel falls off exponentially, else the values themselves.
    ///
    /// Points far from every centre keep their digits: exp(-10000) by itself would be 0.
    func relativeValues(at points: Matrix<Double>, centers: Matrix<Double>) -> Matrix<Double>

    /// Returns `relativeValues(at:centers:)` with their gradients: those of the quotient k(x, z_j) / k(x, z_*), where z_* is the centre at
    /// which row i is largest.
    ///
    /// The first such centre counts where several tie. The gradient of the quotient holds z_* fixed, which is exact as long as one centre is
    /// the nearest.
    func relativeGradients(at points: Matrix<Double>, centers: Matrix<Double>) -> KernelGradients

    /// Returns k(x_i, x_i), shape `[m]`: the diagonal of `values(at: points, centers: points)`, without the rest.
    func diagonal(at points: Matrix<Double>) -> [Double]

    /// Whether k(., z) is differentiable at z. The ReLU tangent kernel and the Laplace kernel are not.
    var isSmoothOnDiagonal: Bool { get }

    /// What a file keeps of this kernel; `KernelRegistry.kernel(_:)` makes an equal one from it.
    var storedDescription: KernelDescription { get }
}

extension Kernel {
    /// The values themselves, for a kernel that does not fall off.
    public func relativeValues(at points: Matrix<Double>, centers: Matrix<Double>) -> Matrix<Double> {
        values(at: points, centers: centers)
    }

    /// The gradients themselves, for a kernel that does not fall off.
    public func relativeGradients(at points: Matrix<Double>, centers: Matrix<Double>) -> KernelGradients {
        gradients(at: points, centers: centers)
    }
}
