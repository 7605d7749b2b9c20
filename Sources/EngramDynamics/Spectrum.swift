public import ComplexModule
public import EngramNetworks
public import EngramNumerics
public import RealModule

/// The eigenvalues of a Jacobian, or of the product of Jacobians round a cycle.
public struct Spectrum: Sendable, Equatable {
    /// Eigenvalues divided by 10^`log10Scale`, modulus descending. Exact zeros that the reduction leaves out are not listed.
    public let scaledEigenvalues: [Complex<Double>]
    /// What the listed eigenvalues are scaled by; 0 for a single Jacobian.
    public let log10Scale: Double

    /// log10 of the largest modulus; -∞ when every eigenvalue is zero.
    public let log10SpectralRadius: Double

    /// The largest modulus; 0 where it is below what float64 holds.
    public var spectralRadius: Double { Double.exp10(log10SpectralRadius) }

    /// log10 of each modulus, in the order of the eigenvalues.
    public var log10Moduli: [Double] { scaledEigenvalues.map { Double.log10($0.length) + log10Scale } }

    init(scaledEigenvalues: [Complex<Double>], log10Scale: Double, log10SpectralRadius: Double? = nil) {
        self.scaledEigenvalues = scaledEigenvalues
        self.log10Scale = log10Scale
        self.log10SpectralRadius =
            log10SpectralRadius ?? scaledEigenvalues.first.map { Double.log10($0.length) + log10Scale } ?? -.infinity
    }
}

extension FullyConnectedNetwork<Double> {
    /// The spectrum of the Jacobian at each row of `points`.
    ///
    /// - Parameter points: Shape `[n, inputDimension]`; the network maps a space to itself.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: Each: one product per layer and an O(k³) eigenvalue problem.
    public func spectra(at points: Matrix<Double>, onPoint: (Int) throws -> Void = { _ in }) throws -> [Spectrum] {
        let derivatives = hiddenDerivatives(of: points)
        return try (0..<points.rowCount).map { row in
            let eigenvalues = try jacobian(derivatives: derivatives, row: row).eigenvalues()
            try onPoint(row)
            return Spectrum(scaledEigenvalues: eigenvalues, log10Scale: 0)
        }
    }
}
