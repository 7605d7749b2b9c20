public import EngramDynamics
public import EngramNumerics

/// A recurrent network as it is stored, and the closed loop as the map.
///
/// Tensors: `state.I.weight` `[out, in]` and `state.I.bias` `[out]` for the layers of s, `output.I.weight` and `output.I.bias` for those of o,
/// all float32 and row-major; the first layer of s reads a token, one-hot, and then the state. With several units for a token also
/// `output.tokens` `[units]`, float32: the token of each unit of the last layer. Metadata: `activation`, `none` for linear layers.
public struct StoredRecurrentMap: StoredMap, Equatable {
    /// The weights.
    public let network: RecurrentNetwork<Float>

    /// The stored form of a network.
    public init(network: RecurrentNetwork<Float>) { self.network = network }

    /// `recurrent`.
    public static var familyName: String { "recurrent" }
    /// V + w.
    public var inputDimension: Int { network.vocabularySize + network.stateSize }
    /// V + w.
    public var outputDimension: Int { inputDimension }

    /// The closed loop in float64.
    public func iterable() -> any IterableMap { map }

    /// The closed loop in float64.
    public var map: ClosedLoopMap { ClosedLoopMap(network: network.converted(to: Double.self)) }

    /// Layers of s, width of the state, nonlinearity.
    public var facts: MapFacts {
        let layers = network.layers
        var properties = [
            "vocabulary": "\(network.vocabularySize)", "state": "\(network.stateSize)", "state layers": "\(network.stateLayerCount)",
            "output layers": "\(layers.count - network.stateLayerCount)",
        ]
        if let tokens = network.unitTokens { properties["output units"] = "\(tokens.count)" }
        return MapFacts(
            depth: network.stateLayerCount, width: network.stateSize, activation: network.activation?.rawValue ?? Self.linear,
            parameterCount: network.parameterCount + (network.unitTokens?.count ?? 0), properties: properties)
    }

    private static let linear = "none"

    /// Tensors and activation.
    public func safetensors() -> Safetensors {
        var tensors: [Safetensors.Tensor] = []
        for (index, layer) in network.layers.enumerated() {
            let name =
                index < network.stateLayerCount ? "state.\(index)" : "output.\(index - network.stateLayerCount)"
            tensors.append(.init(name: name + ".weight", matrix: layer.weights))
            tensors.append(.init(name: name + ".bias", vector: layer.biases))
        }
        if let tokens = network.unitTokens { tensors.append(.init(name: "output.tokens", vector: tokens.map(Float.init))) }
        return Safetensors(tensors: tensors, metadata: ["activation": network.activation?.rawValue ?? Self.linear])
    }

    /// The network of a file.
    /// - Throws: `SafetensorsError.unsupported` for an activation that is none; `.wrongTensor` for shapes that do not fit.
    public init(from file: Safetensors) throws(SafetensorsError) {
        let name = try file.entry("activation")
        let activation = Activation(rawValue: name)
        guard activation != nil || name == Self.linear else { throw .unsupported(entry: "activation", found: name) }
        let (state, output) = (try Self.layers("state", of: file), try Self.layers("output", of: file))
        let (width, inputs) = (state[state.count - 1].outputCount, state[0].inputCount)
        let units = output[output.count - 1].outputCount
        guard width >= 1, inputs > width else {
            throw .wrongTensor(name: "state.0.weight", reason: "\(inputs) inputs leave no token beside a state of \(width) values")
        }
        guard output[0].inputCount == width else {
            throw .wrongTensor(name: "output.0.weight", reason: "\(output[0].inputCount) inputs for a state of \(width) values")
        }
        guard let tokens = try Self.unitTokens(of: file, vocabularySize: inputs - width, unitCount: units) else {
            guard units == inputs - width else {
                throw .wrongTensor(
                    name: "output.\(output.count - 1).weight", reason: "\(units) outputs for a vocabulary of \(inputs - width)")
            }
            self.init(network: RecurrentNetwork(stateLayers: state, outputLayers: output, activation: activation))
            return
        }
        self.init(network: RecurrentNetwork(stateLayers: state, outputLayers: output, activation: activation, unitTokens: tokens))
    }

    /// The tokens of the last layer's units; nil where the file names none.
    private static func unitTokens(
        of file: Safetensors, vocabularySize: Int, unitCount: Int
    ) throws(SafetensorsError) -> [Int]? {
        guard file.tensors.contains(where: { $0.name == "output.tokens" }) else { return nil }
        let (values, _) = try file.float32("output.tokens", rank: 1)
        let tokens = values.compactMap { Int(exactly: $0) }.filter { (0..<vocabularySize).contains($0) }
        guard tokens.count == values.count, tokens.count == unitCount else {
            throw .wrongTensor(
                name: "output.tokens",
                reason: "\(tokens.count) of \(values.count) are tokens below \(vocabularySize), for \(unitCount) units")
        }
        return tokens
    }

    /// `NAME.0`, `NAME.1` and so on, at least one, each of which fits the one before.
    private static func layers(_ name: String, of file: Safetensors) throws(SafetensorsError) -> [DenseLayer<Float>] {
        var layers: [DenseLayer<Float>] = []
        while layers.isEmpty || file.tensors.contains(where: { $0.name == "\(name).\(layers.count).weight" }) {
            let prefix = "\(name).\(layers.count)"
            let (weights, shape) = try file.float32(prefix + ".weight", rank: 2)
            let (biases, _) = try file.float32(prefix + ".bias", rank: 1)
            guard shape[0] >= 1, shape[1] >= 1, biases.count == shape[0] else {
                throw .wrongTensor(name: prefix + ".bias", reason: "\(biases.count) entries for \(shape[0]) outputs of \(shape[1]) inputs")
            }
            if let before = layers.last, before.outputCount != shape[1] {
                throw .wrongTensor(name: prefix + ".weight", reason: "\(shape[1]) inputs after a layer of \(before.outputCount) outputs")
            }
            layers.append(DenseLayer(weights: Matrix(rowCount: shape[0], columnCount: shape[1], elements: weights), biases: biases))
        }
        return layers
    }
}
