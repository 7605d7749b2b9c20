internal import EngramDynamics
public import EngramNumerics

/// A U-Net autoencoder: convolutions to coarser images and back, with skip connections where its shape has them; [RBU20] Fig. 10 and 11.
///
/// f(x) = c + s·g((x - c)/s), g the convolutions, c and s fixed numbers that bring pictures to a mean of 0 and a variance of 1. Rows of
/// batches are pictures in the order `[height, width, channels]`.
public struct UNet<Scalar: NumericScalar>: TrainableNetwork {
    /// Computes loss and gradients.
    public typealias Gradients = UNetGradients<Scalar>

    /// The convolutions in the order of `UNetShape.layerSizes`.
    public var layers: [DenseLayer<Scalar>]
    /// All but the weights.
    public let shape: UNetShape
    /// c.
    public var centre: Scalar = 0
    /// s.
    public var scale: Scalar = 1
    let graph: UNetGraph<Scalar>

    /// A network whose weights are all 0.
    public init(shape: UNetShape) {
        self.shape = shape
        layers = shape.layerSizes.map { DenseLayer(inputCount: $0.inputCount, outputCount: $0.outputCount) }
        graph = UNetGraph(shape)
    }

    /// Values of a picture.
    public var inputDimension: Int { shape.raster.count }
    /// Values of a picture.
    public var outputDimension: Int { shape.raster.count }

    /// Takes one step of `state`.
    public mutating func step(_ state: inout OptimizerState<Scalar>, gradients: [DenseLayer<Scalar>], learningRate: Double) {
        state.step(&layers, gradients: gradients, learningRate: learningRate)
    }

    /// Whether shape, weights and normalization are the same.
    public static func == (left: UNet, right: UNet) -> Bool {
        left.shape == right.shape && left.layers == right.layers && left.centre == right.centre && left.scale == right.scale
    }

    /// The same network in another precision, rounded to nearest.
    public func converted<Other: NumericScalar>(to type: Other.Type) -> UNet<Other> {
        var other = UNet<Other>(shape: shape)
        other.layers = layers.map { $0.converted(to: type) }
        (other.centre, other.scale) = (Other(centre), Other(scale))
        return other
    }

    /// f of each row of `batch`, shape `[n, d]`.
    public func outputs(of batch: Matrix<Scalar>) -> Matrix<Scalar> {
        inBlocks(of: batch) { rows in
            var pass = UNetPass(self, count: rows.rowCount)
            return denormalized(pass.evaluate(self, normalized(rows), needsDerivatives: false))
        }
    }

    /// `body` of blocks of rows, one below the other; blocks are divided among threads.
    func inBlocks(of batch: Matrix<Scalar>, _ body: @Sendable (Matrix<Scalar>) -> Matrix<Scalar>) -> Matrix<Scalar> {
        let count = batch.rowCount
        guard count > 0 else { return Matrix(rowCount: 0, columnCount: outputDimension) }
        return BLASLibrary.withOneThread { threadCount in
            let size = max(1, min(Self.longestBlock, (count + threadCount - 1) / threadCount))
            let blocks = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
            let parts = ParallelMap.results(of: blocks.count, threadCount: threadCount) { body(batch.rows(at: blocks[$0])) }
            return Matrix(rowCount: count, columnCount: parts[0].columnCount, elements: parts.flatMap(\.elements))
        }
    }

    /// Pictures whose images are held at once by each thread.
    static var longestBlock: Int { 16 }

    /// (x - c)/s.
    func normalized(_ batch: Matrix<Scalar>) -> Matrix<Scalar> {
        guard centre != 0 || scale != 1 else { return batch }
        var result = batch
        result.addToRows(Array(repeating: -centre, count: batch.columnCount))
        result.scale(by: 1 / scale)
        return result
    }

    /// c + s·z.
    func denormalized(_ batch: Matrix<Scalar>) -> Matrix<Scalar> {
        guard centre != 0 || scale != 1 else { return batch }
        var result = batch
        result.scale(by: scale)
        result.addToRows(Array(repeating: centre, count: batch.columnCount))
        return result
    }
}
