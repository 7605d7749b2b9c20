/// Makes files that look whole by their first and last bytes.
package enum Sample {
    /// A PNG with its signature and its end.
    package static let png: [UInt8] =
        [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + Array(repeating: 7, count: 20) + [
            0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
        ]

    /// A WAV of `dataByteCount` bytes after the header, which promises as many or `promised`.
    package static func wav(dataByteCount: Int, promised: Int? = nil) -> [UInt8] {
        let size = UInt32(promised ?? 4 + dataByteCount)
        return Array("RIFF".utf8) + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } + Array("WAVE".utf8)
            + Array(repeating: 1, count: dataByteCount)
    }

    /// An IDX of unsigned bytes with sides below 256.
    package static func idx(_ shape: [UInt8], dataByteCount: Int) -> [UInt8] {
        [0, 0, 8, UInt8(shape.count)] + shape.flatMap { [0, 0, 0, $0] } + Array(repeating: 5, count: dataByteCount)
    }
}
