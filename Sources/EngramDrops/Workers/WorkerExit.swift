internal import Glibc

/// How a worker ended.
package enum WorkerExit: Equatable, Sendable, CustomStringConvertible {
    /// By itself, with a code.
    case exited(code: Int32)
    /// By a signal.
    case signalled(number: Int32)
    /// Nobody saw how: it was not the child of the daemon that waited for it, and it left no record.
    case unseen

    /// EX_TEMPFAIL of sysexits.h: a worker ends with it when another attempt may do better.
    package static let temporaryFailureCode: Int32 = 75
    /// EX_OSERR: a worker ends with it when it may have no more memory.
    package static let outOfMemoryCode: Int32 = 71

    /// The text for people.
    package var description: String {
        switch self {
        case .exited(let code): "the worker ended with exit code \(code)"
        case .signalled(let number): "the worker was ended by \(Self.name(of: number))"
        case .unseen: "the worker ended while it was not this daemon's child, and wrote down no exit code"
        }
    }

    private static func name(of signal: Int32) -> String {
        let names = [
            SIGKILL: "SIGKILL", SIGTERM: "SIGTERM", SIGINT: "SIGINT", SIGHUP: "SIGHUP", SIGSEGV: "SIGSEGV", SIGABRT: "SIGABRT",
            SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGTRAP: "SIGTRAP", SIGFPE: "SIGFPE", SIGXCPU: "SIGXCPU", SIGXFSZ: "SIGXFSZ",
            SIGSYS: "SIGSYS",
        ]
        return names[signal] ?? "signal \(signal)"
    }
}
