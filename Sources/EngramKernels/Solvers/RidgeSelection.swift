public import EngramNumerics
internal import RealModule

/// The ridge λ of (K + λI) α = Y, chosen without a validation set from one eigendecomposition of K.
///
/// The error of leaving one example out has a closed form: y_i minus the prediction of a fit without example i is α_i/((K + λI)⁻¹)_ii.
/// Generalized cross-validation (Golub, Heath, Wahba 1979) puts the mean of the denominators in their place.
public struct RidgeSelection: Sendable {
    /// What is made smallest.
    public enum Criterion: String, Sendable, CaseIterable {
        /// The mean squared error of leaving one example out.
        case leaveOneOut
        /// Generalized cross-validation: O(n) for each ridge, and unchanged by a rotation of the examples.
        case generalizedCrossValidation
    }

    /// One ridge with what it leads to.
    public struct Point: Sendable, Equatable {
        /// λ.
        public let ridge: Double
        /// Mean over examples and right sides of (y_i - f_without_i(x_i))².
        public let leaveOneOutError: Double
        /// Mean over examples and right sides of α², over the square of the mean of ((K + λI)⁻¹)_ii.
        public let generalizedCrossValidationError: Double
        /// tr K(K + λI)⁻¹, from 0 to n: how many parameters the fit has in effect; [S21]'s Σ L_i.
        public let effectiveDimension: Double

        /// The error that the criterion is about.
        public func error(_ criterion: Criterion) -> Double {
            switch criterion {
            case .leaveOneOut: leaveOneOutError
            case .generalizedCrossValidation: generalizedCrossValidationError
            }
        }
    }

    /// What was made smallest.
    public let criterion: Criterion
    /// All ridges that were tried, ascending.
    public let curve: [Point]
    /// The point of the curve with the smallest error; of equal ones the largest ridge.
    public let best: Point
    /// Whether `best` is the first or last ridge tried: then a wider grid may have a better one.
    public var isAtEdge: Bool { best == curve.first || best == curve.last }

    /// The chosen λ.
    public var ridge: Double { best.ridge }

    /// Steps of golden-section search after the grid: they narrow two steps of the grid to 1/1000 of them.
    private static let refinementCount = 15

    /// Tries a grid of ridges, then searches between the neighbours of the best.
    ///
    /// - Parameters:
    ///   - spectrum: K, n ≥ 1 examples.
    ///   - targets: Y, shape `[n, m]`, m ≥ 1; centre the columns first if the fit has no constant.
    ///   - criterion: What is made smallest.
    ///   - grid: Ridges > 0; nil: `defaultGrid(for:)`.
    ///   - onStep: Called with the number of ridges that were tried. What it throws ends the selection.
    /// - Throws: `KernelSolverError.nonFinite` if the targets or errors are not finite; what `onStep` throws.
    /// - Complexity: 2·n²·min(n, m) operations for each ridge, about 43 of them by default.
    public init(
        of spectrum: KernelSpectrum, targets: Matrix<Double>, criterion: Criterion = .leaveOneOut, grid: [Double]? = nil,
        onStep: (Int) throws -> Void = { _ in }
    ) throws {
        let ridges = (grid ?? Self.defaultGrid(for: spectrum)).sorted()
        precondition(!ridges.isEmpty && ridges.allSatisfy { $0 > 0 && $0.isFinite }, "A grid of ridges needs positive ridges.")
        let errors = try CrossValidation(spectrum: spectrum, targets: targets)
        var points: [Point] = []
        func tried(_ ridge: Double) throws -> Double {
            try onStep(points.count)
            let point = errors.point(ridge: ridge)
            guard point.error(criterion).isFinite else { throw KernelSolverError.nonFinite(operation: "Choice of a ridge") }
            points.append(point)
            return point.error(criterion)
        }
        let values = try ridges.map { try tried($0) }
        let lowest = values.indices.reduce(0) { values[$1] <= values[$0] ? $1 : $0 }
        if ridges.count > 1 {
            let (lower, upper) = (ridges[max(lowest - 1, 0)], ridges[min(lowest + 1, ridges.count - 1)])
            try Self.goldenSection(from: Double.log(lower), to: Double.log(upper)) { try tried(Double.exp($0)) }
        }
        self.criterion = criterion
        curve = points.sorted { $0.ridge < $1.ridge }
        best = curve.dropFirst().reduce(curve[0]) { $1.error(criterion) <= $0.error(criterion) ? $1 : $0 }
    }

