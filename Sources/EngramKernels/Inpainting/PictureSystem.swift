public import EngramNumerics

/// The regression of a picture on its known pixels: f(x) = c + Σ α_i K(x, i), with one constant c for each channel that is not penalised.
///
/// The coefficients minimise Σ (y_i - f(i))² + λ‖f - c‖²: α = (K + λI)⁻¹(y - c), Σ α = 0.
public struct PictureSystem: Sendable {
    /// K.
    public let kernel: PictureKernel
    /// λ > 0, in units of K.
    public let ridge: Double
    let order: PixelOrder

    /// How exactly systems are solved.
    public struct Settings: Sendable, Equatable {
        /// Relative residual of conjugate gradients.
        public var tolerance: Double
        /// Most iterations.
        public var iterationLimit: Int
        /// Most known pixels for a Cholesky factorization.
        public var directLimit: Int

        /// - Parameters:
        ///   - tolerance: Default 1e-5: errors of pixels are then below a tenth of a grey level of 8 bits.
        ///   - iterationLimit: Default 500.
        ///   - directLimit: Default 2,000: 32 MB, a fraction of a second.
        public init(tolerance: Double = 1e-5, iterationLimit: Int = 500, directLimit: Int = 2000) {
            self.tolerance = tolerance
            self.iterationLimit = iterationLimit
            self.directLimit = directLimit
        }
    }

    /// A fit.
    public struct Fit: Sendable {
        /// f at every pixel, shape `[height·width, channels]`.
        public let prediction: Matrix<Double>
        /// c, one for each channel.
        public let constants: [Double]
        /// σ² by the known pixels, per channel: (y - c)ᵀ(K + λI)⁻¹(y - c)/(n - 1), whose mean is σ² since c is fitted too. Variances of
        /// pixels are those of the kernel times this. 0 where all values are equal: they say nothing of it.
        public let scales: [Double]
        /// For each asked pixel x: the weights of the known pixels in f(x), shape `[n, asked]`; each column sums to 1.
        public let weights: Matrix<Double>
        /// Iterations of conjugate gradients; 0 if Cholesky was used.
        public let iterationCount: Int
        /// The largest relative residual over all right sides.
        public let largestResidual: Double
    }

    /// - Parameters:
    ///   - kernel: K.
    ///   - ridge: λ > 0.
    public init(_ kernel: PictureKernel, ridge: Double) {
        precondition(ridge > 0 && ridge.isFinite, "A ridge is finite and positive, got \(ridge).")
        self.kernel = kernel
        self.ridge = ridge
        order = PixelOrder(known: kernel.known, height: kernel.height, width: kernel.width)
    }

    /// Fits all channels, and what explains some pixels, in one solve.
    ///
    /// - Parameters:
    ///   - values: y, shape `[n, channels]`, n ≥ 1.
    ///   - explained: Pixels whose weights are wanted, row·width + column.
    ///   - settings: How exactly.
    ///   - onStep: Called with the number of iterations done. What it throws ends the solution.
    /// - Throws: `KernelSolverError.notConverged`, and the other cases of the solvers; what `onStep` throws.
    public func fit(
        _ values: Matrix<Double>, explaining explained: [Int] = [], settings: Settings = Settings(),
        onStep: (Int) throws -> Void = { _ in }
    ) throws -> Fit {
        let (n, channels) = (kernel.count, values.columnCount)
        precondition(n > 0 && values.rowCount == n, "\(n) known pixels need as many values, got \(values.rowCount).")
        let means = values.columnMeans()
        // Columns: y less its mean, 1, K(·, x) for each asked pixel.
        var right = Matrix<Double>(rowCount: n, columnCount: channels + 1 + explained.count)
        for i in 0..<n {
            for channel in 0..<channels { right[i, channel] = values[i, channel] - means[channel] }
            right[i, channels] = 1
            for (index, pixel) in explained.enumerated() { right[i, channels + 1 + index] = kernel.value(kernel.known[i], pixel) }
        }
        let solved = try solution(of: right, settings: settings, onStep: onStep)
        let inverse = solved.coefficients
        let ofOne = inverse.column(channels)
        let total = ofOne.reduce(0, +)
        var coefficients = Matrix<Double>(rowCount: n, columnCount: channels)
        var constants: [Double] = []
        var scales: [Double] = []
        for channel in 0..<channels {
            let column = inverse.column(channel)
            let constant = column.reduce(0, +) / total
            constants.append(constant + means[channel])
            var square = 0.0
            for i in 0..<n {
                coefficients[i, channel] = column[i] - constant * ofOne[i]
                square += coefficients[i, channel] * (right[i, channel] - constant)
            }
            let isConstant = (0..<n).allSatisfy { values[$0, channel] == values[0, channel] }
            scales.append(isConstant ? 0 : max(square, 0) / Double(max(n - 1, 1)))
        }
        var weights = Matrix<Double>(rowCount: n, columnCount: explained.count)
        for index in explained.indices {
            let column = inverse.column(channels + 1 + index)
            let missing = (1 - column.reduce(0, +)) / total
            for i in 0..<n { weights[i, index] = column[i] + missing * ofOne[i] }
        }
        var prediction = try kernel.prediction(from: coefficients)
        prediction.addToRows(constants)
        return Fit(
            prediction: prediction, constants: constants, scales: scales, weights: weights, iterationCount: solved.iterationCount,
            largestResidual: solved.largestResidual)
    }

    private func solution(
        of right: Matrix<Double>, settings: Settings, onStep: (Int) throws -> Void
    ) throws -> (coefficients: Matrix<Double>, iterationCount: Int, largestResidual: Double) {
        if kernel.count <= settings.directLimit {
            let cholesky = try KernelCholesky(kernel.matrix { try onStep(0) }, ridge: ridge, onStep: { _ in try onStep(0) })
            return (try cholesky.solve(right, onStep: { _ in try onStep(0) }), 0, 0)
        }
        let factor = try SparseInverseFactor(kernel, ridge: ridge, order: order) { try onStep(0) }
        let solver = ConjugateGradients(kernel, ridge: ridge, preconditioner: factor)
        let solution = try solver.solve(
            right, settings: .init(tolerance: settings.tolerance, iterationLimit: settings.iterationLimit), onStep: onStep)
        return (try solution.checked(), solution.iterationCount, solution.relativeResiduals.max() ?? 0)
    }

    /// Deviations of the values of pixels, in units of √scale: from the nearest known pixels alone, hence never below the exact ones.
    ///
    /// - Returns: One for each pixel; the root of the kernel's own variance where no known pixel is within reach.
    public func deviations(at pixels: [Int], onStep: (Int) throws -> Void = { _ in }) throws -> [Double] {
        let local = LocalPrediction(
            kernel: kernel, ridge: ridge, order: order,
            values: Matrix(rowCount: kernel.height * kernel.width, columnCount: 0), neighbourCount: LocalPrediction.defaultNeighbourCount)
        return zip(pixels, try local.results(at: pixels, onStep: onStep)).map { pixel, result in
            (result?.variance ?? kernel.value(pixel, pixel) + ridge).squareRoot()
        }
    }
}
