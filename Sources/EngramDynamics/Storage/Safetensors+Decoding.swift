internal import EngramNumerics

/// Why a file is not a network of ours.
public enum SafetensorsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file ends before its header does, or tensors and data do not cover each other exactly.
    case truncated(expectedByteCount: Int, foundByteCount: Int)
    /// The header is not the JSON that the format asks for.
    case malformedHeader(byteOffset: Int, expectation: String)
    /// The metadata name another format or version.
    case foreignFormat(found: String)
    /// The metadata name something that is not known.
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
            "The network file says format '\(found)', this version reads '\(StoredMapFormat.name)'."
        case .unsupported(let entry, let found): "The network file says \(entry) '\(found)', which this version does not know."
        case .wrongTensor(let name, let reason): "The network file's tensor \(name) cannot be used: \(reason)."
        case .nonFinite(let tensor): "The network file's tensor \(tensor) holds a value that is not finite; the network has diverged."
        }
    }
}

extension Safetensors {
    /// Reads a file whose tensors are all float32 or float64, and finite.
    ///
    /// - Throws: `SafetensorsError.truncated`, `.malformedHeader`, `.wrongTensor`, `.nonFinite`.
    public init(decoding bytes: [UInt8]) throws(SafetensorsError) {
        let (header, dataStart) = try Self.header(of: bytes)
        let end = header.tensors.values.compactMap(\.offsets.last).max() ?? 0
        guard end == bytes.count - dataStart else {
            throw .truncated(expectedByteCount: Int(clamping: UInt64(dataStart) &+ UInt64(end)), foundByteCount: bytes.count)
        }
        var tensors: [(offset: Int, tensor: Tensor)] = []
        for (name, entry) in header.tensors {
            tensors.append((entry.offsets.first ?? 0, try Self.tensor(name, entry, data: bytes[dataStart...])))
        }
        tensors.sort { ($0.offset, $0.tensor.name) < ($1.offset, $1.tensor.name) }
        self.init(tensors: tensors.map(\.tensor), metadata: header.metadata)
    }

    /// The metadata alone, for which no tensor is read.
    ///
    /// - Throws: `SafetensorsError.truncated`, `.malformedHeader`.
    public static func metadata(of bytes: [UInt8]) throws(SafetensorsError) -> [String: String] { try header(of: bytes).header.metadata }

    private static func header(of bytes: [UInt8]) throws(SafetensorsError) -> (header: SafetensorsHeader, dataStart: Int) {
        guard bytes.count >= 8 else { throw .truncated(expectedByteCount: 8, foundByteCount: bytes.count) }
        let announced = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let headerCount = Int(exactly: announced), headerCount <= bytes.count - 8 else {
            throw .truncated(expectedByteCount: Int(clamping: announced &+ 8), foundByteCount: bytes.count)
        }
        return (try SafetensorsHeader(parsing: bytes[8..<8 + headerCount]), 8 + headerCount)
    }

    private static func tensor(
        _ name: String, _ entry: SafetensorsHeader.Tensor, data: ArraySlice<UInt8>
    ) throws(SafetensorsError) -> Tensor {
        guard entry.offsets.count == 2 else { throw .wrongTensor(name: name, reason: "\(entry.offsets.count) offsets, expected 2") }
        var count = 1
        for side in entry.shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: side)
            guard side > 0 && !overflow else { throw .wrongTensor(name: name, reason: "shape \(entry.shape)") }
            count = product
        }
        let (start, end) = (entry.offsets[0], entry.offsets[1])
        func requireBytes(each size: Int) throws(SafetensorsError) {
            guard start >= 0, end <= data.count, end >= start, (end - start) % size == 0, (end - start) / size == count else {
                throw .wrongTensor(name: name, reason: "bytes \(start) to \(end) for shape \(entry.shape)")
            }
        }
        func values<Value: LittleEndianValue>(_ type: Value.Type) throws(SafetensorsError) -> [Value] {
            try requireBytes(each: MemoryLayout<Value>.size)
            guard let values = type.finiteValues(in: data[data.startIndex + start..<data.startIndex + end]) else {
                throw .nonFinite(tensor: name)
            }
            return values
        }
        switch entry.dataType {
        case "F32": return Tensor(name: name, shape: entry.shape, values: .float32(try values(Float.self)))
        case "F64": return Tensor(name: name, shape: entry.shape, values: .float64(try values(Double.self)))
        default: throw .wrongTensor(name: name, reason: "type \(entry.dataType), expected F32 or F64")
        }
    }

    /// The tensor of that name and rank.
    /// - Throws: `SafetensorsError.wrongTensor`.
    private func tensor(_ name: String, rank: Int) throws(SafetensorsError) -> Tensor {
        guard let tensor = tensors.first(where: { $0.name == name }) else { throw .wrongTensor(name: name, reason: "it is missing") }
        guard tensor.shape.count == rank else {
            throw .wrongTensor(name: name, reason: "shape \(tensor.shape), expected rank \(rank)")
        }
        return tensor
    }

    /// A float32 tensor and its shape.
    /// - Throws: `SafetensorsError.wrongTensor` where it is missing, or of another type or rank.
    public func float32(_ name: String, rank: Int) throws(SafetensorsError) -> (values: [Float], shape: [Int]) {
        let tensor = try tensor(name, rank: rank)
        guard case .float32(let values) = tensor.values else {
            throw .wrongTensor(name: name, reason: "type \(tensor.values.typeName), expected F32")
        }
        return (values, tensor.shape)
    }

    /// A float64 tensor and its shape.
    /// - Throws: `SafetensorsError.wrongTensor` where it is missing, or of another type or rank.
    public func float64(_ name: String, rank: Int) throws(SafetensorsError) -> (values: [Double], shape: [Int]) {
        let tensor = try tensor(name, rank: rank)
        guard case .float64(let values) = tensor.values else {
            throw .wrongTensor(name: name, reason: "type \(tensor.values.typeName), expected F64")
        }
        return (values, tensor.shape)
    }

    /// A metadata entry.
    /// - Throws: `SafetensorsError.unsupported` where it is missing.
    public func entry(_ key: String) throws(SafetensorsError) -> String {
        guard let value = metadata[key] else { throw .unsupported(entry: key, found: "(none)") }
        return value
    }
}
