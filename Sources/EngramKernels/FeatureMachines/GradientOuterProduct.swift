public import EngramNumerics

/// The average gradient outer product of a kernel machine: (1/n) Σ_i Σ_c ∇f_c(x_i) ∇f_c(x_i)ᵀ over its own examples.
///
/// With f_c(x) = Σ_j α_jc k(x, x_j) and a radial kernel, ∇f_c(x_i) = M Σ_j α_jc a_ij (x_j - x_i), where a_ij is what `KernelGradients` has
/// along differences; the own term j = i is 0. So it takes one product of a block of (a_ij) with (α_jc x_j, α_jc) for each output, and no
/// gradient of shape [n, c, d] is held. Source: [R23] section 5.2, Algorithm 1.
public struct GradientOuterProduct: Sendable, Equatable {
    /// Σ_i Σ_c ∇f_c(x_i) ∇f_c(x_i)ᵀ, or its diagonal; shape `[d, d]`.
    public let sum: Matrix<Double>
    /// n.
    public let exampleCount: Int

    /// Which part of it is used.
    public struct Settings: Sendable, Equatable {
        /// Only the diagonal: weights of columns.
        public var isDiagonal: Bool
        /// The mean gradient of each output is subtracted first.
        public var isCentered: Bool

        /// - Parameters:
        ///   - isDiagonal: Default false.
        ///   - isCentered: Default false, as published.
        public init(isDiagonal: Bool = false, isCentered: Bool = false) {
            self.isDiagonal = isDiagonal
            self.isCentered = isCentered
        }
    }

    /// Rows of one block of a_ij: at n = 50,000 it holds 200 MB with its distances.
    private static let largestBlock = 1 << 23
    /// Columns of (α_jc x_j, α_jc) that are held at once.
    private static let largestWidth = 1024

    /// Sums over the examples.
    ///
    /// - Parameters:
    ///   - kernel: k.
    ///   - points: x, shape `[n, d]`.
    ///   - coefficients: α, shape `[n, c]`.
    ///   - settings: Which part.
    ///   - onStep: Called with the number of examples that are done. What it throws ends the computation.
    /// - Complexity: n² kernel values, 2·n²·(d + 1)·c + n·d²·c operations.
    public init(
        of kernel: some RadialKernel, points: Matrix<Double>, coefficients: Matrix<Double>, settings: Settings = Settings(),
        onStep: (Int) throws -> Void = { _ in }
    ) throws {
        precondition(
            points.rowCount == coefficients.rowCount, "\(points.rowCount) points do not have \(coefficients.rowCount) coefficients.")
        let (n, d, c) = (points.rowCount, points.columnCount, coefficients.columnCount)
        // Differences x_j - x_i do not change, and lose less when they are taken from products.
        var shifted = points
        shifted.addToRows(points.columnMeans(), scaledBy: -1)
        var sum = Matrix<Double>(rowCount: d, columnCount: d)
        // Of gradients: their means so far, and how far the means of a block are from them.
        var means = Matrix<Double>(rowCount: c, columnCount: d)
        var shifts = Matrix<Double>(rowCount: c, columnCount: d)
        let blockCount = max(16, min(n, Self.largestBlock / max(n, 1)))
        let group = max(1, Self.largestWidth / (d + 1))
        for start in stride(from: 0, to: n, by: blockCount) {
            try onStep(start)
            let rows = start..<min(start + blockCount, n)
            let block = shifted.rows(at: rows)
            var slopes = kernel.gradients(at: block, centers: shifted).alongDifferences
            let near = Self.takeNearPairs(from: &slopes, firstRow: start)
            for first in stride(from: 0, to: c, by: group) {
                let outputs = first..<min(first + group, c)
                let products = slopes * Self.weighted(shifted, coefficients, outputs)
                for output in outputs {
                    var gradients = Self.gradients(products, block, position: output - first)
                    for pair in near {
                        let factor = pair.slope * coefficients[pair.center, output]
                        for k in 0..<d { gradients[pair.row, k] += factor * (shifted[pair.center, k] - block[pair.row, k]) }
                    }
                    if settings.isCentered {
                        let mean = gradients.columnMeans()
                        gradients.addToRows(mean, scaledBy: -1)
                        let share = Double(rows.count) / Double(rows.upperBound)
                        let weight = (Double(start) * share).squareRoot()
                        for k in 0..<d {
                            let shift = mean[k] - means[output, k]
                            shifts[output, k] = weight * shift
                            means[output, k] += share * shift
                        }
                    }
                    Self.add(gradients, to: &sum, isDiagonal: settings.isDiagonal)
                }
            }
            // Squares about the means of blocks, and of those about each other: nothing is subtracted from the sum.
            if settings.isCentered { Self.add(shifts, to: &sum, isDiagonal: settings.isDiagonal) }
        }
        if let metric = kernel.metric?.matrix {
            // A diagonal metric keeps a diagonal sum diagonal.
            sum = metric * sum * metric
        }
        // Of products that are equal up to rounding.
        self.sum = 0.5 * (sum + sum.transposed())
        exampleCount = n
    }

