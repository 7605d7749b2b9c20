public import EngramNumerics

/// Networks as safetensors files: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
///
/// Tensors are `layers.I.weight` `[out, in]` and `layers.I.bias` `[out]`, float32, row-major, from the input layer on. Metadata:
/// `format` = `engram-network/1`, `family` = `fully-connected`, `activation`, and whatever the caller adds. The file alone is the
/// network: f(x) = W_L φ(… φ(W_1 x + b_1) …) + b_L.
public enum Safetensors {
    /// The value of `format` in files of this version.
    public static let formatName = "engram-network/1"

    /// The bytes of a file that holds `network`; the same network and metadata give the same bytes.
    /// - Parameter metadata: Further text entries; keys are written in order of their name.
    public static func encode(_ network: FullyConnectedNetwork<Float>, metadata: [String: String] = [:]) -> [UInt8] {
        var entries = metadata
        entries["format"] = formatName
        entries["family"] = "fully-connected"
        entries["activation"] = network.activation.rawValue
        let metadataText = entries.sorted { $0.key < $1.key }
            .map { "\(jsonString($0.key)):\(jsonString($0.value))" }.joined(separator: ",")
        var header = "{\"__metadata__\":{\(metadataText)}"
        var offset = 0
        for (index, layer) in network.layers.enumerated() {
            let tensors = [
                ("weight", "[\(layer.outputCount),\(layer.inputCount)]", layer.weights.elements.count),
                ("bias", "[\(layer.outputCount)]", layer.biases.count),
            ]
            for (name, shape, count) in tensors {
                let end = offset + 4 * count
                header += ",\"layers.\(index).\(name)\":{\"dtype\":\"F32\",\"shape\":\(shape),\"data_offsets\":[\(offset),\(end)]}"
                offset = end
            }
        }
        header += "}"
        var headerBytes = Array(header.utf8)
        // The format asks for tensor data on an 8-byte boundary, padded by spaces.
        while headerBytes.count % 8 != 0 { headerBytes.append(UInt8(ascii: " ")) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + headerBytes.count + offset)
        withUnsafeBytes(of: UInt64(headerBytes.count).littleEndian) { bytes.append(contentsOf: $0) }
        bytes += headerBytes
        for layer in network.layers {
            appendLittleEndian(layer.weights.elements, to: &bytes)
            appendLittleEndian(layer.biases, to: &bytes)
        }
        return bytes
    }

    private static func appendLittleEndian(_ values: [Float], to bytes: inout [UInt8]) {
        for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
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
