import EngramDrops
import EngramMedia
import Glibc
import Logging
import Synchronization

/// A folder of its own for each test, gone with the test; in memory where there is such a place, so that flushing costs nothing.
final class Scratch: Sendable {
    let path: String
    private static let counter = Atomic<Int>(0)

    init() {
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        let number = Self.counter.wrappingAdd(1, ordering: .relaxed).newValue
        path = "\(parent)/engram-drops-tests-\(getpid())-\(number)"
        mkdir(path, 0o700)
    }

    deinit {
        chmod(path, 0o700)
        try? FileSystem().removeTree(path)
    }

    @discardableResult
    func write(_ text: String, _ name: String) throws -> String { try write(Array(text.utf8), name) }

    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        var parent = ""
        for component in name.split(separator: "/").dropLast() {
            parent += "/" + component
            mkdir(path + parent, 0o755)
        }
        // Written in place: the temporary name of FileSystem.write would not fit beside a name of 255 bytes.
        let file = path + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw DropError.system(operation: "writing", path: file, code: errno)
        }
        close(descriptor)
        return file
    }

    /// Gives a file or folder the time of its last modification, seconds since the epoch.
    func setModification(of name: String, to secondsSinceEpoch: Int) throws {
        let moment = timespec(tv_sec: secondsSinceEpoch, tv_nsec: 0)
        guard utimensat(AT_FDCWD, path + "/" + name, [moment, moment], 0) == 0 else {
            throw DropError.system(operation: "setting the time of", path: name, code: errno)
        }
    }

    func read(_ name: String) throws -> [UInt8] { try FileSystem().read(path + "/" + name, count: 1 << 20) }

    func text(_ name: String) throws -> String { String(decoding: try read(name), as: UTF8.self) }

    /// Without the marker that every inbox has.
    func names(_ folder: String) throws -> [String] {
        try FileSystem().names(in: path + "/" + folder).filter { $0 != InboxMarker.fileName }
    }

    func exists(_ name: String) throws -> Bool { try FileSystem().facts(of: path + "/" + name) != nil }

    func folders() throws -> DropFolders {
        try DropFolders(inbox: path + "/inbox", outbox: path + "/outbox", state: path + "/.engram").prepared()
    }
}

/// Time that passes only when somebody sleeps or a test says so.
final class HandClock: DropClock {
    // 2033: every file a test writes is years old, so single-pass rules see it as settled.
    private let now = Mutex(2_000_000_000.0)
    /// What somebody added when he set the real-time clock.
    private let shift = Mutex(0.0)
    private let sleepsForReal: Bool

    /// - Parameter sleepsForReal: Sleeps end only by cancellation, for tests in which something else has to come first.
    init(sleepsForReal: Bool = false) { self.sleepsForReal = sleepsForReal }

    func advance(_ seconds: Double) { now.withLock { $0 += seconds } }
    func set(by seconds: Double) { shift.withLock { $0 += seconds } }
    func secondsSinceEpoch() -> Double { now.withLock { $0 } + shift.withLock { $0 } }
    func monotonicSeconds() -> Double { now.withLock { $0 - 1_999_990_000 } }

    func sleep(seconds: Double) async {
        guard !Task.isCancelled else { return }
        if sleepsForReal {
            try? await Task.sleep(for: .seconds(3600))
        } else {
            advance(seconds)
        }
    }
}

/// 1, 2, 3 … in place of random bits.
final class Counter: Sendable {
    private let value = Mutex<UInt64>(0)
    func next() -> UInt64 {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}

/// Everything an observer was told.
final class Journal: Sendable {
    private let all = Mutex<[DropEvent]>([])
    func add(_ event: DropEvent) { all.withLock { $0.append(event) } }
    var events: [DropEvent] { all.withLock { $0 } }
}

extension FormatKnowledge {
    /// What the command gives the daemon.
    static let media = FormatKnowledge { (file) throws(DropError) in try MediaFormats.all.completeness(of: file) }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A worker written as a shell script; `$input`, `$output`, `$checkpoint`, `$attempt` and `$token` are set.
func shellWorker(_ script: String) -> WorkerCommand {
    WorkerCommand(executable: "/bin/sh", environment: ["PATH": "/usr/bin:/bin"]) { job in
        [
            "-c",
            "input=$1 output=$2 checkpoint=$3 attempt=$4 token=$5 settings=$6; " + script, "worker", job.inputPath, job.outputPath,
            job.checkpointPath, "\(job.attempt)", job.token, job.settingsPath ?? "",
        ]
    }
}

/// Copies the source: the simplest worker whose result can be checked.
let copyingWorker = shellWorker(#"mkdir "$output/recovered" && cp -r -- "$input" "$output/recovered/copy" && echo '{"epoch":1}'"#)

func makeScheduler(
    _ scratch: Scratch, worker: WorkerCommand = copyingWorker, clock: HandClock = HandClock(), jobs: Int = 1,
    settle: SettleRule = SettleRule(giveUpSeconds: .infinity, isSinglePass: true), attemptLimit: Int = 3, files: FileSystem = FileSystem(),
    observer: @escaping @Sendable (DropEvent) -> Void = { _ in },
    gate: @escaping @Sendable (DropRow) async -> DropGateVerdict = { _ in .proceed },
    configure: (inout DropSchedulerSettings) -> Void = { _ in }
) throws -> DropScheduler {
    var environment = DropScheduler.Environment(clock: clock, files: files, logger: quiet, observer: observer)
    environment.gate = gate
    environment.formats = .media
    var settings = DropSchedulerSettings(jobs: jobs, attemptLimit: attemptLimit, settle: settle, versions: ["engram": "test"])
    configure(&settings)
    return try DropScheduler(
        folders: try scratch.folders(), command: worker,
        settings: settings,
        environment: environment,
        settingsFingerprint: { _, path, _ in path.flatMap { try? FileSystem().hash(of: $0).sha256 } ?? "defaults" })
}
