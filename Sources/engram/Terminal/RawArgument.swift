import EngramDrops
import Glibc

/// Arguments as they came: Swift puts U+FFFD for bytes that are not UTF-8, and a path of such bytes would be another path.
enum RawArgument {
    /// The text by which the ledger knows what an argument names: names that are not UTF-8 as `FileSystem.display` writes them.
    /// - Parameters:
    ///   - argument: As Swift read it.
    ///   - all: The bytes of the arguments of this process.
    static func display(_ argument: String, among all: [[UInt8]] = commandLine) -> String {
        guard argument.unicodeScalars.contains("\u{FFFD}"), !all.contains(Array(argument.utf8)),
            let raw = all.first(where: { String(decoding: $0, as: UTF8.self) == argument })
        else { return argument }
        return raw.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { FileSystem.display(Array($0)) }
            .joined(separator: "/")
    }

    /// The arguments of this process.
    private static var commandLine: [[UInt8]] {
        (0..<Int(CommandLine.argc)).compactMap { index in
            CommandLine.unsafeArgv[index].map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        }
    }
}
