import EngramDrops
import Foundation
import Glibc
import Synchronization

/// The process's own streams.
enum StandardStreams {
    /// The error number that results met on their way out; 0 where all of them were written.
    private static let lost = Atomic<Int32>(0)

    /// Why results are missing from standard output; nil where none are.
    static var lostResults: CommandFailure? {
        let code = lost.load(ordering: .relaxed)
        guard code != 0 else { return nil }
        return CommandFailure(
            .inputOutputError, code: "output", message: "standard output could not be written: \(SystemMessage.text(of: code)).",
            remedy: "write it to a place with room, and run the command again")
    }

    /// Writes a line of results to standard output.
    static func print(_ text: String) { printBytes(Array((text + "\n").utf8)) }

    /// Writes results to standard output as they are.
    static func printBytes(_ bytes: [UInt8]) {
        let code = write(bytes, to: STDOUT_FILENO)
        // A reader that has enough, such as `head`, misses nothing.
        if code != 0, code != EPIPE { lost.store(code, ordering: .relaxed) }
    }

    /// Writes a line for people to standard error.
    static func printError(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// Writes all of `bytes`; returns 0, or the error number that the rest met.
    @discardableResult
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    return errno
                }
            }
            return 0
        }
    }

    /// A display on standard error, so that standard output stays for results. It has no colours.
    /// - Parameter isQuiet: Nothing is shown.
    static func display(isQuiet: Bool = false) -> LiveDisplay {
        guard !isQuiet else {
            return LiveDisplay(output: .init(isTerminal: false, size: size) { _ in }, clock: SystemDropClock())
        }
        let isTerminal = isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
        let output = LiveDisplay.Output(isTerminal: isTerminal, size: size) { write($0, to: STDERR_FILENO) }
        return LiveDisplay(output: output, clock: SystemDropClock())
    }

    /// The window's size; 80 by 24 where nobody knows it.
    @Sendable private static func size() -> TerminalSize {
        var window = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return TerminalSize(columnCount: 80, rowCount: 24)
        }
        return TerminalSize(columnCount: Int(window.ws_col), rowCount: Int(window.ws_row))
    }
}
