internal import ComplexModule
internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

extension KernelAutoencoder {
    /// The largest modulus of an eigenvalue and the largest singular value of the Jacobian, the largest of each over the examples.
    /// - Throws: `NumericsError`.
    func largestEigenvalue() throws -> (radius: Double, norm: Double) {
        var (radius, norm) = (0.0, 0.0)
        for row in 0..<examples.rowCount {
            let jacobian = network.jacobian(at: examples.row(row))
            radius = max(radius, try jacobian.eigenvalues().first?.length ?? 0)
            norm = max(norm, try jacobian.singularValues().first ?? 0)
        }
        return (radius, norm)
    }

    /// Moduli of all eigenvalues at every example, largest first at each.
    /// - Throws: `NumericsError`.
    func moduli() throws -> [[Double]] {
        try (0..<examples.rowCount).map { row in try network.jacobian(at: examples.row(row)).eigenvalues().map(\.length) }
    }
}
