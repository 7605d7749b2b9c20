public import EngramNumerics
internal import RealModule

/// The Jacobian of f: R^d → R^d in orthonormal coordinates of where it writes and of what it reads: J(x) = Q_out C(x) Q_inᵀ.
///
/// C has the singular values of J in fewer dimensions. It serves operator norms at points anywhere in R^d, and the first factor of a
/// product round a cycle, whose other factors lie in the image alone.
public protocol JacobianCore: Sendable {
    /// Whether Q_in spans the image too: then the core of a product of Jacobians is the product of their cores.
    var readsItsImage: Bool { get }
    /// Whether linearizations give thin factors of C.
    var hasJacobianFactors: Bool { get }
    /// Columns of Q_in.
    var inputDimension: Int { get }
    /// Columns of Q_out.
    var outputDimension: Int { get }

    /// C at each row of `points`, shape `[n, d]`.
    func linearized(at points: Matrix<Double>) -> any MapLinearization
}

extension JacobianCore {
    /// False.
    public var hasJacobianFactors: Bool { false }

    /// C at `x` as a product of two thin matrices, the second in orthonormal coordinates of what it reads at this point; nil where there
    /// are none.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func factors(at x: [Double]) throws(NumericsError) -> JacobianFactors? {
        guard hasJacobianFactors,
            let whole = linearized(at: Matrix(rowCount: 1, columnCount: x.count, elements: x)).factors(at: 0)
        else { return nil }
        guard whole.left.columnCount > 0 else { return whole }
        let read = try whole.right.transposed().rankRevealingFactors(relativeTolerance: 0).coefficients
        return JacobianFactors(left: whole.left, right: read.transposed(), log10Scale: whole.log10Scale)
    }

    /// C at `x`, shape `[outputDimension, inputDimension]`.
    public func matrix(at x: [Double]) -> Matrix<Double> {
        linearized(at: Matrix(rowCount: 1, columnCount: x.count, elements: x)).jacobian(at: 0)
    }

    /// ‖J‖₂ at each row of `points`, shape `[n, d]`, many points together: one pass over the map's parameters serves them all.
    ///
    /// - Parameters:
    ///   - points: Shape `[n, d]`.
    ///   - onPoints: Told how many points are done; may throw to cancel.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`; whatever `onPoints` throws.
    public func operatorNorms(at points: Matrix<Double>, onPoints: (Int) throws -> Void = { _ in }) throws -> [OperatorNorm] {
        let widest = max(inputDimension, outputDimension)
        let batchCount = max(1, operatorNormByteCount / (16 * LanczosBidiagonalization.maximumStepCount * widest))
        var norms: [OperatorNorm] = []
        if hasJacobianFactors {
            for first in stride(from: 0, to: points.rowCount, by: factoredAtOnce) {
                let batch = first..<min(first + factoredAtOnce, points.rowCount)
                let linearization = linearized(at: points.rows(at: batch))
                for index in 0..<batch.count {
                    norms.append(try linearization.factors(at: index)?.operatorNorm() ?? OperatorNorm(value: 0, errorBound: 0))
                    try onPoints(norms.count)
                }
            }
            return norms
        }
        for outer in stride(from: 0, to: points.rowCount, by: linearizedAtOnce) {
            let held = outer..<min(outer + linearizedAtOnce, points.rowCount)
            let linearization = linearized(at: points.rows(at: held))
            for first in stride(from: 0, to: held.count, by: batchCount) {
                let count = min(batchCount, held.count - first)
                norms += try LanczosBidiagonalization.operatorNorms(
                    count: count, inputDimension: inputDimension,
                    apply: { tangents, maps in linearization.pushForward(rows: tangents, at: maps.map { first + $0 }) },
                    applyTransposed: { cotangents, maps in linearization.pullBack(rows: cotangents, at: maps.map { first + $0 }) })
                try onPoints(norms.count)
            }
        }
        return norms
    }
}

/// Krylov bases of so many bytes are held at a time.
private let operatorNormByteCount = 128 << 20
/// Points whose factors are made from one linearization.
private let factoredAtOnce = 64
/// Derivatives at so many points are held at a time.
private let linearizedAtOnce = 512

/// The core with Q_in the identity, for families that know no smaller space which they read.
struct WholeJacobianCore: JacobianCore {
    let readsItsImage = false
    private let map: any IterableMap
    /// Q_out.
    private let basis: Matrix<Double>

    init(of map: any IterableMap, restriction: ImageRestriction) {
        self.map = map
        basis = restriction.basis
    }

    var inputDimension: Int { map.inputDimension }
    var outputDimension: Int { basis.columnCount }

    func linearized(at points: Matrix<Double>) -> any MapLinearization {
        ProjectedLinearization(whole: map.linearized(at: points), basis: basis)
    }
}

/// Qᵀ J for a map's Jacobians and orthonormal columns Q.
package struct ProjectedLinearization: MapLinearization {
    private let whole: any MapLinearization
    private let basis: Matrix<Double>

    /// - Parameters:
    ///   - whole: J.
    ///   - basis: Q, shape `[m, k]`.
    package init(whole: any MapLinearization, basis: Matrix<Double>) {
        self.whole = whole
        self.basis = basis
    }

    package func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        whole.pushForward(rows: tangents, at: points) * basis
    }

    package func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        whole.pullBack(rows: cotangents.multiplied(by: basis, transposingOther: true), at: points)
    }

    /// One pulled-back row for each dimension of the image.
    package func jacobian(at point: Int) -> Matrix<Double> {
        whole.pullBack(rows: basis.transposed(), at: Array(repeating: point, count: basis.columnCount))
    }

    package func factors(at point: Int) -> JacobianFactors? {
        whole.factors(at: point).map {
            JacobianFactors(
                left: basis.multiplied(by: $0.left, transposingSelf: true), right: $0.right, log10Scale: $0.log10Scale)
        }
    }
}

extension JacobianFactors {
    /// ‖L R‖₂ with its scale, from orthonormal factors of L and of Rᵀ; 0 where it is below what float64 holds.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    func operatorNorm() throws(NumericsError) -> OperatorNorm {
        guard left.columnCount > 0 else { return OperatorNorm(value: 0, errorBound: 0) }
        let (rows, columns) = (
            try left.rankRevealingFactors(relativeTolerance: 0), try right.transposed().rankRevealingFactors(relativeTolerance: 0)
        )
        let core = rows.coefficients.multiplied(by: columns.coefficients, transposingOther: true)
        return OperatorNorm(value: Double.exp10(log10Scale) * (try core.singularValues().first ?? 0), errorBound: 0)
    }
}