    /// 28 ridges, two a decade and evenly in the logarithm, from 1e-12 to about 30 times the mean eigenvalue, those left out that drown in
    /// rounding.
    public static func defaultGrid(for spectrum: KernelSpectrum) -> [Double] {
        let mean = spectrum.eigenvalues.reduce(0, +) / Double(max(spectrum.count, 1))
        guard mean > 0 else { return [1] }
        return (0..<28).map { mean * Double.pow(10, -12 + Double($0) / 2) }.filter { $0 > spectrum.tolerance }
    }

    /// Evaluates `body` at the points that golden-section search for its minimum visits.
    private static func goldenSection(from start: Double, to end: Double, _ body: (Double) throws -> Double) throws {
        let ratio = (5.0.squareRoot() - 1) / 2
        var (lower, upper) = (start, end)
        var (left, right) = (upper - ratio * (upper - lower), lower + ratio * (upper - lower))
        var (leftValue, rightValue) = (try body(left), try body(right))
        for _ in 2..<refinementCount {
            if leftValue < rightValue {
                (upper, right, rightValue) = (right, left, leftValue)
                left = upper - ratio * (upper - lower)
                leftValue = try body(left)
            } else {
                (lower, left, leftValue) = (left, right, rightValue)
                right = lower + ratio * (upper - lower)
                rightValue = try body(right)
            }
        }
    }
}

/// Both errors of cross-validation as functions of the ridge.
private struct CrossValidation {
    private let spectrum: KernelSpectrum
    /// V_ik².
    private let squaredVectors: Matrix<Double>
    /// Z with the row norms of Vᵀ Y, and with those of V D Vᵀ Y as those of V D Z.
    private let coordinates: Matrix<Double>
    private let squaredRowNorms: [Double]
    private let entryCount: Double

    init(spectrum: KernelSpectrum, targets: Matrix<Double>) throws(KernelSolverError) {
        precondition(
            spectrum.count > 0 && targets.columnCount > 0, "A ridge is chosen for at least one example and right side.")
        self.spectrum = spectrum
        squaredVectors = spectrum.eigenvectors.map { $0 * $0 }
        do {
            try targets.requireFinite(in: "Targets of a ridge")
            let full = spectrum.coordinates(of: targets)
            // More right sides than examples span no more than n directions: an orthogonal change of columns keeps all row norms.
            coordinates =
                full.columnCount > full.rowCount ? full * (try full.transposed().orthonormalizedColumns()) : full
        } catch {
            throw .numerics(error)
        }
        squaredRowNorms = Self.squaredRowNorms(coordinates)
        entryCount = Double(spectrum.count * targets.columnCount)
    }

    func point(ridge: Double) -> RidgeSelection.Point {
        let inverses = spectrum.eigenvalues.map { 1 / ($0 + ridge) }
        let inverseDiagonal = squaredVectors * inverses
        let squaredCoefficients = Self.squaredRowNorms(spectrum.synthesis(coordinates, scaledBy: inverses))
        let leaveOneOut = zip(squaredCoefficients, inverseDiagonal).reduce(0) { $0 + $1.0 / ($1.1 * $1.1) }
        let squaredNorm = zip(squaredRowNorms, inverses).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
        let meanDiagonal = inverses.reduce(0, +) / Double(spectrum.count)
        return RidgeSelection.Point(
            ridge: ridge, leaveOneOutError: leaveOneOut / entryCount,
            generalizedCrossValidationError: squaredNorm / entryCount / (meanDiagonal * meanDiagonal),
            effectiveDimension: spectrum.eigenvalues.reduce(0) { $0 + $1 / ($1 + ridge) })
    }

    private static func squaredRowNorms(_ matrix: Matrix<Double>) -> [Double] {
        let width = matrix.columnCount
        let elements = matrix.elements
        return (0..<matrix.rowCount).map { i in
            var sum = 0.0
            for j in i * width..<(i + 1) * width { sum += elements[j] * elements[j] }
            return sum
        }
    }
}
