import Glibc
import Synchronization
import UnixSignals

/// The wish of a user, a terminal or a service manager that the command should end.
final class Interruption: Sendable {
    private let first = Atomic<Int32>(0)

    /// Whether the command was asked to end.
    var isRequested: Bool { signal != nil }

    /// The first signal that asked for it.
    var signal: Int32? {
        let number = first.load(ordering: .relaxed)
        return number == 0 ? nil : number
    }

    /// Listens until the task is cancelled. Signals that come after this call has begun are not lost.
    /// - Parameters:
    ///   - reload: What SIGHUP means to a daemon; nil: it asks for the end, as the others do. So it does where it says that the terminal is
    ///     gone.
    ///   - handle: Told how many signals that ask for the end have come, counting this one.
    func listen(
        reload: (@Sendable () async -> Void)? = nil, _ handle: @escaping @Sendable (_ count: Int) async -> Void
    ) async -> Task<Void, Never> {
        // What the starter had ignored stays ignored: nohup(1) does that with SIGHUP, a shell with SIGINT for what runs behind it. A daemon
        // that reloads loses nothing by hearing it.
        let wanted = [UnixSignal.sigterm, .sigint, .sighup].filter { signal in
            !Self.isIgnored(signal.rawValue) || (signal == .sighup && reload != nil)
        }
        let hadTerminal = isatty(STDERR_FILENO) == 1
        let signals = await UnixSignalsSequence(trapping: wanted)
        return Task {
            var count = 0
            for await signal in signals {
                if signal == .sighup, let reload, !hadTerminal || isatty(STDERR_FILENO) == 1 {
                    await reload()
                    continue
                }
                count += 1
                _ = first.compareExchange(expected: 0, desired: signal.rawValue, ordering: .relaxed)
                await handle(count)
            }
        }
    }

    private static func isIgnored(_ signal: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(signal, nil, &action) == 0 else { return false }
        // SIG_IGN is the address 1, which is no function that Swift could compare.
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
    }

    /// Ends the process by `signal` itself, as if it had not been caught: a shell that runs a list of commands then stops too.
    static func endProcess(by signal: Int32) -> Never {
        Glibc.signal(signal, SIG_DFL)
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, signal)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
        raise(signal)
        // The code a shell would show.
        exit(128 + signal)
    }
}
