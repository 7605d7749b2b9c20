public import EngramNumerics

/// Why a file is not a network of ours.
public enum SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file ends before its header does, or tensors and data do not cover each other exactly.
    case truncated(expectedByteCount: Int, foundByteCount: Int)
    /// The header is not the JSON that the format asks for.
    case malformedHeader(byteOffset: Int, expectation: String)
    /// The metadata name another format or version.
    case foreignFormat(found: String)
    /// The metadata name an activation or family that is not known.
    case unsupported(entry: String, found: String)
    /// A tensor is missing, or its type, shape or place is not the one it must have.
    case wrongTensor(name: String, reason: String)
    /// A weight is NaN or infinite.
    case nonFinite(tensor: String)

    /// What was expected, what was found, and what to do.
    public var description: String {
        switch self {
        case .truncated(let expected, let found):
            "The network file promises \(expected) bytes and has \(found); it was cut short or added to, restore it from a copy."
        case .malformedHeader(let byteOffset, let expectation):
            "The network file's header is damaged at byte \(8 + byteOffset): expected \(expectation)."
        case .foreignFormat(let found):
            "The network file says format '\(found)', this version reads '\(Safetensors.formatName)'."
        case .unsupported(let entry, let found): "The network file says \(entry) '\(found)', which this version does not know."
        case .wrongTensor(let name, let reason): "The network file's tensor \(name) cannot be used: \(reason)."
        case .nonFinite(let tensor): "The network file's tensor \(tensor) holds a value that is not finite; the network has diverged."
        }
    }
}

extension Safetensors {
    /// The network and metadata of a file that `encode` wrote.
    /// - Throws: `SafetensorsError`, case by case.
    public static func decode(
        _ bytes: [UInt8]
    ) throws(SafetensorsError) -> (network: FullyConnectedNetwork<Float>, metadata: [String: String]) {
        guard bytes.count >= 8 else { throw .truncated(expectedByteCount: 8, foundByteCount: bytes.count) }
        let announced = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let headerCount = Int(exactly: announced), headerCount <= bytes.count - 8 else {
            throw .truncated(expectedByteCount: Int(clamping: announced &+ 8), foundByteCount: bytes.count)
        }
        let header = try SafetensorsHeader(parsing: bytes[8..<8 + headerCount])
        let format = header.metadata["format"] ?? "(none)"
        guard format == formatName else { throw .foreignFormat(found: format) }
        let family = header.metadata["family"] ?? "(none)"
        guard family == "fully-connected" else { throw .unsupported(entry: "family", found: family) }
        let activationName = header.metadata["activation"] ?? "(none)"
        guard let activation = Activation(rawValue: activationName) else {
            throw .unsupported(entry: "activation", found: activationName)
        }
        let dataStart = 8 + headerCount
        let end = header.tensors.values.compactMap(\.offsets.last).max() ?? 0
        guard end == bytes.count - dataStart else {
            throw .truncated(expectedByteCount: Int(clamping: UInt64(dataStart) &+ UInt64(end)), foundByteCount: bytes.count)
        }
        return (try network(from: header, data: bytes[dataStart...], activation: activation), header.metadata)
    }

    private static func network(
        from header: SafetensorsHeader, data: ArraySlice<UInt8>, activation: Activation
    ) throws(SafetensorsError) -> FullyConnectedNetwork<Float> {
        let layerCount = header.tensors.count / 2
        guard layerCount > 0 else { throw .wrongTensor(name: "layers.0.weight", reason: "it is missing") }
        var layers: [DenseLayer<Float>] = []
        for index in 0..<layerCount {
            let (weights, weightShape) = try values(of: "layers.\(index).weight", rank: 2, in: header, data: data)
            let (biases, _) = try values(of: "layers.\(index).bias", rank: 1, in: header, data: data)
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
        return FullyConnectedNetwork(layers: layers, activation: activation)
    }

    private static func values(
        of name: String, rank: Int, in header: SafetensorsHeader, data: ArraySlice<UInt8>
    ) throws(SafetensorsError) -> (values: [Float], shape: [Int]) {
        guard let tensor = header.tensors[name] else { throw .wrongTensor(name: name, reason: "it is missing") }
        guard tensor.dataType == "F32" else { throw .wrongTensor(name: name, reason: "type \(tensor.dataType), expected F32") }
        guard tensor.shape.count == rank, tensor.offsets.count == 2 else {
            throw .wrongTensor(name: name, reason: "shape \(tensor.shape), expected rank \(rank)")
        }
        var count = 1
        for side in tensor.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: side)
            guard side > 0 && !overflow else { throw .wrongTensor(name: name, reason: "shape \(tensor.shape)") }
            count = product
        }
        let (start, end) = (tensor.offsets[0], tensor.offsets[1])
        guard start >= 0, end <= data.count, end >= start, (end - start) % 4 == 0, (end - start) / 4 == count else {
            throw .wrongTensor(name: name, reason: "bytes \(start) to \(end) for shape \(tensor.shape)")
        }
        var values: [Float] = []
        values.reserveCapacity(count)
        let base = data.startIndex + start
        for index in 0..<count {
            let at = base + 4 * index
            let pattern = UInt32(data[at]) | UInt32(data[at + 1]) << 8 | UInt32(data[at + 2]) << 16 | UInt32(data[at + 3]) << 24
            let value = Float(bitPattern: pattern)
            guard value.isFinite else { throw .nonFinite(tensor: name) }
            values.append(value)
        }
        return (values, tensor.shape)
    }
}
