internal import EngramDynamics
internal import EngramNetworks
internal import EngramNumerics

/// A fully connected network that was trained on the labels.
struct NetworkModel: LabelModel {
    static let kinds: [DropSettings.Predict.Model] = [.network]

    let network: FullyConnectedNetwork<Float>
    /// What it was before training; nil where it was read from a file.
    let initial: FullyConnectedNetwork<Float>?
    /// The mean squared error of each epoch.
    let losses: [Double]

    /// Trains a network.
    init(of rows: LearnableRows, settings: LabelTraining.Settings, onStep: () throws -> Void) throws {
        let training = try LabelTraining(
            examples: rows.rows, targets: rows.targets, settings: settings, onEpoch: { _ in try onStep() })
        (network, initial, losses) = (training.network, training.initial, training.losses)
    }

    init(from file: StoredModelFile) throws {
        let layers = file.tensors.tensors.filter { $0.name.hasPrefix("layers.") }
        let stored = try FullyConnectedNetwork<Float>(
            from: Safetensors(tensors: layers, metadata: ["activation": file.description.activation ?? "(none)"]))
        guard stored.inputDimension == file.description.encoding.width, stored.outputDimension == file.outputCount else {
            throw file.fault("a network of \(stored.inputDimension) values in and \(stored.outputDimension) out")
        }
        for layer in stored.layers where layer.weights.firstNonFiniteEntry != nil || !layer.biases.allSatisfy(\.isFinite) {
            throw file.fault("weights that are not finite")
        }
        (network, initial, losses) = (stored, nil, [])
    }

    func outputs(at rows: Matrix<Double>, onStep: (Int) throws -> Void) throws -> Matrix<Double> {
        try onStep(0)
        return network.outputs(of: rows.converted(to: Float.self)).converted(to: Double.self)
    }

    /// The values of the last hidden layer, in which the answer is linear.
    func geometry(of rows: Matrix<Double>) -> Matrix<Double> {
        network.hiddenFeatures(of: rows.converted(to: Float.self)).converted(to: Double.self)
    }

    var tensors: [Safetensors.Tensor] { network.safetensors().tensors }

    func describe(in description: inout StoredPredictor.Description) { description.activation = network.activation.rawValue }
}
