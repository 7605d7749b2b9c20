import EngramDrops
import Glibc

/// A path as it was typed, in bytes: in `CommandLine.arguments`, and so in what a command gets, each byte that is not UTF-8 has become U+FFFD.
struct RawPath: Equatable {
    var bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Finds the bytes behind an argument.
    /// - Parameter typed: What the program was started with.
    init(argument: String, among typed: [[UInt8]] = RawPath.commandLine) {
        bytes = typed.first { String(decoding: $0, as: UTF8.self) == argument } ?? Array(argument.utf8)
    }

    static var commandLine: [[UInt8]] {
        (0..<Int(CommandLine.argc)).compactMap { index in
            CommandLine.unsafeArgv[index].map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        }
    }

    /// The path as the ledger and the commands spell it.
    var shown: String { Self.shown(bytes[...]) }

    /// The last part of the path.
    var lastPart: String { parts.last.map { FileSystem.display(Array($0)) } ?? shown }

    /// The folder that it lies in, its links resolved, in bytes; nil if there is no such folder.
    var resolvedParent: RawPath? {
        var trimmed = bytes[...]
        while trimmed.count > 1, trimmed.last == Self.slash { trimmed.removeLast() }
        let end = trimmed.lastIndex(of: Self.slash)
        let parent = end.map { $0 == 0 ? [Self.slash] : Array(trimmed[..<$0]) } ?? [UInt8(ascii: ".")]
        guard let resolved = realpath(parent.map { CChar(bitPattern: $0) } + [0], nil) else { return nil }
        defer { free(resolved) }
        return RawPath(bytes: Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved))))
    }

    private static let slash = UInt8(ascii: "/")

    private var parts: [ArraySlice<UInt8>] { bytes.split(separator: Self.slash) }

    /// Part by part, because the scanner spells names, not paths: a folder in UTF-8 keeps its letters above a name that is not.
    private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.split(separator: slash, omittingEmptySubsequences: false).map { FileSystem.display(Array($0)) }.joined(separator: "/")
    }
}