    /// A pair whose difference must be taken before it is multiplied.
    private struct NearPair {
        let row: Int
        let center: Int
        let slope: Double
    }

    /// A slope of so many times the row's median belongs to a pair that is that much nearer than others: a sum of products would lose as much.
    private static let nearRatio = 1e6

    /// Sets the slopes of near pairs to 0 and returns them, but for those of a point with itself: by rounding of its coordinates in the metric
    /// a point can have a distance from itself.
    private static func takeNearPairs(from slopes: inout Matrix<Double>, firstRow: Int) -> [NearPair] {
        let width = slopes.columnCount
        for row in 0..<slopes.rowCount { slopes[row, firstRow + row] = 0 }
        var pairs: [NearPair] = []
        let entries = slopes.elements
        for row in 0..<slopes.rowCount {
            // The median of a few: repeated points must not set their own limit.
            let range = row * width..<(row + 1) * width
            let sample = stride(from: range.lowerBound, to: range.upperBound, by: max(1, width / 9)).map { entries[$0] }.sorted()
            let limit = nearRatio * sample[sample.count / 2]
            guard limit > 0 else { continue }
            for index in range where entries[index] > limit {
                pairs.append(NearPair(row: row, center: index - range.lowerBound, slope: entries[index]))
            }
        }
        for pair in pairs { slopes[pair.row, pair.center] = 0 }
        return pairs
    }

    /// (α_jc x_j, α_jc) for these outputs side by side, shape `[n, outputs·(d + 1)]`.
    private static func weighted(_ points: Matrix<Double>, _ coefficients: Matrix<Double>, _ outputs: Range<Int>) -> Matrix<Double> {
        let (d, c) = (points.columnCount, coefficients.columnCount)
        let (x, alpha) = (points.elements, coefficients.elements)
        return Matrix(rowCount: points.rowCount, columnCount: outputs.count * (d + 1)) { j, target in
            for (position, output) in outputs.enumerated() {
                let weight = alpha[j * c + output]
                let base = position * (d + 1)
                for k in 0..<d { target[base + k] = weight * x[j * d + k] }
                target[base + d] = weight
            }
        }
    }

    /// Σ_j α_jc a_ij (x_j - x_i) for one output, shape `[rows, d]`.
    private static func gradients(_ products: Matrix<Double>, _ block: Matrix<Double>, position: Int) -> Matrix<Double> {
        let (d, width) = (block.columnCount, products.columnCount)
        let (source, x) = (products.elements, block.elements)
        return Matrix(rowCount: block.rowCount, columnCount: d) { i, target in
            let base = i * width + position * (d + 1)
            let weight = source[base + d]
            for k in 0..<d { target[k] = source[base + k] - weight * x[i * d + k] }
        }
    }

    private static func add(_ gradients: Matrix<Double>, to sum: inout Matrix<Double>, isDiagonal: Bool) {
        if isDiagonal {
            for (k, square) in gradients.columnDots(with: gradients).enumerated() { sum[k, k] += square }
        } else {
            sum.setToProduct(gradients, gradients, transposingFirst: true, scaledBy: 1, adding: 1)
        }
    }
}
