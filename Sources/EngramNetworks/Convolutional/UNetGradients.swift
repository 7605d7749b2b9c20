public import EngramNumerics
internal import Synchronization

/// Loss and gradients of a U-Net on a batch: the mean over all entries of (f(x) - y)², [RBU20] Eq. (2).
///
/// The batch is divided among threads, each of which takes its pictures through the whole network and back. Their gradients are added in
/// a fixed order, so the same thread count gives the same bytes.
public struct UNetGradients<Scalar: NumericScalar>: LossGradients {
    /// ∂loss/∂W and ∂loss/∂b of each convolution, as of the last call.
    public private(set) var gradients: [DenseLayer<Scalar>]
    /// One for each thread; made at the first call.
    private var workers: [Worker] = []

    /// Buffers of one thread. They are scratch: copies of this value may share them, and the lock keeps them apart.
    private final class Worker: Sendable {
        struct State: Sendable {
            var pass: UNetPass<Scalar>?
            var gradients: [DenseLayer<Scalar>]
        }
        let state: Mutex<State>
        init(_ gradients: [DenseLayer<Scalar>]) { state = Mutex(State(pass: nil, gradients: gradients)) }
    }

    /// Buffers for batches through networks shaped like `network`.
    public init(network: UNet<Scalar>, sampleCount: Int) {
        gradients = network.layers.map { DenseLayer(inputCount: $0.inputCount, outputCount: $0.outputCount) }
    }

    /// Computes loss and gradients at the network's present parameters.
    ///
    /// - Parameters:
    ///   - network: Of the shape that the buffers were made for, with c = 0 and s = 1.
    ///   - inputs: Shape `[n, d]`.
    ///   - targets: Shape `[n, d]`.
    /// - Returns: The loss.
    public mutating func evaluate(_ network: UNet<Scalar>, inputs: Matrix<Scalar>, targets: Matrix<Scalar>) -> Double {
        precondition(
            inputs.rowCount == targets.rowCount && network.centre == 0 && network.scale == 1,
            "\(inputs.rowCount) inputs do not fit \(targets.rowCount) targets, or the network is not in its own coordinates.")
        let entryCount = Double(targets.rowCount * targets.columnCount)
        guard entryCount > 0 else { return 0 }
        return BLASLibrary.withOneThread { threadCount in
            let size = (inputs.rowCount + threadCount - 1) / threadCount
            let blocks = stride(from: 0, to: inputs.rowCount, by: size).map { $0..<min($0 + size, inputs.rowCount) }
            while workers.count < blocks.count { workers.append(Worker(gradients)) }
            let workers = workers
            let sums = ParallelMap.results(of: blocks.count, threadCount: threadCount) { index in
                workers[index].state.withLock { state in
                    Self.evaluate(
                        &state, network, inputs: inputs.rows(at: blocks[index]), targets: targets.rows(at: blocks[index]),
                        scale: Scalar(2 / entryCount))
                }
            }
            collect(workers.prefix(blocks.count))
            return sums.reduce(0, +) / entryCount
        }
    }

    private static func evaluate(
        _ state: inout sending Worker.State, _ network: UNet<Scalar>, inputs: Matrix<Scalar>, targets: Matrix<Scalar>, scale: Scalar
    ) -> Double {
        if state.pass?.count != inputs.rowCount { state.pass = UNetPass(network, count: inputs.rowCount) }
        for index in state.gradients.indices {
            state.gradients[index].weights.setToZero()
            for place in state.gradients[index].biases.indices { state.gradients[index].biases[place] = 0 }
        }
        guard var residual = state.pass?.evaluate(network, inputs, needsDerivatives: true) else { return 0 }
        let sum = residual.setToScaledResidual(against: targets, scale: scale)
        state.pass?.addGradients(network, residual, to: &state.gradients)
        return sum
    }

    /// The sum of the workers' gradients.
    private mutating func collect(_ workers: ArraySlice<Worker>) {
        for (place, worker) in workers.enumerated() {
            worker.state.withLock { state in
                for index in gradients.indices {
                    if place == 0 {
                        gradients[index].weights.copyElements(from: state.gradients[index].weights)
                        gradients[index].biases = state.gradients[index].biases
                    } else {
                        gradients[index].weights.add(state.gradients[index].weights)
                        for entry in gradients[index].biases.indices {
                            gradients[index].biases[entry] += state.gradients[index].biases[entry]
                        }
                    }
                }
            }
        }
    }
}
