public import ComplexModule
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

    /// Whether the listed eigenvalues are all that are not zero; false where only the largest were sought.
    public let isComplete: Bool

    /// How far the spectral radius can be off, where it was sought by iteration; nil for a complete spectrum, which has LAPACK's rounding.
    ///
    /// It is how far a change of the size of `radiusBackwardError` moves the eigenvalue in the part of the map that the iteration saw,
    /// defective eigenvalues included; it is no bound for what it did not see.
    public let radiusErrorBound: Double?

    /// ‖E‖ of a change E of the map that makes the eigenvalue of largest modulus exact, where it was sought by iteration: this holds
    /// for every map. nil for a complete spectrum.
    public let radiusBackwardError: Double?

    /// log10 of a bound of how much one step enlarges small errors, where the map has only one-sided derivatives and its eigenvalues
    /// alone prove nothing (`JacobianCusp`); nil where it has a derivative.
    public let log10ContractionBound: Double?

    /// Whether every eigenvalue lies inside the unit circle, error bound included; of a map with a cusp, whether every small error
    /// shrinks.
    public var isContracting: Bool {
        if let log10ContractionBound { return log10ContractionBound < 0 }
        guard let radiusErrorBound else { return log10SpectralRadius < 0 }
        return spectralRadius + radiusErrorBound < 1
    }

    /// The largest modulus; 0 where it is below what float64 holds.
    public var spectralRadius: Double { Double.exp10(log10SpectralRadius) }

    /// log10 of each modulus, in the order of the eigenvalues.
    public var log10Moduli: [Double] { scaledEigenvalues.map { Double.log10($0.length) + log10Scale } }

    init(
        scaledEigenvalues: [Complex<Double>], log10Scale: Double, log10SpectralRadius: Double? = nil, isComplete: Bool = true,
        radiusErrorBound: Double? = nil, radiusBackwardError: Double? = nil, log10ContractionBound: Double? = nil
    ) {
        self.log10ContractionBound = log10ContractionBound
        self.isComplete = isComplete
        self.radiusErrorBound = radiusErrorBound
        self.radiusBackwardError = radiusBackwardError
        self.scaledEigenvalues = scaledEigenvalues
        self.log10Scale = log10Scale
        self.log10SpectralRadius =
            log10SpectralRadius ?? scaledEigenvalues.first.map { Double.log10($0.length) + log10Scale } ?? -.infinity
    }
}

extension DifferentiableMap {
    /// The spectrum of the Jacobian at each row of `points`.
    ///
    /// Eigenvalue problems of a few hundred rows gain nothing from threads within one, so each point is done by one thread and the
    /// points are divided among as many threads as products use. A point's result is the same for any number of threads.
    /// - Parameters:
    ///   - points: Shape `[n, inputDimension]`; the map is one of a space to itself.
    ///   - onPoint: Told of each point, in order, on the calling thread and a few points late; may throw to cancel.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`; whatever `onPoint` throws.
    /// - Complexity: Each: one Jacobian and an O(k³) eigenvalue problem. Memory for one point a thread.
    public func spectra(at points: Matrix<Double>, onPoint: (Int) throws -> Void = { _ in }) throws -> [Spectrum] {
        // Thin factors take little time each, and one linearization of many points reads the map's parameters once.
        let pointsAtOnce = hasJacobianFactors ? pointsPerLinearization : 1
        return try BLASLibrary.withOneThread { threadCount in
            var found: [Spectrum] = []
            found.reserveCapacity(points.rowCount)
            let groups = stride(from: 0, to: points.rowCount, by: pointsAtOnce).map { $0..<min($0 + pointsAtOnce, points.rowCount) }
            let batchCount = hasJacobianFactors ? threadCount : pointsPerThread * threadCount
            for first in stride(from: 0, to: groups.count, by: batchCount) {
                let batch = first..<min(first + batchCount, groups.count)
                let results = ParallelMap.results(of: batch.count, threadCount: threadCount) { index in
                    Swift.Result { () throws(NumericsError) in try groupSpectra(at: points.rows(at: groups[first + index])) }
                }
                for result in results {
                    for spectrum in try result.get() {
                        found.append(spectrum)
                        try onPoint(found.count - 1)
                    }
                }
            }
            return found
        }
    }

    /// All eigenvalues of the Jacobian at each of some points that can be other than zero.
    private func groupSpectra(at points: Matrix<Double>) throws(NumericsError) -> [Spectrum] {
        guard hasJacobianFactors else {
            var spectra: [Spectrum] = []
            for row in 0..<points.rowCount {
                spectra.append(Spectrum(scaledEigenvalues: try jacobian(at: points.row(row)).eigenvalues(), log10Scale: 0))
            }
            return spectra
        }
        let linearization = linearized(at: points)
        var spectra: [Spectrum] = []
        for row in 0..<points.rowCount {
            let bound = linearization.cusp(at: row)?.log10Bound
            guard let factors = linearization.factors(at: row) else {
                spectra.append(
                    Spectrum(
                        scaledEigenvalues: try linearization.jacobian(at: row).eigenvalues(), log10Scale: 0, log10ContractionBound: bound))
                continue
            }
            spectra.append(
                Spectrum(
                    scaledEigenvalues: try (factors.right * factors.left).eigenvalues(), log10Scale: factors.log10Scale,
                    log10ContractionBound: bound))
        }
        return spectra
    }
}

/// Few, so that a call is cancelled soon; more than one, so that threads seldom wait for each other.
private let pointsPerThread = 4
/// Enough for products to run at their rate, and few enough for the rows of a map of many examples to fit.
private let pointsPerLinearization = 256
