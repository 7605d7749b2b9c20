import EngramDrops
import Foundation
import Glibc

/// The process's own streams.
enum StandardStreams {
    /// Writes a line of results to standard output.
    static func print(_ text: String) { write(Array((text + "\n").utf8), to: STDOUT_FILENO) }

    /// Writes a line for people to standard error.
    static func printError(_ text: String) { write(Array((text + "\n").utf8), to: STDERR_FILENO) }

    /// Writes all of `bytes`; what cannot be written is lost, since there is nobody left to tell.
    static func write(_ bytes: [UInt8], to descriptor: Int32) {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    /// A display on standard error, so that standard output stays for results.
    static func display() -> LiveDisplay {
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
