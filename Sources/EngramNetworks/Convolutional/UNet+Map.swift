public import EngramDynamics
public import EngramNumerics

extension UNet: DifferentiableMap, IterableMap where Scalar == Double {
    /// Those of the convolutions.
    public var operationCount: Double {
        graph.units.reduce(0) { $0 + $1.convolution.input.operationCount * Double($1.convolution.channelCount) }
    }

    /// The slopes of the hidden units at each row of `points`.
    public func linearized(at points: Matrix<Double>) -> any MapLinearization { UNetLinearization(network: self, points: points) }

    /// The whole space: a convolution that reads every pixel may give any picture.
    public func imageSubspace() throws(NumericsError) -> AffineSubspace { .whole(dimension: outputDimension) }

    /// The network itself.
    ///
    /// - Throws: `NumericsError.nonFinite` for diverged weights.
    public func imageRestriction(proposedBasis: Matrix<Double>?) throws(NumericsError) -> ImageRestriction {
        for layer in layers { try layer.weights.requireFinite(in: "Restriction to the image") }
        return ImageRestriction(map: self, subspace: try imageSubspace())
    }

    /// The outputs.
    public func imageCoordinates(of batch: Matrix<Double>, in restriction: ImageRestriction) -> Matrix<Double> { outputs(of: batch) }

    /// As `linearized(at:)`.
    public func imageLinearization(at points: Matrix<Double>, in restriction: ImageRestriction) -> any MapLinearization {
        linearized(at: points)
    }

    /// The Jacobians as they are.
    public func jacobianCore(in restriction: ImageRestriction) throws(NumericsError) -> any JacobianCore { UNetJacobianCore(network: self) }
}

/// Jacobians in the coordinates of pictures, which are orthonormal.
private struct UNetJacobianCore: JacobianCore {
    let network: UNet<Double>
    var readsItsImage: Bool { true }
    var inputDimension: Int { network.inputDimension }
    var outputDimension: Int { network.outputDimension }
    func linearized(at points: Matrix<Double>) -> any MapLinearization { network.linearized(at: points) }
}

/// The Jacobians of a U-Net at points where the slopes of its hidden units are known.
struct UNetLinearization: MapLinearization {
    private let network: UNet<Double>
    /// φ' of every hidden image, a row for each point.
    private let derivatives: [Matrix<Double>]
    private let imageSizes: [(rows: Int, columns: Int)]

    init(network: UNet<Double>, points: Matrix<Double>) {
        self.network = network
        var pass = UNetPass(network, count: points.rowCount)
        _ = pass.evaluate(network, network.normalized(points), needsDerivatives: true)
        let count = max(points.rowCount, 1)
        imageSizes = pass.derivatives.map { ($0.rowCount / count, $0.columnCount) }
        derivatives = pass.derivatives.map {
            Matrix(rowCount: points.rowCount, columnCount: $0.elements.count / count, elements: $0.elements)
        }
    }

    // c + s·g((x - c)/s) has the Jacobian of g.

    func pushForward(rows tangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        inBlocks(of: tangents, points) { pass, rows in pass.pushForward(network, rows) }
    }

    func pullBack(rows cotangents: Matrix<Double>, at points: [Int]) -> Matrix<Double> {
        inBlocks(of: cotangents, points) { pass, rows in pass.pullBack(network, rows) }
    }

    func jacobian(at point: Int) -> Matrix<Double> {
        pushForward(.identity(network.inputDimension), at: point)
    }

    private func inBlocks(
        of rows: Matrix<Double>, _ points: [Int], _ body: @Sendable (inout UNetPass<Double>, Matrix<Double>) -> Matrix<Double>
    ) -> Matrix<Double> {
        let count = rows.rowCount
        guard count > 0 else { return Matrix(rowCount: 0, columnCount: network.outputDimension) }
        return BLASLibrary.withOneThread { threadCount in
            let size = max(1, min(UNet<Double>.longestBlock, (count + threadCount - 1) / threadCount))
            let blocks = stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
            let parts = ParallelMap.results(of: blocks.count, threadCount: threadCount) { index in
                var pass = UNetPass(network, count: blocks[index].count)
                pass.setDerivatives(
                    zip(derivatives, imageSizes).map { derivative, size in
                        let taken = derivative.rows(at: points[blocks[index]])
                        return Matrix(rowCount: taken.rowCount * size.rows, columnCount: size.columns, elements: taken.elements)
                    })
                return body(&pass, rows.rows(at: blocks[index]))
            }
            return Matrix(rowCount: count, columnCount: network.outputDimension, elements: parts.flatMap(\.elements))
        }
    }
}
