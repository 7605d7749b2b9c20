public import EngramDynamics
public import EngramNumerics

/// Tensors are `layers.I.weight` `[out, in]` and `layers.I.bias` `[out]`, float32, row-major, from the input layer on; metadata have the
/// `activation`. f(x) = W_L φ(… φ(W_1 x + b_1) …) + b_L.
extension FullyConnectedNetwork: StoredMap where Scalar == Float {
    /// `fully-connected`.
    public static var familyName: String { "fully-connected" }

    /// The network of a file.
    /// - Throws: `SafetensorsError.unsupported`, `.wrongTensor`.
    public init(from file: Safetensors) throws(SafetensorsError) {
        let activationName = file.metadata["activation"] ?? "(none)"
        guard let activation = Activation(rawValue: activationName) else {
            throw .unsupported(entry: "activation", found: activationName)
        }
        let layerCount = file.tensors.count / 2
        guard layerCount > 0 else { throw .wrongTensor(name: "layers.0.weight", reason: "it is missing") }
        var layers: [DenseLayer<Float>] = []
        for index in 0..<layerCount {
            let (weights, weightShape) = try file.float32("layers.\(index).weight", rank: 2)
            let (biases, _) = try file.float32("layers.\(index).bias", rank: 1)
            guard biases.count == weightShape[0] else {
                throw .wrongTensor(name: "layers.\(index).bias", reason: "\(biases.count) entries for \(weightShape[0]) outputs")
            }
            if let before = layers.last, before.outputCount != weightShape[1] {
                throw .wrongTensor(
                    name: "layers.\(index).weight", reason: "\(weightShape[1]) inputs after a layer of \(before.outputCount) outputs")
            }
            layers.append(
                DenseLayer(
                    weights: Matrix(rowCount: weightShape[0], columnCount: weightShape[1], elements: weights), biases: biases))
        }
        self.init(layers: layers, activation: activation)
    }

    /// The layers' tensors and the activation.
    public func safetensors() -> Safetensors {
        Safetensors(
            tensors: layers.enumerated().flatMap { index, layer in
                [
                    Safetensors.Tensor(name: "layers.\(index).weight", matrix: layer.weights),
                    Safetensors.Tensor(name: "layers.\(index).bias", vector: layer.biases),
                ]
            }, metadata: ["activation": activation.rawValue])
    }

    /// The same weights in float64.
    public func iterable() -> any IterableMap { converted(to: Double.self) }

    /// Depth, width and nonlinearity.
    public var facts: MapFacts {
        MapFacts(depth: depth, width: width, activation: activation.rawValue, parameterCount: parameterCount)
    }
}
