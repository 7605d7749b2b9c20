import CEngramMedia

/// Codes to PNG bytes; the same codes give the same bytes.
enum PNGEncoder {
    /// - Parameters:
    ///   - codeBytes: As `DecodedImage.codeBytes` holds them, `format.dimension` codes.
    ///   - file: Named in errors.
    /// - Throws: `MediaError.notWritten` for a format that PNG does not have, or when libpng fails.
    static func encode(_ codeBytes: [UInt8], format: ImageFormat, file: String) throws(MediaError) -> [UInt8] {
        let depths = format.colorKind == .gray ? [1, 2, 4, 8, 16] : [8, 16]
        let sides = 1...Int(Int32.max)
        guard depths.contains(format.bitDepth), sides.contains(format.width), sides.contains(format.height) else {
            throw .notWritten(
                file: file, reason: "PNG has no \(format.bitDepth)-bit \(format.colorKind) of \(format.width) x \(format.height)")
        }
        let bytesPerCode = format.bitDepth == 16 ? 2 : 1
        precondition(codeBytes.count == format.dimension * bytesPerCode, "\(codeBytes.count) code bytes for \(format)")
        // Raw rows, zlib's worst growth (stored blocks, 5 bytes in 16 KiB), 12 bytes for each 8 KiB IDAT, and headers.
        let raw = codeBytes.count + format.height
        let capacity = raw + raw / 256 + 4096
        var message = messageBuffer()
        var status = ENGRAM_OK
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { output, initializedCount in
            status = codeBytes.withUnsafeBufferPointer {
                engram_png_encode($0.baseAddress, engram_png_layout(format), output.baseAddress, capacity, &initializedCount, &message)
            }
        }
        switch status {
        case ENGRAM_OK: return bytes
        case ENGRAM_OUT_OF_MEMORY: throw .system(path: file, call: "libpng", errorNumber: outOfMemoryErrorNumber)
        default: throw .notWritten(file: file, reason: "libpng: \(text(message))")
        }
    }

    /// Values in [0, 1] to the codes that `encode` takes.
    static func codeBytes(of values: some Collection<Float>, format: ImageFormat) throws(MediaError) -> [UInt8] {
        let codes = try Quantizer.unsigned(bitCount: format.bitDepth).codes(of: values)
        guard format.bitDepth == 16 else { return codes.map { UInt8(truncatingIfNeeded: $0) } }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * codes.count)
        for code in codes { bytes.appendBigEndian(UInt64(code), byteCount: 2) }
        return bytes
    }
}
