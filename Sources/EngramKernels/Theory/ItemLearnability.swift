public import EngramNumerics

/// What a kernel machine learns of the eigenmodes of its own items from some of them, and which items nearly depend on the others.
///
/// The domain is the n items themselves: λ_i and φ_i are eigenvalues and eigenmodes of G/n, G the kernel matrix of the items. `Eigenlearning` predicts
/// what regression on m of the n learns of each mode, and of the function that the memory stores; both are measured beside it. With all n items and no
/// ridge everything is learned, so that only m < n tells kernels apart: where the items say nothing of each other, every mode is learned to m/n.
///
/// The kernel is seen as it is, without division of its rows by their sums.
public struct ItemLearnability: Sendable, Equatable {
    /// What m of the n items teach.
    public struct Level: Sendable, Equatable {
        /// m.
        public let exampleCount: Int
        /// L_i, one a mode, by falling eigenvalue.
        public let learnabilities: [Double]
        /// Σ L_i + δ/C·(1 - Σ L_i/n): m, but for rounding.
        public let sum: Double
        /// L(f) = Σ L_i v_i²/Σ v_i² of the stored function less its mean.
        public let predictedLearnability: Double
        /// ⟨f, f̂⟩/⟨f, f⟩, the mean over draws of m items.
        public let measuredLearnability: Double
        /// E(f)/(mean of f²) over all n items.
        public let predictedError: Double
        /// The same, measured; the mean over draws.
        public let measuredError: Double
    }

    /// One item.
    public struct Item: Sendable, Equatable {
        /// Its row among the items.
        public let index: Int
        /// 1 - R² of its feature vector in the kernel's space against those of all others: 1/(G_ll (G⁻¹)_ll). 1: orthogonal to all; near 0: nearly their
        /// combination.
        public let independentShare: Double
        /// Σ_i L_i φ_i(x_l)²/n at half of the items: how much of the item lies in learned modes.
        public let learnedShare: Double
        /// The item of the largest |cosine| under the kernel.
        public let nearest: Int
        /// That cosine.
        public let cosine: Double
    }

    /// Eigenvalues of G, falling.
    public let eigenvalues: [Double]
    /// A quarter, half, and three quarters of the items; fewer of few items.
    public let levels: [Level]
    /// Every item looked at.
    public let items: [Item]
    /// δ, the memory's own ridge.
    public let ridge: Double
    /// tr G (G + δI)⁻¹: how many parameters the fit of all items has in effect; n without a ridge.
    public let effectiveDimension: Double
    /// Items that the machine stores; of more than `itemLimit` as many were looked at, evenly spread.
    public let itemCount: Int
    /// Sets of m items drawn for each level.
    public let drawCount: Int

    /// The most items that are looked at: a second of work.
    public static let itemLimit = 1000
    /// Sets drawn for each level.
    private static let usualDrawCount = 20

    /// λ_1/λ_n; infinite where the last is 0.
    public var condition: Double {
        guard let first = eigenvalues.first, let last = eigenvalues.last, last > 0 else { return .infinity }
        return first / last
    }

    /// Studies a stored machine.
    ///
    /// - Parameters:
    ///   - stored: The machine.
    ///   - successors: For each item the one that it leads to.
    ///   - ridge: δ ≥ 0, with which it was solved.
    ///   - seed: Of the draws.
    ///   - limit: The most items that are looked at, evenly spread.
    ///   - onStep: Told how many levels of how many are done; may throw to cancel.
    /// - Throws: `KernelSolverError` where the kernel matrix is not positive to within rounding; what `onStep` throws.
    /// - Complexity: O(n²·d + n³) for n items up to the limit.
    public init(
        of stored: StoredKernelMap, successors: [Int], ridge: Double, seed: UInt64, limit: Int = itemLimit,
        onStep: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        let count = stored.items.rowCount
        precondition(successors.count == count, "\(successors.count) successors do not fit \(count) items.")
        let chosen = count <= limit ? Array(0..<count) : (0..<limit).map { $0 * count / limit }
        let states = KernelMap.states(
            of: stored.features.map(dimension: stored.items.columnCount).features(
                of: stored.items.rows(at: chosen).converted(to: Double.self)), norm: stored.norm
        ).rows
        var targets = stored.items.rows(at: chosen.map { successors[$0] }).converted(to: Double.self)
        targets.addToRows(targets.columnMeans(), scaledBy: -1)
        try self.init(
            kernel: stored.kernel.values(at: states, centers: states), targets: targets, ridge: ridge, seed: seed, chosen: chosen,
            itemCount: count, onStep: onStep)
    }

    /// Studies a kernel matrix.
    ///
    /// - Parameters:
    ///   - kernel: G, symmetric, shape `[n, n]`, n ≥ 1.
    ///   - targets: What the items lead to, less the mean, shape `[n, m]`.
    ///   - ridge: δ ≥ 0.
    ///   - seed: Of the draws.
    ///   - onStep: As above.
    /// - Throws: As above.
    public init(
        kernel: Matrix<Double>, targets: Matrix<Double>, ridge: Double, seed: UInt64, onStep: (Int, Int) throws -> Void = { _, _ in }
    ) throws {
        try self.init(
            kernel: kernel, targets: targets, ridge: ridge, seed: seed, chosen: Array(0..<kernel.rowCount), itemCount: kernel.rowCount,
            onStep: onStep)
    }

