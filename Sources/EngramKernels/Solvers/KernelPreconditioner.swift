public import EngramNumerics

/// A symmetric positive definite approximation of (K + λI)⁻¹ that is cheap to apply.
public protocol KernelPreconditioner: Sendable {
    /// P⁻¹·right, shape `[n, m]`.
    func applied(to right: Matrix<Double>) -> Matrix<Double>
}
