import Glibc

/// The C library's text for an error number.
func systemMessage(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    // XSI strerror_r writes into the buffer; the last byte stays 0, so the text always ends.
    let isWritten = buffer.withUnsafeMutableBufferPointer { strerrorText(number, into: $0) }
    guard isWritten else { return "unknown error" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func strerrorText(_ number: Int32, into buffer: UnsafeMutableBufferPointer<CChar>) -> Bool {
    guard let base = buffer.baseAddress else { return false }
    return strerror_r(number, base, buffer.count - 1) == 0
}

/// What the owner of a drop can do about an error number.
func systemRemedy(_ number: Int32) -> String {
    switch number {
    case EACCES, EPERM: "Give the service read permission (files 0644, folders 0755)."
    case ENOENT: "It was moved or deleted while being read; drop it again."
    case ENOMEM: "Free memory or raise the job's memory limit; it is tried again."
    case EMFILE, ENFILE: "Raise the limit of open files (ulimit -n); it is tried again."
    case ENAMETOOLONG: "Shorten the name."
    default: "Check the disk or mount; it is tried again."
    }
}

/// What a codec's failed allocation is reported as.
let outOfMemoryErrorNumber = ENOMEM
