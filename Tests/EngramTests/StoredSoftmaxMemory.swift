import Engram

/// A `SoftmaxMemory` as `network.safetensors` keeps it: the tensor `patterns`, shape `[n, d]`, float32, and β in the metadata.
struct StoredSoftmaxMemory: StoredMap {
    static let familyName = "softmax"

    let patterns: Matrix<Float>
    let inverseTemperature: Double

    init(patterns: Matrix<Float>, inverseTemperature: Double) {
        self.patterns = patterns
        self.inverseTemperature = inverseTemperature
    }

    init(from file: Safetensors) throws(SafetensorsError) {
        let (values, shape) = try file.float32("patterns", rank: 2)
        let text = try file.entry("inverse_temperature")
        guard let inverseTemperature = Double(text), inverseTemperature > 0 else {
            throw .unsupported(entry: "inverse_temperature", found: text)
        }
        guard shape[0] >= 1 else { throw .wrongTensor(name: "patterns", reason: "it has no rows") }
        self.init(
            patterns: Matrix(rowCount: shape[0], columnCount: shape[1], elements: values), inverseTemperature: inverseTemperature)
    }

    func safetensors() -> Safetensors {
        Safetensors(
            tensors: [Safetensors.Tensor(name: "patterns", matrix: patterns)],
            metadata: ["inverse_temperature": "\(inverseTemperature)"])
    }

    func iterable() -> any IterableMap {
        SoftmaxMemory(patterns: patterns.converted(to: Double.self), inverseTemperature: inverseTemperature)
    }

    var inputDimension: Int { patterns.columnCount }
    var outputDimension: Int { patterns.columnCount }
    var facts: MapFacts {
        MapFacts(parameterCount: patterns.elements.count, properties: ["inverse temperature": "\(inverseTemperature)"])
    }
}
