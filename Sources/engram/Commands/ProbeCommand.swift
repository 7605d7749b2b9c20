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
            Prints one line for each attempt: its name and 0, or the number of the error that it met; of calls that are judged by their
            arguments also the number that the filter should answer. Files are made and removed only in the folders that are named.

            Example:
              engram probe --sandbox=auto --input=a-file --output=a-folder --outside=another-folder
            """,
        shouldDisplay: false)

    @Option(help: "A file that may be read.") var input: String
    @Option(help: "A folder that may be written.") var output: String
    @Option(help: "A folder that may be neither, with a file `secret` in it.") var outside: String
    @Flag(help: "Make every system call that the filter denies or judges; only behind the filter.") var calls = false
    @Option(help: "Use no newer Landlock than this version; 0 is a kernel without it.") var landlock = Int(Int32.max)
    @Option(help: "Take one thing until something gives: memory, address, cpu, files, file or threads.") var exhaust: String?
    @OptionGroup var confinement: ConfinementOptions

    func validate() throws {
        guard !calls || (confinement.sandbox ?? .off) != .off else {
            throw ValidationError("--calls needs --sandbox=auto or require: some of these calls do harm where nothing denies them.")
        }
    }

    func confine() throws {
        var confinement = WorkerConfinement(limits: confinement.limits, threadCount: 2, readable: [input], writable: [output])
        confinement.newestLandlock = landlock
        try confinement.enter()
    }

    func run() async throws {
        if let exhaust { return try await ComputeThread.run { [output] in try Self.exhaust(exhaust, in: output) } }
        let places = FenceAttempt.Places(input: input, output: output, outside: outside)
        // A thread of the pool that was there before the system calls were taken away, and one that starts now.
        var lines = ["read-outside-task \(await Task.detached { FenceAttempt.opening(places.secret, O_RDONLY) }.value)"]
        lines.append("read-outside-thread \(try await ComputeThread.run { FenceAttempt.opening(places.secret, O_RDONLY) })")
        lines += FenceAttempt.all.map { "\($0.name) \($0.make(places))" }
        if calls, SandboxSupport.ofThisKernel().hasCallFilter {
            lines += CallFilter.denied.map { "denied-\($0.name) \(CallFilter.error(ofCall: $0.number))" }
            lines += CallFilter.attempts.map { "judged-\($0.name) \($0.make()) \($0.error)" }
        }
        StandardStreams.print(lines.joined(separator: "\n"))
    }

    /// Goes on until a limit ends the process, or until there is nothing more to take.
    private static func exhaust(_ what: String, in folder: String) throws {
        switch what {
        case "memory":
            var taken: [[UInt8]] = []
            while taken.count < 1 << 16 { taken.append([UInt8](repeating: 1, count: 8 << 20)) }
        case "cpu":
            // A loop of arithmetic alone does nothing that can be seen, and the compiler may leave it out.
            while clock() != -1 {}
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
        case "address":
            // Only read, so that no page counts as memory; the tables of pages would.
            var gibibytes = 0
            while gibibytes < 1 << 12, mmap(nil, 1 << 30, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) != MAP_FAILED {
                gibibytes += 1
            }
            StandardStreams.print("address \(gibibytes)")
        case "threads":
            // More than any computation takes, and fewer than a machine has room for.
            StandardStreams.print("threads \(Confinement.startIdleThreads(4_000))")
            Glibc.sleep(10)
        default: throw ValidationError("expected memory, address, cpu, files, file or threads, found \(what.debugDescription).")
        }
    }
}
