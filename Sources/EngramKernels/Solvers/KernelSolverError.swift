public import EngramNumerics
internal import EngramSystem

/// What can go wrong when a system (K + λI) X = Y is solved.
public enum KernelSolverError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A Cholesky pivot (0-based) is not positive. `twin` is an earlier example that the kernel sees as the same or as parallel, if there
    /// is one; `ridge` is λ; `suggestedRidge` one that should do.
    case notPositiveDefinite(pivot: Int, count: Int, ridge: Double, twin: Int?, suggestedRidge: Double)
    /// An eigenvalue of a kernel matrix is below what rounding explains.
    case negativeEigenvalue(smallest: Double, largest: Double, count: Int)
    /// The direction p of an iterative solver has pᵀ(K + λI)p ≤ 0.
    case negativeCurvature(iteration: Int, value: Double, ridge: Double)
    /// A kernel value or product is NaN or infinite.
    case nonFinite(operation: String)
    /// A discrete step is beyond the critical learning rate.
    case learningRateTooLarge(rate: Double, critical: Double)
    /// The residual grew at every step size that was tried.
    case diverged(stepSize: Double, halvingCount: Int)
    /// Iterations ended above the tolerance.
    case notConverged(largestResidual: Double, tolerance: Double, iterationCount: Int)
    /// No way to solve the system fits the limit.
    case exceedsMemory(needed: Int, limit: Int, count: Int, rightCount: Int)
    /// LAPACK or the check of a matrix failed.
    case numerics(NumericsError)

    /// Where, what was found, and what to do.
    public var description: String {
        switch self {
        case .notPositiveDefinite(let pivot, let count, let ridge, let twin, let suggestedRidge):
            """
            Cholesky of K + λI (\(count) examples, λ = \(ridge)): pivot \(pivot) is not positive, so the kernel matrix of the first \(pivot + 1) \
            examples is singular or has a negative eigenvalue. \(Self.cause(pivot, twin)) \
            Remove the repeated example, or add a ridge of at least \(suggestedRidge).
            """
        case .negativeEigenvalue(let smallest, let largest, let count):
            """
            Spectrum of K (\(count) examples): the smallest eigenvalue \(smallest) is further below 0 than rounding explains (largest \
            \(largest)). The kernel is not positive definite, or its values were rounded to float32; compute them in float64, or \
            add a ridge above \(-smallest) to the diagonal.
            """
        case .negativeCurvature(let iteration, let value, let ridge):
            """
            Conjugate gradients, iteration \(iteration): pᵀ(K + λI)p = \(value) at λ = \(ridge), expected > 0. The kernel is not positive \
            definite or the system is singular to rounding; add a ridge, or raise it.
            """
        case .nonFinite(let operation):
            "\(operation): a value is not a finite number; check the inputs of the kernel and the right sides for NaN and overflow."
        case .learningRateTooLarge(let rate, let critical):
            """
            Gradient descent on a kernel: learning rate \(rate) is above the critical rate 2/(λmin + λmax) = \(critical). Use at most \
            that, or gradient flow, which has no such limit.
            """
        case .diverged(let stepSize, let halvingCount):
            """
            EigenPro iteration: the residual grew at step size \(stepSize), after \(halvingCount) halvings. The kernel is not positive \
            definite, or the subsample misses its largest eigenvalues; enlarge the subsample or add a ridge.
            """
        case .notConverged(let largestResidual, let tolerance, let iterationCount):
            """
            Iterative solve: relative residual \(largestResidual) after \(iterationCount) iterations, expected at most \(tolerance). Allow more \
            iterations, raise the rank of the preconditioner or the ridge, or solve directly.
            """
        case .exceedsMemory(let needed, let limit, let count, let rightCount):
            """
            Kernel system of \(count) examples and \(rightCount) right sides: the smallest way to solve it needs \(ByteText.text(needed)), the limit \
            is \(ByteText.text(limit)). Raise the limit, use fewer examples, or solve for fewer right sides at a time.
            """
        case .numerics(let error): error.description
        }
    }

    private static func cause(_ pivot: Int, _ twin: Int?) -> String {
        guard let twin else {
            return "Example \(pivot) depends on those before it (nearly equal examples, too few input dimensions), "
                + "or the kernel is not positive definite."
        }
        return "To the kernel, example \(pivot) is the same as example \(twin), or parallel to it."
    }
}

/// Sizes for people.
enum ByteText {
    /// `1.5 GiB`; whole bytes below 1 KiB.
    static func text(_ count: Int) -> String {
        var value = Double(count)
        var unit = "B"
        for larger in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] where value >= 1024 {
            value /= 1024
            unit = larger
        }
        guard unit != "B" else { return "\(count) B" }
        let tenths = Int(saturating: (value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}
