internal import ComplexModule
internal import EngramNumerics
internal import RealModule

/// The eigenvalues of largest modulus of a linear map by the Arnoldi method with Krylov-Schur restarts (Stewart 2001).
///
/// A V = V S + v bᵀ with orthonormal [V v]: a unit eigenvector y of S, S y = θ y, gives a vector V y whose residual is r = |bᵀ y|, so θ is
/// an exact eigenvalue of A + E with ‖E‖ = r, E = -v (bᵀy) (V y)ᴴ, whatever A is. How far that moves an eigenvalue of A itself depends on how
/// ill-conditioned it is, see `PerturbationDisc`. When the basis is full, S is cut down to its leading Schur vectors and grows again.
struct ArnoldiIteration {
    /// Vectors of the basis before it is cut down, and how many are kept then.
    static let basisCount = 48
    private static let keptCount = 16
    /// Most restarts: the radius is then given with the bound that was reached.
    private static let maximumRestartCount = 60
    /// The error bound, relative to the radius, at which the radius is known well enough.
    private static let tolerance = 1e-9

    /// What is known of the largest eigenvalues.
    struct Leading {
        let eigenvalues: [Complex<Double>]
        /// The first of them is an exact eigenvalue of a matrix at this distance from A: the residual, and the rounding of S.
        let backwardError: Double
        /// How far a change of that norm moves it in S, the map as far as it was seen.
        let errorBound: Double
    }

    private let dimension: Int
    /// v_0 to v_j, orthonormal.
    private var basis: [[Double]]
    /// Column j holds the parts of A v_j along v_0 to v_{j+1}; after a restart the first columns are a Schur form with b under it.
    private var projection: Matrix<Double>
    private var restartCount = 0
    /// The result, once there is one.
    private(set) var leading: Leading?

    init(dimension: Int, using generator: inout some RandomNumberGenerator) {
        self.dimension = dimension
        basis = [KrylovVector.random(count: dimension, using: &generator)]
        let size = min(Self.basisCount, dimension)
        projection = Matrix(rowCount: size + 1, columnCount: size)
    }

    /// The vector that the map is to be applied to next.
    var direction: [Double] { basis[basis.count - 1] }

    /// Takes A applied to `direction`, and sets `leading` when that ends the iteration.
    ///
    /// - Parameter count: How many eigenvalues to give.
    /// - Throws: `NumericsError.notConverged`; `.nonFinite`.
    mutating func take(_ image: [Double], count: Int) throws(NumericsError) {
        let column = basis.count - 1
        var vector = image
        let (parts, norm) = KrylovVector.orthonormalize(&vector, against: basis)
        for (row, part) in parts.enumerated() { projection[row, column] = part }
        projection[column + 1, column] = norm
        let used = column + 1
        guard norm > 0, used < dimension else {
            leading = try result(leadingPairs(used), count: count, used, residual: norm)
            return
        }
        basis.append(vector)
        // Looking costs as much as some steps, so not after each.
        guard used == projection.columnCount || used % 8 == 0 else { return }
        let pairs = try leadingPairs(used)
        guard let largest = pairs.first else { return }
        let radius = largest.value.length
        let residual = residual(of: largest, used)
        let bound = residual * largest.condition
        let isFull = used == projection.columnCount
        if bound <= Self.tolerance * radius || (isFull && restartCount == Self.maximumRestartCount) {
            leading = try result(pairs, count: count, used, residual: residual)
        } else if isFull {
            try restart()
        }
    }

    /// The largest eigenvalues with what is known of the first.
    private func result(
        _ pairs: [Eigenpair], count: Int, _ used: Int, residual: Double
    ) throws(NumericsError) -> Leading {
        let projected = projected(used)
        // QR iteration gives the eigenvalues of a matrix about this near to S, and orthogonalization leaves as much of A out.
        let rounding = Double(used) * .ulpOfOne * projected.frobeniusNorm
        let backwardError = max(residual, rounding)
        let bound = try pairs.first.map { pair throws(NumericsError) in
            try PerturbationDisc.radius(around: pair, of: projected, perturbation: backwardError)
        }
        return Leading(eigenvalues: pairs.prefix(count).map(\.value), backwardError: backwardError, errorBound: bound ?? 0)
    }

    /// S on the first `used` vectors.
    private func projected(_ used: Int) -> Matrix<Double> { projection.rows(at: 0..<used).leadingColumns(used) }

    /// The eigenpairs of S on the first `used` vectors, by modulus.
    private func leadingPairs(_ used: Int) throws(NumericsError) -> [Eigenpair] { try projected(used).eigenpairs() }

    /// |bᵀ y|.
    private func residual(of pair: Eigenpair, _ used: Int) -> Double {
        (0..<used).reduce(Complex<Double>.zero) { $0 + pair.right[$1].multiplied(by: projection[used, $1]) }.length
    }

    /// Keeps the leading Schur vectors.
    private mutating func restart() throws(NumericsError) {
        let size = projection.columnCount
        let schur = try projection.rows(at: 0..<size).orderedSchurForm(leadingCount: min(Self.keptCount, size - 1))
        let kept = schur.leadingCount
        let last = basis[size]
        let rotated = schur.vectors.leadingColumns(kept).multiplied(by: Matrix(rows: Array(basis[0..<size])), transposingSelf: true)
        basis = (0..<kept).map { rotated.row($0) } + [last]
        let coupling = projection.row(size)
        var next = Matrix<Double>(rowCount: size + 1, columnCount: size)
        for column in 0..<kept {
            for row in 0..<kept { next[row, column] = schur.form[row, column] }
            next[kept, column] = KrylovVector.dot(coupling, schur.vectors.column(column))
        }
        projection = next
        restartCount += 1
    }
}