    private init(
        kernel: Matrix<Double>, targets: Matrix<Double>, ridge: Double, seed: UInt64, chosen: [Int], itemCount: Int,
        onStep: (Int, Int) throws -> Void
    ) throws {
        let n = kernel.rowCount
        let fractions = Set([n / 4, n / 2, 3 * n / 4].filter { $0 >= 1 && $0 < n }).sorted()
        try onStep(0, fractions.count + 1)
        let domain = try DomainSpectrum(kernel)
        let trial = try Trial(kernel: kernel, targets: targets, ridge: ridge)
        let squared = trial.squaredCoefficients(domain)
        var generator = SplitMix64(seed: seed)
        var found: [Level] = []
        for (place, m) in fractions.enumerated() {
            try onStep(place + 1, fractions.count + 1)
            let theory = Eigenlearning(eigenvalues: domain.eigenvalues, exampleCount: m, ridge: ridge)
            let learned = theory.learnabilities.reduce(0, +)
            let total = squared.reduce(0, +)
            let measured = try trial.measured(exampleCount: m, drawCount: Self.usualDrawCount, using: &generator)
            found.append(
                Level(
                    exampleCount: m, learnabilities: theory.learnabilities,
                    sum: learned + (ridge == 0 ? 0 : ridge / theory.constant * (1 - learned / Double(n))),
                    predictedLearnability: zip(theory.learnabilities, squared).reduce(0) { $0 + $1.0 * $1.1 } / total,
                    measuredLearnability: measured.learnability,
                    predictedError: zip(theory.modeErrors, squared).reduce(0) { $0 + $1.0 * $1.1 } / total,
                    measuredError: measured.error))
        }
        levels = found
        eigenvalues = domain.eigenvalues.map { $0 * Double(n) }
        effectiveDimension = eigenvalues.reduce(0) { $0 + ($1 + ridge > 0 ? $1 / ($1 + ridge) : 0) }
        items = Self.items(kernel, domain, learnabilities: found.first { $0.exampleCount == n / 2 }?.learnabilities, chosen: chosen)
        self.ridge = ridge
        self.itemCount = itemCount
        drawCount = Self.usualDrawCount
    }

    private static func items(
        _ kernel: Matrix<Double>, _ domain: DomainSpectrum, learnabilities: [Double]?, chosen: [Int]
    ) -> [Item] {
        let n = kernel.rowCount
        // Below this an eigenvalue is zero as far as float64 can tell.
        let least = Double(n) * .ulpOfOne * (domain.eigenvalues.first ?? 0)
        // φ_i² = n V_i², and G⁻¹ = V (nλ)⁻¹ Vᵀ.
        let squares = domain.modes.map { $0 * $0 / Double(n) }
        let inverse = squares * domain.eigenvalues.map { 1 / (max($0, least) * Double(n)) }
        let learned = learnabilities.map { squares * $0 } ?? Array(repeating: 1, count: n)
        let diagonal = (0..<n).map { kernel[$0, $0] }
        return (0..<n).map { row in
            var (nearest, cosine) = (row, 0.0)
            for other in 0..<n where other != row {
                let scale = (diagonal[row] * diagonal[other]).squareRoot()
                let value = scale > 0 ? kernel[row, other] / scale : 0
                if abs(value) > abs(cosine) { (nearest, cosine) = (other, value) }
            }
            let share = diagonal[row] > 0 ? min(1, 1 / (diagonal[row] * inverse[row])) : 0
            return Item(
                index: chosen[row], independentShare: share, learnedShare: learned[row], nearest: chosen[nearest], cosine: cosine)
        }
    }
}

/// Regression of the stored function on random sets of items.
private struct Trial {
    private let kernel: Matrix<Double>
    /// In coordinates of their own span: as many columns as items at most.
    private let targets: Matrix<Double>
    private let ridge: Double
    private let squaredNorm: Double

    init(kernel: Matrix<Double>, targets: Matrix<Double>, ridge: Double) throws(KernelSolverError) {
        precondition(targets.rowCount == kernel.rowCount, "\(targets.rowCount) targets do not fit \(kernel.rowCount) items.")
        self.kernel = kernel
        self.ridge = ridge
        do {
            try targets.requireFinite(in: "Targets of a kernel machine")
            // An orthogonal change of columns keeps all inner products of rows.
            self.targets =
                targets.columnCount > targets.rowCount ? targets * (try targets.transposed().orthonormalizedColumns()) : targets
        } catch {
            throw .numerics(error)
        }
        squaredNorm = self.targets.elements.reduce(0) { $0 + $1 * $1 }
    }

    /// Σ over the columns of v_i².
    func squaredCoefficients(_ domain: DomainSpectrum) -> [Double] {
        let n = Double(domain.pointCount)
        let coordinates = domain.modes.multiplied(by: targets, transposingSelf: true)
        let columns = coordinates.transposed()
        return columns.columnDots(with: columns).map { $0 / (n * n) }
    }

    /// ⟨f, f̂⟩/⟨f, f⟩ and ‖f - f̂‖²/‖f‖² on average over sets of items.
    func measured(
        exampleCount: Int, drawCount: Int, using generator: inout some RandomNumberGenerator
    ) throws -> (learnability: Double, error: Double) {
        guard squaredNorm > 0 else { return (1, 0) }
        let n = kernel.rowCount
        var order = Array(0..<n)
        var (learned, missed) = (0.0, 0.0)
        for _ in 0..<drawCount {
            for place in 0..<exampleCount { order.swapAt(place, Int.random(in: place..<n, using: &generator)) }
            let examples = Array(order[..<exampleCount])
            let factor = try KernelCholesky(kernel.submatrix(rows: examples, columns: examples), ridge: ridge)
            let guess = kernel.submatrix(rows: Array(0..<n), columns: examples) * (try factor.solve(targets.rows(at: examples)))
            learned += guess.columnDots(with: targets).reduce(0, +)
            let rest = targets - guess
            missed += rest.columnDots(with: rest).reduce(0, +)
        }
        let scale = squaredNorm * Double(drawCount)
        return (learned / scale, missed / scale)
    }
}
