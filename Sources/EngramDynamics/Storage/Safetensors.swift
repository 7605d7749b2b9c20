public import EngramNumerics

/// A safetensors file: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
///
/// It knows tensors and metadata, and nothing of the maps that are stored in it; see `StoredMap`.
public struct Safetensors: Sendable, Equatable {
    /// The entries of a tensor, row-major.
    public enum Values: Sendable, Equatable {
        /// `F32`.
        case float32([Float])
        /// `F64`.
        case float64([Double])

        /// As the header names the type.
        var typeName: String {
            switch self {
            case .float32: "F32"
            case .float64: "F64"
            }
        }

        var count: Int {
            switch self {
            case .float32(let values): values.count
            case .float64(let values): values.count
            }
        }

        var byteCount: Int {
            switch self {
            case .float32(let values): 4 * values.count
            case .float64(let values): 8 * values.count
            }
        }
    }

    /// One named array.
    public struct Tensor: Sendable, Equatable {
        /// Unique in its file.
        public let name: String
        /// Length of each axis; their product is the number of entries.
        public let shape: [Int]
        /// Row-major.
        public let values: Values

        /// A tensor whose shape fits its values.
        public init(name: String, shape: [Int], values: Values) {
            precondition(shape.reduce(1, *) == values.count, "\(values.count) entries do not fill a tensor of shape \(shape).")
            self.name = name
            self.shape = shape
            self.values = values
        }

        /// A float32 tensor of rank 2.
        public init(name: String, matrix: Matrix<Float>) {
            self.init(name: name, shape: [matrix.rowCount, matrix.columnCount], values: .float32(matrix.elements))
        }

        /// A float64 tensor of rank 2.
        public init(name: String, matrix: Matrix<Double>) {
            self.init(name: name, shape: [matrix.rowCount, matrix.columnCount], values: .float64(matrix.elements))
        }

        /// A float32 tensor of rank 1.
        public init(name: String, vector: [Float]) { self.init(name: name, shape: [vector.count], values: .float32(vector)) }
        /// A float64 tensor of rank 1.
        public init(name: String, vector: [Double]) { self.init(name: name, shape: [vector.count], values: .float64(vector)) }
    }

    /// In the order of their bytes.
    public var tensors: [Tensor]
    /// Text entries.
    public var metadata: [String: String]

    /// A file from its content.
    public init(tensors: [Tensor], metadata: [String: String]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// The bytes of the file; the same content gives the same bytes. Metadata are written in order of their keys.
    public func encoded() -> [UInt8] {
        let metadataText = metadata.sorted { $0.key < $1.key }
            .map { "\(Self.jsonString($0.key)):\(Self.jsonString($0.value))" }.joined(separator: ",")
        var header = "{\"__metadata__\":{\(metadataText)}"
        var offset = 0
        for tensor in tensors {
            let end = offset + tensor.values.byteCount
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            header += ",\(Self.jsonString(tensor.name)):{\"dtype\":\"\(tensor.values.typeName)\",\"shape\":[\(shape)],"
            header += "\"data_offsets\":[\(offset),\(end)]}"
            offset = end
        }
        header += "}"
        var headerBytes = Array(header.utf8)
        // The format asks for tensor data on an 8-byte boundary, padded by spaces.
        while headerBytes.count % 8 != 0 { headerBytes.append(UInt8(ascii: " ")) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + headerBytes.count + offset)
        withUnsafeBytes(of: UInt64(headerBytes.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += headerBytes
        for tensor in tensors {
            switch tensor.values {
            case .float32(let values):
                for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
            case .float64(let values):
                for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
            }
        }
        return bytes
    }

    private static func jsonString(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
