import EngramDynamics
import EngramNetworks
import EngramNumerics
import Testing

@Suite struct UNetTrainingTests {
    /// Six random pictures of 8×8 entries.
    private static let pictures: Matrix<Float> = {
        var generator = CounterBasedGenerator(seed: 2)
        return Matrix(rowCount: 6, columnCount: 64, elements: generator.uniforms(count: 6 * 64))
    }()

    private static func training(_ upsampling: UNetShape.Upsampling = .subpixel, seed: UInt64 = 1) -> UNetTraining {
        let levels: [UNetShape.Level] = [
            .init(channelCount: 8, stride: 4, kernelSize: 7, decoderChannelCount: 1),
            .init(channelCount: 16, stride: 2, kernelSize: 3, decoderChannelCount: 12),
        ]
        return UNetTraining(
            samples: pictures,
            settings: .init(
                shape: UNetShape(
                    raster: Raster(height: 8, width: 8), levels: levels, upsampling: upsampling, hasSkips: false, activation: .selu),
                learningRate: 3e-3, maximumNoise: 1, seed: seed))
    }

    /// 24 patches of cells, and 109 weights to an output.
    @Test func theClosedFormFitsEveryPictureToRounding() throws {
        var training = Self.training()
        try training.trainRound(epochs: 20) { _ in .proceed }
        let outputs = try training.storedMap().iterable().outputs(of: Self.pictures.converted(to: Double.self))
        let worst = zip(outputs.elements, Self.pictures.elements).map { abs($0 - Double($1)) }.max() ?? 1
        // Float32 weights: a hundred products of numbers of order 1, each rounded by 6e-8.
        #expect(worst < 1e-5)
    }

    /// It is the smallest among those that fit exactly: with more weight on an example its Jacobian shrinks.
    @Test func moreWeightOnAnExampleContractsThere() throws {
        var training = Self.training()
        try training.trainRound(epochs: 20) { _ in .proceed }
        func norm(_ weights: [Double]) throws -> Double {
            let network = try training.storedNetwork(exampleWeights: weights) { _ in }.converted(to: Double.self)
            return network.linearized(at: Self.pictures.converted(to: Double.self)).jacobian(at: 2).squaredFrobeniusNorm
        }
        #expect(try norm([1, 1, 1e4, 1, 1, 1]) < 0.9 * norm([1, 1, 1, 1, 1, 1]))
    }

    @Test func aResumedTrainingGivesTheSameBytes() throws {
        var whole = Self.training()
        try whole.trainRound(epochs: 6) { _ in .proceed }
        var first = Self.training()
        try first.trainRound(epochs: 6) { $0.epoch == 3 ? .pause : .proceed }
        let saved = try #require(first.encodeCheckpoint())
        var second = Self.training()
        try second.restore(saved[...])
        #expect(second.epochCount == 3 && second.hasOpenRound)
        try second.continueRound { _ in .proceed }
        #expect(second.parameters == whole.parameters)
        var other = Self.training(seed: 9)
        #expect(throws: CheckpointError.otherRun(what: "training settings")) { try other.restore(saved[...]) }
    }

    /// Nothing is solved after nearest and bilinear upsampling: noise goes to nothing so that the last epochs fit what they can.
    @Test(arguments: [UNetShape.Upsampling.nearest, .bilinear])
    func withoutAClosedFormTheLossGoesDown(_ upsampling: UNetShape.Upsampling) throws {
        var training = Self.training(upsampling)
        var losses: [Double] = []
        try training.trainRound(epochs: 150) {
            losses.append($0.loss)
            return .proceed
        }
        let last = try #require(losses.last)
        #expect(last < 0.6 * losses[0], "\(last) after \(losses[0])")
    }
}
