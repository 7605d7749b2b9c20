extension FileAccess {
    /// Reads a file of /proc, which has no size and gives a page at a time; nil where there is none.
    package func readKernelFile(_ path: String) -> [UInt8]? {
        var text: [UInt8] = []
        while text.count < 16 << 20 {
            guard let part = try? read(path, from: Int64(text.count), count: 4096) else { return text.isEmpty ? nil : text }
            if part.isEmpty { break }
            text += part
        }
        return text
    }
}
