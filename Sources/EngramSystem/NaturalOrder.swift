/// The order people expect of numbered names: `frame_2` before `frame_10`.
///
/// For the entries of the inbox and for the files within a drop.
package enum NaturalOrder {
    /// Whether `left` comes before `right`: runs of ASCII digits by their value, everything else by its bytes.
    ///
    /// Names that differ only in leading zeros are put in the order of their bytes, so that the order is total.
    package static func precedes(_ left: String, _ right: String) -> Bool {
        let (a, b) = (Array(left.utf8), Array(right.utf8))
        var (i, j) = (0, 0)
        while i < a.count, j < b.count {
            if isDigit(a[i]), isDigit(b[j]) {
                let (first, second) = (digits(in: a, from: &i), digits(in: b, from: &j))
                // Without leading zeros the longer number is the larger: no number can overflow this way.
                if first.count != second.count { return first.count < second.count }
                if !first.elementsEqual(second) { return first.lexicographicallyPrecedes(second) }
            } else {
                if a[i] != b[j] { return a[i] < b[j] }
                i += 1
                j += 1
            }
        }
        if a.count - i != b.count - j { return a.count - i < b.count - j }
        return a.lexicographicallyPrecedes(b)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    private static func digits(in bytes: [UInt8], from index: inout Int) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, isDigit(bytes[index]) { index += 1 }
        return bytes[start..<index].drop { $0 == 0x30 }
    }
}
