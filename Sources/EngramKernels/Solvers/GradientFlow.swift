public import EngramNumerics
internal import RealModule

/// A kernel machine in the midst of its training: gradient flow or descent on the squared error, solved for any time by one
/// eigendecomposition.
///
/// Of the loss ½ Σ_i ‖f(x_i) - y_i‖², summed over examples (for the mean over n examples, divide the rate by n):
/// f_t(x) = f_0(x) + Θ(x, X) c_t, c_t = Θ⁻¹ (I - e^{-ηΘt}) (Y - f_0(X)), after [L19]; discrete steps have (I - ηΘ)^t for the exponential.
/// Where Θ has an eigenvalue λ = 0, (1 - e^{-ηλt})/λ tends to ηt, so nothing is divided by zero.
public struct GradientFlow: Sendable {
    /// Θ on the training examples.
    public let spectrum: KernelSpectrum
    /// η of gradient flow: it only scales time.
    public let learningRate: Double
    /// Y - f_0(X), shape `[n, m]`.
    public let initialResiduals: Matrix<Double>
    /// Vᵀ (Y - f_0(X)).
    private let coordinates: Matrix<Double>

    /// A training run.
    ///
    /// - Parameters:
    ///   - spectrum: Θ(X, X), n examples.
    ///   - targets: Y, shape `[n, m]`.
    ///   - initialOutputs: f_0(X), shape `[n, m]`; nil: 0, the mean over networks.
    ///   - learningRate: η > 0 of gradient flow.
    public init(of spectrum: KernelSpectrum, targets: Matrix<Double>, initialOutputs: Matrix<Double>? = nil, learningRate: Double = 1) {
        precondition(learningRate > 0 && learningRate.isFinite, "A learning rate is positive, got \(learningRate).")
        self.spectrum = spectrum
        self.learningRate = learningRate
        initialResiduals = initialOutputs.map { targets - $0 } ?? targets
        coordinates = spectrum.coordinates(of: initialResiduals)
    }

    /// η_critical = 2/(λ_min + λ_max) of [L19]: below it every mode of discrete steps decays, and near it those of λ_min and λ_max are
    /// equally slow. Infinite for Θ = 0.
    public var criticalLearningRate: Double {
        guard let smallest = spectrum.eigenvalues.first, let largest = spectrum.eigenvalues.last, largest > 0 else { return .infinity }
        return 2 / (smallest + largest)
    }

    /// c_t of gradient flow.
    ///
    /// - Parameter time: t ≥ 0. At infinity, c of the interpolant; of all of them the one of smallest norm if Θ is singular.
    /// - Returns: Shape `[n, m]`.
    public func coefficients(time: Double) -> Matrix<Double> {
        precondition(time >= 0, "Training time is not negative, got \(time).")
        guard time.isFinite else { return spectrum.synthesis(coordinates, scaledBy: spectrum.inverses(ridge: 0)) }
        let elapsed = learningRate * time
        return spectrum.synthesis(coordinates, scaledBy: spectrum.eigenvalues.map { Self.progress(rate: $0, elapsed: elapsed) })
    }

    /// c after some steps of gradient descent.
    ///
    /// - Parameters:
    ///   - stepCount: ≥ 0.
    ///   - learningRate: η > 0 of the steps; nil: half of `criticalLearningRate`, where no mode changes its sign.
    /// - Returns: Shape `[n, m]`.
    /// - Throws: `KernelSolverError.learningRateTooLarge` above `criticalLearningRate`.
    public func coefficients(stepCount: Int, learningRate: Double? = nil) throws(KernelSolverError) -> Matrix<Double> {
        let rate = try checkedRate(learningRate, stepCount)
        let factors = spectrum.eigenvalues.map { value in
            let x = rate * value
            guard x > 0 else { return rate * Double(stepCount) }
            let remaining = Self.remainingLessOne(x, stepCount)
            // Below the normal numbers a quotient has no digits left, and (1 - (1 - x)^t)/λ is ηt.
            return value < .leastNormalMagnitude ? rate * Double(stepCount) : -remaining / value
        }
        return spectrum.synthesis(coordinates, scaledBy: factors)
    }

