/// The JSON header of a safetensors file: exactly the subset that the format allows.
///
/// A general JSON parser would bring Foundation into a library that keeps free of it, and would accept more than the format does.
struct SafetensorsHeader {
    struct Tensor {
        var dataType = ""
        var shape: [Int] = []
        var offsets: [Int] = []
    }

    private(set) var metadata: [String: String] = [:]
    private(set) var tensors: [String: Tensor] = [:]

    private let bytes: [UInt8]
    private var position = 0

    /// - Throws: `SafetensorsError.malformedHeader` with the byte offset within the header.
    init(parsing header: ArraySlice<UInt8>) throws(SafetensorsError) {
        bytes = Array(header)
        try parseObject { parser, key throws(SafetensorsError) in
            if key == "__metadata__" {
                try parser.parseObject { parser, key throws(SafetensorsError) in
                    parser.metadata[key] = try parser.parseString()
                }
            } else {
                var tensor = Tensor()
                try parser.parseObject { parser, key throws(SafetensorsError) in
                    switch key {
                    case "dtype": tensor.dataType = try parser.parseString()
                    case "shape": tensor.shape = try parser.parseIntegers()
                    case "data_offsets": tensor.offsets = try parser.parseIntegers()
                    default: throw parser.malformed("dtype, shape or data_offsets")
                    }
                }
                parser.tensors[key] = tensor
            }
        }
        skipSpace()
        guard position == bytes.count else { throw malformed("nothing after the closing brace") }
    }

    private func malformed(_ expectation: String) -> SafetensorsError {
        .malformedHeader(byteOffset: position, expectation: expectation)
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == character.asciiValue else { return false }
        position += 1
        return true
    }

    private mutating func parseObject(
        _ member: (inout SafetensorsHeader, String) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) {
        guard take("{") else { throw malformed("an opening brace") }
        if take("}") { return }
        repeat {
            let key = try parseString()
            guard take(":") else { throw malformed("a colon") }
            try member(&self, key)
        } while take(",")
        guard take("}") else { throw malformed("a comma or a closing brace") }
    }

    private mutating func parseIntegers() throws(SafetensorsError) -> [Int] {
        guard take("[") else { throw malformed("an opening bracket") }
        var values: [Int] = []
        if take("]") { return values }
        repeat {
            skipSpace()
            let start = position
            while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) { position += 1 }
            guard let value = Int(String(decoding: bytes[start..<position], as: UTF8.self)) else { throw malformed("an integer") }
            values.append(value)
        } while take(",")
        guard take("]") else { throw malformed("a comma or a closing bracket") }
        return values
    }

    private mutating func parseString() throws(SafetensorsError) -> String {
        guard take("\"") else { throw malformed("a string") }
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else { throw malformed("UTF-8 text") }
                return text
            case UInt8(ascii: "\\"): content += try parseEscape()
            case 0..<0x20: throw malformed("no control character within a string")
            default: content.append(byte)
            }
        }
        throw malformed("a closing quote")
    }

    private mutating func parseEscape() throws(SafetensorsError) -> [UInt8] {
        guard position < bytes.count else { throw malformed("an escape") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count,
                let code = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16),
                let scalar = Unicode.Scalar(code)
            else { throw malformed("four hexadecimal digits of a scalar outside the surrogates") }
            position += 4
            return Array(String(Character(scalar)).utf8)
        default: throw malformed("an escape that JSON knows")
        }
    }
}
