internal import Foundation

/// The parts of an address, each decoded by itself: a slash that is spelled out in one stays in it, and is refused there.
enum PathParts {
    /// The parts of `path` after `prefix`; nil where one of them cannot be a name.
    static func names(of path: String, after prefix: String) -> [String]? {
        guard path.hasPrefix(prefix) else { return nil }
        let raw = path.utf8.dropFirst(prefix.utf8.count).split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var names: [String] = []
        for part in raw {
            guard let name = decoded(String(decoding: part, as: UTF8.self)), isName(name) else { return nil }
            names.append(name)
        }
        return names
    }

    /// Whether a text can be one entry of a folder, and one that is not hidden.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && !name.hasPrefix(".") && name.utf8.count <= 255 && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
    }

    /// Without percent signs; nil where what they spell is not UTF-8.
    static func decoded(_ text: String) -> String? { text.removingPercentEncoding }

    /// A name as a part of an address.
    static func encoded(_ name: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return name.utf8.map { byte -> String in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }.joined()
    }

    /// The same for a path whose parts are divided by slashes.
    static func encodedPath(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { encoded(String($0)) }.joined(separator: "/")
    }
}