    /// Y - f_t(X) of gradient flow, e^{-ηΘt} (Y - f_0(X)).
    ///
    /// - Parameter time: t ≥ 0; at infinity, what Θ cannot fit.
    /// - Returns: Shape `[n, m]`.
    public func residuals(time: Double) -> Matrix<Double> { spectrum.synthesis(coordinates, scaledBy: decays(time: time)) }

    /// Y - f(X) after some steps of gradient descent, (I - ηΘ)^t (Y - f_0(X)); parameters and errors as for the coefficients.
    public func residuals(stepCount: Int, learningRate: Double? = nil) throws(KernelSolverError) -> Matrix<Double> {
        let rate = try checkedRate(learningRate, stepCount)
        return spectrum.synthesis(coordinates, scaledBy: spectrum.eigenvalues.map { 1 + Self.remainingLessOne(rate * $0, stepCount) })
    }

    /// The mean over examples and outputs of (f_t(x_i) - y_i)² of gradient flow.
    ///
    /// - Parameter time: t ≥ 0, also infinity.
    /// - Complexity: n·m operations.
    public func trainingError(time: Double) -> Double {
        guard !coordinates.elements.isEmpty else { return 0 }
        var decayed = coordinates
        decayed.scaleRows(by: decays(time: time))
        let norm = decayed.frobeniusNorm
        return norm * norm / Double(coordinates.elements.count)
    }

    /// f(x) = f_0(x) + Θ(x, X) c at new points.
    ///
    /// - Parameters:
    ///   - crossKernel: Θ(x, X), shape `[p, n]`.
    ///   - coefficients: c, shape `[n, m]`.
    ///   - initialOutputs: f_0(x), shape `[p, m]`; nil: 0.
    /// - Returns: Shape `[p, m]`.
    public func outputs(crossKernel: Matrix<Double>, coefficients: Matrix<Double>, initialOutputs: Matrix<Double>? = nil) -> Matrix<Double>
    {
        let change = crossKernel * coefficients
        return initialOutputs.map { $0 + change } ?? change
    }

    /// e^{-ηλt} for each eigenvalue; at infinity 1 where λ is zero as far as float64 can tell, else 0.
    private func decays(time: Double) -> [Double] {
        precondition(time >= 0, "Training time is not negative, got \(time).")
        guard time.isFinite else { return spectrum.eigenvalues.map { $0 > spectrum.tolerance ? 0 : 1 } }
        let elapsed = learningRate * time
        return spectrum.eigenvalues.map { Double.exp(-$0 * elapsed) }
    }

    /// (1 - e^{-λτ})/λ without cancellation, τ for λ = 0.
    private static func progress(rate: Double, elapsed: Double) -> Double {
        rate < .leastNormalMagnitude ? elapsed : -Double.expMinusOne(-rate * elapsed) / rate
    }

    /// (1 - x)^t - 1 without cancellation for small x; 0 ≤ x < 2.
    private static func remainingLessOne(_ x: Double, _ stepCount: Int) -> Double {
        let steps = Double(stepCount)
        guard stepCount > 0 else { return 0 }
        if x < 1 { return Double.expMinusOne(steps * Double.log(onePlus: -x)) }
        let size = x > 1 ? Double.exp(steps * Double.log(x - 1)) : 0
        return (stepCount.isMultiple(of: 2) ? size : -size) - 1
    }

    private func checkedRate(_ learningRate: Double?, _ stepCount: Int) throws(KernelSolverError) -> Double {
        precondition(stepCount >= 0, "Gradient descent takes no negative number of steps, got \(stepCount).")
        let critical = criticalLearningRate
        let rate = learningRate ?? (critical.isFinite ? critical / 2 : 1)
        precondition(rate > 0 && rate.isFinite, "A learning rate is positive, got \(rate).")
        guard rate <= critical else { throw .learningRateTooLarge(rate: rate, critical: critical) }
        return rate
    }
}
