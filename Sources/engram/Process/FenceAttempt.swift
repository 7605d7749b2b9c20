import EngramDrops
import Glibc

/// Something that a worker can do, or must not be able to. Documentation/Security.md has them all, with what a kernel answered.
struct FenceAttempt: Sendable {
    /// Where the attempts are made.
    struct Places {
        /// A file that may be read.
        var input: String
        /// A folder that may be written.
        var output: String
        /// A folder that may be neither, with a file `secret` in it.
        var outside: String

        var secret: String { outside + "/secret" }
    }

    /// In one word.
    let name: String
    /// For people.
    let text: String
    /// Returns 0, or the error number that was met.
    let make: @Sendable (Places) -> Int32

    init(_ name: String, _ text: String, _ make: @escaping @Sendable (Places) -> Int32) {
        self.name = name
        self.text = text
        self.make = make
    }

    /// In the order in which they are made: the last ones change what is outside.
    static let all: [FenceAttempt] = files + facts + others + memory + outside

    private static let files = [
        FenceAttempt("read-own-status", "read /proc/self/status") { _ in opening("/proc/self/status", O_RDONLY) },
        FenceAttempt("read-input", "read the drop") { opening($0.input, O_RDONLY) },
        FenceAttempt("write-input", "write to the drop") { opening($0.input, O_WRONLY) },
        FenceAttempt("write-output", "write a file of the result") { opening($0.output + "/new", O_WRONLY | O_CREAT) },
        FenceAttempt("rename-in-output", "rename it") { code(rename($0.output + "/new", $0.output + "/newer")) },
        FenceAttempt("remove-in-output", "remove it") { code(unlink($0.output + "/newer")) },
        FenceAttempt("read-outside", "read another file") { opening($0.secret, O_RDONLY) },
        FenceAttempt("write-outside", "write to another file") { opening($0.secret, O_WRONLY) },
        FenceAttempt("make-outside", "make a file elsewhere") { opening($0.outside + "/new", O_WRONLY | O_CREAT) },
        FenceAttempt("list-outside", "list another folder") { opening($0.outside, O_RDONLY | O_DIRECTORY) },
        FenceAttempt("read-passwd", "read /etc/passwd") { _ in opening("/etc/passwd", O_RDONLY) },
        FenceAttempt("list-root", "list /") { _ in opening("/", O_RDONLY | O_DIRECTORY) },
        FenceAttempt("read-parent-environment", "read the daemon's environment") { _ in opening("/proc/\(getppid())/environ", O_RDONLY) },
        FenceAttempt("list-processes", "list /proc") { _ in opening("/proc", O_RDONLY | O_DIRECTORY) },
        FenceAttempt("link-outside", "link another file into the result") { code(link($0.secret, $0.output + "/link")) },
        FenceAttempt("symlink-in-output", "make a symbolic link") { code(symlink("/etc", $0.output + "/symlink")) },
        FenceAttempt("pipe-in-output", "make a pipe with a name") { code(mkfifo($0.output + "/fifo", 0o600)) },
    ]

    private static let facts = [
        FenceAttempt("mode-outside", "change the mode of a file by its name") { code(chmod($0.secret, 0o600)) },
        FenceAttempt("mode-input", "change the mode of a file that it may read") { places in
            with(places.input) { code(fchmod($0, 0o4755)) }
        },
        FenceAttempt("owner-input", "change its owner") { places in with(places.input) { code(fchown($0, getuid(), getgid())) } },
        FenceAttempt("times-input", "change its times") { places in with(places.input) { code(futimens($0, nil)) } },
    ]

    private static let others = [
        FenceAttempt("watch-outside", "watch another folder for changes") { places in
            let watch = inotify_init1(Int32(IN_CLOEXEC))
            guard watch >= 0 else { return errno }
            defer { close(watch) }
            return code(inotify_add_watch(watch, places.outside, UInt32(IN_CREATE)))
        },
        FenceAttempt("socket-internet", "open a socket of the internet") { _ in
            keeping(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        },
        FenceAttempt("socket-local", "open a local socket") { _ in keeping(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) },
        FenceAttempt("spawn", "start a program") { _ in spawning("/bin/true") },
        FenceAttempt("signal-parent", "send the daemon a signal") { _ in code(kill(getppid(), 0)) },
        FenceAttempt("signal-self", "send itself a signal") { _ in code(kill(getpid(), 0)) },
        FenceAttempt("owner-of-signals", "let the kernel send the daemon signals") { _ in
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { return errno }
            defer { for end in ends { close(end) } }
            return code(fcntl(ends[0], F_SETOWN, getppid()))
        },
        FenceAttempt("scheduling-of-parent", "change how the daemon is scheduled") { _ in
            // SCHED_OTHER, which it has: a policy of 0 with a priority of 0.
            withUnsafeBytes(of: Int32(0)) { priority in
                CallFilter.error(ofCallNamed: "sched_setscheduler", arguments: [Int(getppid()), 0, Int(bitPattern: priority.baseAddress)])
            }
        },
        FenceAttempt("priority-of-parent", "change the daemon's priority") { _ in
            code(setpriority(Int32(PRIO_PROCESS.rawValue), id_t(getppid()), 0))
        },
        FenceAttempt("raise-limit", "change its own limits") { _ in
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            return code(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit))
        },
    ]

    private static let memory = [
        FenceAttempt("shared-memory", "map memory that others may share") { _ in mapping(MAP_SHARED | MAP_ANONYMOUS) },
        FenceAttempt("growing-memory", "map memory that grows down") { _ in mapping(MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN) },
        FenceAttempt("private-memory", "map memory of its own") { _ in mapping(MAP_PRIVATE | MAP_ANONYMOUS) },
        FenceAttempt("memory-file", "make a file in memory") { _ in
            "probe".withCString { CallFilter.error(ofCallNamed: "memfd_create", arguments: [Int(bitPattern: $0)]) }
        },
    ]

    private static let outside = [
        FenceAttempt("shorten-outside", "shorten another file") { code(truncate($0.secret, 0)) },
        FenceAttempt("remove-outside", "remove another file") { code(unlink($0.secret)) },
    ]

    // MARK: Calls

    static func opening(_ path: String, _ flags: Int32) -> Int32 { keeping(open(path, flags | O_CLOEXEC, 0o600)) }

    private static func code(_ result: Int32) -> Int32 { result < 0 ? errno : 0 }

    private static func keeping(_ descriptor: Int32) -> Int32 {
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    private static func with(_ path: String, _ body: (Int32) -> Int32) -> Int32 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return body(descriptor)
    }

    private static func mapping(_ flags: Int32) -> Int32 {
        let place = mmap(nil, 4096, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard place != MAP_FAILED else { return errno }
        munmap(place, 4096)
        return 0
    }

    private static func spawning(_ program: String) -> Int32 {
        var child = pid_t()
        var arguments = [strdup(program), nil]
        defer { free(arguments[0]) }
        let code = posix_spawn(&child, program, nil, nil, &arguments, environ)
        if code == 0 { waitpid(child, nil, 0) }
        return code
    }
}
