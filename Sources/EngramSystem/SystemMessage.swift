internal import Glibc

/// The C library's texts.
package enum SystemMessage {
    /// What an error number means, such as "Permission denied".
    package static func text(of number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        // XSI strerror_r writes into the buffer; the last byte stays 0, so the text always ends.
        guard strerror_r(number, &buffer, buffer.count - 1) == 0 else { return "errno \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
