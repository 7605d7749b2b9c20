import ArgumentParser
import EngramDrops
import EngramPipeline
import Foundation
import Glibc

/// `engram probe`: tries, confined as a worker is, what a worker can and what it must not be able to do. For tests, and for who wants to
/// know what the fence is worth on a machine.
struct ProbeCommand: AsyncParsableCommand, ConfinedCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "What a worker's confinement allows on this machine; not for people in a hurry.",
        discussion: """
            Prints one line for each attempt: its name and 0, or the number of the error that it met. Nothing is harmed: files are made
            and removed only in the folders that are named.

            Example:
              engram probe --sandbox=auto --input=a-file --output=a-folder --outside=another-folder
            """,
        shouldDisplay: false)

    @Option(help: "A file that may be read.") var input: String
    @Option(help: "A folder that may be written.") var output: String
    @Option(help: "A folder that may be neither, with a file `secret` in it.") var outside: String
    @Option(help: "A system call to make with arguments of zero; may be repeated.") var call: [Int] = []
    @Option(help: "Take memory, processor time, files or a long file until something gives: memory, cpu, files, file.") var exhaust: String?
    @OptionGroup var confinement: ConfinementOptions

    func confine() throws {
        try WorkerConfinement(limits: confinement.limits, threadCount: 2, readable: [input], writable: [output]).enter()
    }

    func run() async throws {
        if let exhaust { return try await ComputeThread.run { [output] in try Self.exhaust(exhaust, in: output) } }
        var lines = attempts().map { "\($0.name) \($0.code)" }
        // A thread of the pool that was there before the system calls were taken away, and one that starts now.
        let secret = outside + "/secret"
        lines.append("read-outside-task \(await Task.detached { Self.opening(secret, O_RDONLY) }.value)")
        lines.append("read-outside-thread \(try await ComputeThread.run { Self.opening(secret, O_RDONLY) })")
        lines += ["shorten-outside \(Self.code(truncate(secret, 0)))", "remove-outside \(Self.code(unlink(secret)))"]
        lines += call.map { "call-\($0) \(Confinement.errorOfCall($0))" }
        StandardStreams.print(lines.joined(separator: "\n"))
    }

    private func attempts() -> [(name: String, code: Int32)] {
        let secret = outside + "/secret"
        var limit = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
        return [
            ("read-own-status", Self.opening("/proc/self/status", O_RDONLY)), ("read-input", Self.opening(input, O_RDONLY)),
            ("write-input", Self.opening(input, O_WRONLY)),
            ("write-output", Self.opening(output + "/new", O_WRONLY | O_CREAT)),
            ("rename-in-output", Self.code(rename(output + "/new", output + "/newer"))),
            ("remove-in-output", Self.code(unlink(output + "/newer"))),
            ("read-outside", Self.opening(secret, O_RDONLY)), ("write-outside", Self.opening(secret, O_WRONLY)),
            ("make-outside", Self.opening(outside + "/new", O_WRONLY | O_CREAT)), ("mode-outside", Self.code(chmod(secret, 0o600))),
            ("list-outside", Self.opening(outside, O_RDONLY | O_DIRECTORY)), ("link-outside", Self.code(link(secret, output + "/link"))),
            ("read-passwd", Self.opening("/etc/passwd", O_RDONLY)), ("list-root", Self.opening("/", O_RDONLY | O_DIRECTORY)),
            ("read-parent-environment", Self.opening("/proc/\(getppid())/environ", O_RDONLY)),
            ("list-processes", Self.opening("/proc", O_RDONLY | O_DIRECTORY)),
            ("symlink-in-output", Self.code(symlink("/etc", output + "/symlink"))),
            ("pipe-in-output", Self.code(mkfifo(output + "/fifo", 0o600))),
            ("socket-internet", Self.keeping(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))),
            ("socket-local", Self.keeping(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))),
            ("spawn", Self.spawning("/bin/true")), ("signal-parent", Self.code(kill(getppid(), 0))),
            ("signal-self", Self.code(kill(getpid(), 0))),
            ("raise-limit", Self.code(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit))),
        ]
    }

    private static func code(_ result: Int32) -> Int32 { result < 0 ? errno : 0 }

    private static func keeping(_ descriptor: Int32) -> Int32 {
        guard descriptor >= 0 else { return errno }
        close(descriptor)
        return 0
    }

    private static func opening(_ path: String, _ flags: Int32) -> Int32 { keeping(open(path, flags | O_CLOEXEC, 0o600)) }

    private static func spawning(_ program: String) -> Int32 {
        var child = pid_t()
        var arguments = [strdup(program), nil]
        defer { free(arguments[0]) }
        let code = posix_spawn(&child, program, nil, nil, &arguments, environ)
        if code == 0 { waitpid(child, nil, 0) }
        return code
    }

    /// Goes on until a limit ends the process, or until there is nothing more to take.
    private static func exhaust(_ what: String, in folder: String) throws {
        switch what {
        case "memory":
            var taken: [[UInt8]] = []
            while taken.count < 1 << 16 { taken.append([UInt8](repeating: 1, count: 8 << 20)) }
        case "cpu":
            var number: UInt64 = 1
            while number != 0 { number = number &* 6_364_136_223_846_793_005 | 1 }
        case "files":
            var taken: [Int32] = []
            var next = open("/dev/null", O_RDONLY)
            while next >= 0 {
                taken.append(next)
                next = open("/dev/null", O_RDONLY)
            }
            let code = errno
            // The dispatch library, which looks after its threads in files of /proc, ends a process that has none left.
            for descriptor in taken { close(descriptor) }
            throw DropError.system(operation: "opening", path: "/dev/null", code: code)
        case "file":
            let descriptor = open(folder + "/long", O_WRONLY | O_CREAT, 0o600)
            let bytes = [UInt8](repeating: 0, count: 1 << 20)
            while write(descriptor, bytes, bytes.count) > 0 {}
        default: throw ValidationError("expected memory, cpu, files or file, found \(what.debugDescription).")
        }
    }
}
