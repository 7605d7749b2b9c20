/// By which names a memory is asked for: its own, or that without its ending.
package enum MemoryName {
    /// A name without its ending, in lower case: `speech` of `Speech.wav`, `digits` of `digits-idx3-ubyte.gz`.
    package static func stem(of name: String) -> String {
        let lower = name.lowercased()
        // IDX files end in -idx3-ubyte, and then perhaps in .gz.
        if let mark = lower.firstRange(of: "-idx"), mark.lowerBound != lower.startIndex { return String(lower[..<mark.lowerBound]) }
        guard let dot = lower.lastIndex(of: "."), dot != lower.startIndex else { return lower }
        return String(lower[..<dot])
    }

    /// Whether a memory called `name` may be meant by `asked`.
    package static func isMeant(_ name: String, by asked: String) -> Bool {
        stem(of: name) == stem(of: asked) || name.lowercased() == asked.lowercased()
    }
}
