import CEngramMedia

/// CRC-32 as PNG and gzip use it.
func crc32(_ bytes: some Sequence<UInt8>, from start: UInt32 = 0) -> UInt32 {
    let fast = bytes.withContiguousStorageIfAvailable { engram_crc32(start, $0.baseAddress, $0.count) }
    return fast ?? Array(bytes).withUnsafeBufferPointer { engram_crc32(start, $0.baseAddress, $0.count) }
}

/// The text a C function left in its message buffer.
func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func messageBuffer() -> [CChar] { [CChar](repeating: 0, count: Int(ENGRAM_MESSAGE_SIZE)) }

/// gzip in memory, RFC 1952.
enum Gzip {
    /// No deflate stream can hold more than this many bytes for each byte of input.
    static let maxRatio = 1032

    struct Inflated {
        var bytes: [UInt8]
        /// False where the stream holds more than the capacity asked for.
        var isComplete: Bool
        /// Bytes behind the last member, which every program passes over.
        var trailingByteCount = 0
    }

    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.count >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B }

    /// Inflates all members, up to `capacity` bytes; CRC and length of each finished member are checked.
    static func inflate(_ input: [UInt8], capacity: Int, file: String) throws(MediaError) -> Inflated {
        var consumed = 0
        var produced = 0
        var message = messageBuffer()
        var status = ENGRAM_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { output, initializedCount in
            status = input.withUnsafeBufferPointer {
                engram_gunzip($0.baseAddress, $0.count, output.baseAddress, capacity, &consumed, &produced, &message)
            }
            initializedCount = produced
        }
        let place = MediaPlace(chunk: "gzip stream", byteOffset: consumed)
        switch status {
        case ENGRAM_OK: return Inflated(bytes: bytes, isComplete: true)
        case ENGRAM_OUTPUT_FULL: return Inflated(bytes: bytes, isComplete: false)
        case ENGRAM_OUT_OF_MEMORY: throw .system(path: file, call: "inflate", errorNumber: outOfMemoryErrorNumber)
        case ENGRAM_TRUNCATED:
            throw .malformed(
                file: file, place: place, expected: "more compressed bytes", found: "the end of the file", remedy: copyAgain)
        case ENGRAM_TRAILING: return Inflated(bytes: bytes, isComplete: true, trailingByteCount: input.count - consumed)
        default:
            throw .malformed(
                file: file, place: place, expected: "an intact deflate stream with the right CRC", found: text(message),
                remedy: copyAgain)
        }
    }

    /// One member without name and time: the same input gives the same bytes.
    static func deflate(_ input: [UInt8], file: String) throws(MediaError) -> [UInt8] {
        let capacity = engram_gzip_bound(input.count)
        var produced = 0
        var status = ENGRAM_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { output, initializedCount in
            status = input.withUnsafeBufferPointer {
                engram_gzip($0.baseAddress, $0.count, output.baseAddress, capacity, &produced)
            }
            initializedCount = produced
        }
        guard status == ENGRAM_OK else { throw .notWritten(file: file, reason: "zlib status \(status.rawValue)") }
        return bytes
    }
}
