import Glibc
import Foundation

/// What a worker does to itself before it reads somebody else's file.
enum WorkerConfinement {
    /// New files are for their owner to write; no core file with a drop's contents in it; a closed pipe is an error, not a death.
    static func apply() {
        umask(0o022)
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        signal(SIGPIPE, SIG_IGN)
    }

    /// Ends the process when the reader of its standard output is gone: a daemon that was killed leaves no worker behind.
    ///
    /// The parent-death signal of Linux would be shorter, and wrong: it comes when the *thread* that started the worker ends, and a
    /// daemon's threads come and go.
    static func endWithReader(of descriptor: Int32, code: Int32) {
        let thread = Thread {
            var watched = pollfd(fd: descriptor, events: 0, revents: 0)
            while true {
                // An error condition is reported without being asked for: on a pipe, that nobody reads it any more.
                guard poll(&watched, 1, -1) >= 0 else {
                    if errno == EINTR { continue }
                    return
                }
                if watched.revents & Int16(POLLERR | POLLNVAL) != 0 { _exit(code) }
            }
        }
        thread.stackSize = 256 << 10
        thread.start()
    }
}
