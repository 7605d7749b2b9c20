/// The order in which people number files: digit runs by value, the rest by byte, so `frame_2` before `frame_10`.
///
/// `EngramDrops` has the same rule for the entries of the inbox. It stands twice because neither module may know the other, and twenty
/// lines are no reason for a third below both; one table, `natural-order.txt`, tests the two.
func isNaturallyBefore(_ first: String, _ second: String) -> Bool {
    let a = Array(first.utf8)
    let b = Array(second.utf8)
    var i = 0
    var j = 0
    while i < a.count, j < b.count {
        if isDigit(a[i]), isDigit(b[j]) {
            let x = digitRun(a, &i)
            let y = digitRun(b, &j)
            // Without leading zeros the longer run is the larger number, whatever its length.
            if x.count != y.count { return x.count < y.count }
            if x != y { return x.lexicographicallyPrecedes(y) }
        } else {
            if a[i] != b[j] { return a[i] < b[j] }
            i += 1
            j += 1
        }
    }
    if a.count - i != b.count - j { return a.count - i < b.count - j }
    // Equal but for leading zeros: bytes decide, so that the order is total.
    return a.lexicographicallyPrecedes(b)
}

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

private func digitRun(_ bytes: [UInt8], _ index: inout Int) -> ArraySlice<UInt8> {
    let start = index
    while index < bytes.count, isDigit(bytes[index]) { index += 1 }
    let run = bytes[start..<index]
    return run.drop { $0 == 0x30 }
}
