import CAllocationCounter
import EngramDynamics
import EngramNumerics
import Testing

@testable import EngramNetworks

@Suite struct AllocationTests {
    private static let isCounted = engram_allocation_count() != .max

    @Test(.enabled(if: isCounted)) func theCounterSeesAnAllocation() {
        let before = engram_allocation_count()
        let values = [Double](repeating: 1, count: 1000)
        #expect(engram_allocation_count() > before)
        #expect(values.count == 1000)
    }

    @Test(
        .enabled(if: isCounted),
        arguments: [Optimizer.gradientDescent, .momentum(0.9, weightDecay: 1e-4), .rmsProp(), .adam()], [nil, 20] as [Int?])
    func noEpochAfterTheFirstAllocates(optimizer: Optimizer, batchSize: Int?) throws {
        var generator = SplitMix64(seed: 1)
        // Every product, that of the last ten samples too, takes above a million multiplications: for fewer, OpenBLAS has kernels for
        // AVX-512 that take memory of their own.
        let dimension = 400
        let samples = Matrix<Float>(
            rowCount: 30, columnCount: dimension, elements: (0..<30 * dimension).map { _ in Float(generator.nextNormal()) })
        var network = FullyConnectedNetwork<Float>(widths: [dimension, 420, 410, dimension], activation: .selu)
        Initializer.neuralTangent(biasScale: 0.1).initialize(&network, using: &generator)
        var trainer = EpochTrainer(
            network: network, samples: samples, targets: samples, maximumNoise: 0.5, optimizer: optimizer,
            parametrization: .neuralTangent(biasScale: 0.1), batchSize: batchSize, seed: 2)
        // Until every buffer has its own memory: copies of the network share theirs until one is written.
        _ = try trainer.runEpoch(learningRate: 1e-3)
        let before = engram_allocation_count()
        for _ in 0..<20 { _ = try trainer.runEpoch(learningRate: 1e-3) }
        #expect(engram_allocation_count() - before == 0, "in 20 epochs")
    }

    @Test(.enabled(if: isCounted)) func copiesDamagedAsCuesAreRenewedWithoutAllocating() {
        var generator = CounterBasedGenerator(seed: 1)
        let samples = Matrix<Float>(rowCount: 30, columnCount: 12, elements: generator.uniforms(count: 360))
        let noise = CueNoise(range: 0...1, maximumFraction: 0.5, maximumArea: 0.5, raster: Raster(height: 3, width: 4))
        var copies = CueCopies(
            of: samples, noise: noise, encoder: .identity(12), offset: Array(repeating: 0, count: 12), using: &generator)
        let before = engram_allocation_count()
        for _ in 0..<20 { copies.renew(using: &generator) }
        #expect(engram_allocation_count() - before == 0, "in 20 renewals")
    }
}
