public import EngramNumerics

/// The CNTK of a convolutional network with every pair of pixels written out: for any prior and any upsampling, on small pictures.
///
/// d⁴ numbers; what `ConvolutionalKernel` computes by phase and displacement, computed without its structure.
public struct DenseConvolutionalKernel: Sendable {
    /// K, shape `[d², d²]`; pixel (i, j) has index i·d + j.
    public let matrix: Matrix<Double>
    /// d.
    public let side: Int

    /// Computes the kernel.
    ///
    /// - Parameters:
    ///   - network: Any.
    ///   - prior: E z z' of each pair of pixels of a channel, shape `[d², d²]`, symmetric and positive semidefinite; for given channels
    ///     Z_c the sum of Z_c Z_cᵀ.
    ///   - side: d, a multiple of the network's period.
    /// - Throws: `ConvolutionalKernelError.badSide`; `.badPrior`.
    /// - Complexity: O(d⁴) for each layer.
    public init(_ network: ConvolutionalNetwork, prior: Matrix<Double>, side: Int) throws(ConvolutionalKernelError) {
        guard side > 0, side % network.period == 0 else { throw .badSide(side: side, period: network.period) }
        guard prior.rowCount == side * side, prior.columnCount == side * side else {
            throw .badPrior(found: prior.elements.count, expected: side * side * side * side)
        }
        var d = side
        var covariance = prior
        var tangent: Matrix<Double>?
        for layer in network.layers {
            switch layer {
            case .convolution:
                let sum = Self.patchSum(covariance, side: d)
                tangent = tangent.map { Self.patchSum($0, side: d) } ?? sum
                covariance = sum
            case .activation:
                let before = covariance
                var kernel = tangent ?? before
                let variances = (0..<d * d).map { before[$0, $0] }
                let images = variances.map { network.activation.variance($0) }
                for i in 0..<d * d {
                    for j in 0..<d * d {
                        let moments = network.activation.moments(
                            of: PairCovariance(first: variances[i], second: variances[j], cross: before[i, j]),
                            firstVariance: images[i], secondVariance: images[j])
                        covariance[i, j] = network.gain / 9 * moments.image.cross
                        kernel[i, j] = covariance[i, j] + network.gain / 9 * moments.derivative * kernel[i, j]
                    }
                }
                tangent = kernel
            case .downsampling:
                let kept = (0..<d * d).filter { $0 / d % 2 == 0 && $0 % d % 2 == 0 }
                covariance = covariance.submatrix(rows: kept, columns: kept)
                tangent = tangent?.submatrix(rows: kept, columns: kept)
                d /= 2
            case .upsampling(let upsampling):
                let doubling = Self.doubling(upsampling, side: d)
                covariance = (doubling * covariance).multiplied(by: doubling, transposingOther: true)
                tangent = tangent.map { (doubling * $0).multiplied(by: doubling, transposingOther: true) }
                d *= 2
            }
        }
        matrix = tangent ?? covariance
        self.side = side
    }

    /// The prior of i.i.d. channels as a matrix.
    public static func matrix(of prior: PixelPrior, side: Int) -> Matrix<Double> {
        let count = side * side
        var result = Matrix<Double>(rowCount: count, columnCount: count, repeating: prior.different)
        for i in 0..<count { result[i, i] = prior.equal }
        return result
    }

    private static func patchSum(_ values: Matrix<Double>, side d: Int) -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: d * d, columnCount: d * d)
        for dr in -1...1 {
            for dc in -1...1 {
                let moved = (0..<d * d).map { ($0 / d + dr + d) % d * d + ($0 % d + dc + d) % d }
                result = result + values.submatrix(rows: moved, columns: moved)
            }
        }
        return result
    }

    /// A, shape `[4d², d²]`.
    private static func doubling(_ upsampling: ConvolutionalLayer.Upsampling, side d: Int) -> Matrix<Double> {
        var result = Matrix<Double>(rowCount: 4 * d * d, columnCount: d * d)
        for i in 0..<2 * d {
            for j in 0..<2 * d {
                for row in upsampling.taps(i, count: d) {
                    for column in upsampling.taps(j, count: d) {
                        result[i * 2 * d + j, row.pixel * d + column.pixel] += row.weight * column.weight
                    }
                }
            }
        }
        return result
    }
}
