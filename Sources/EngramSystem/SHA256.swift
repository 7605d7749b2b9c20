internal import Crypto

/// SHA-256 (NIST FIPS 180-4) of a stream of bytes, as hexadecimal text.
package struct SHA256: Sendable {
    private var hasher = Crypto.SHA256()

    /// Creates the hash of nothing.
    package init() {}

    /// Adds `bytes` to the message.
    package mutating func update(_ bytes: some Sequence<UInt8>) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { update(buffer: UnsafeRawBufferPointer($0)) }
        if done == nil { Array(bytes).withUnsafeBytes { update(buffer: $0) } }
    }

    /// Adds the bytes of a buffer to the message.
    mutating func update(buffer: UnsafeRawBufferPointer) { hasher.update(bufferPointer: buffer) }

    /// Returns the 64 hexadecimal digits of the message's hash.
    package consuming func finalized() -> String {
        hasher.finalize().map { Stamp.hex(UInt64($0), digits: 2) }.joined()
    }

    /// Returns the hexadecimal hash of one message.
    package static func hash(_ bytes: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finalized()
    }
}
