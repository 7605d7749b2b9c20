/// Whether the name without its extension ends in a digit.
func stemEndsInNumber(_ name: String) -> Bool {
    stem(of: name).utf8.last.map(isDigit) ?? false
}

/// The name without its last extension.
func stem(of name: String) -> Substring {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name[...] }
    return name[..<dot]
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
