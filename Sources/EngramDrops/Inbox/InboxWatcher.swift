internal import CEngramSystem
internal import Glibc
package import Logging
internal import Synchronization

/// Notices that something happened in the inbox: by inotify where the kernel sees every change, by looking regularly elsewhere, and by a
/// rescan now and then in both cases, because no source of events is complete.
package final class InboxWatcher: Sendable {
    /// How changes are noticed.
    package enum Mode: Equatable, Sendable, CustomStringConvertible {
        case inotify
        case polling(reason: String)

        /// The text for people.
        package var description: String {
            switch self {
            case .inotify: "inotify"
            case .polling(let reason): "polling (\(reason))"
            }
        }
    }

    /// What an operator asks for.
    package enum Choice: String, Sendable, CaseIterable {
        /// inotify where the file system's type and the self-test promise events, else polling.
        case auto
        /// inotify without asking: for a shared file system that only this machine writes to. A failed self-test is warned of.
        case inotify
        /// Never inotify.
        case polling
    }

    /// How the inbox is watched, for `engram status`.
    package struct Report: Equatable, Sendable {
        /// How changes are noticed.
        package var mode: Mode
        /// The inbox's file system.
        package var fileSystem: String
        /// Folders watched.
        package var watchCount: Int
        /// How often events were lost.
        package var overflowCount: Int
        /// Seconds between looks without events, before the jitter of ± 25 %.
        package var intervalSeconds: Double
        /// What inotify had in use when the watch began, by all of this user's processes; nil while polling.
        package var limits: InotifyLimits?
        /// What somebody should do about it.
        package var warnings: [String]

        /// The report as JSON.
        package var json: JSONValue {
            var mode = "inotify"
            var reason = JSONValue.null
            if case .polling(let why) = self.mode { (mode, reason) = ("polling", .string(why)) }
            return .object([
                .init("mode", .string(mode)), .init("reason", reason), .init("file_system", .string(fileSystem)),
                .init("watches", .integer(Int64(watchCount))), .init("overflows", .integer(Int64(overflowCount))),
                .init("interval_seconds", .number(intervalSeconds)), .init("limits", limits?.json ?? .null),
                .init("warnings", .array(warnings.map { .string($0) })),
            ])
        }
    }

    /// What happened since the last look.
    package struct Change: Equatable, Sendable {
        /// Something may be different: scan.
        package var isScanDue = false
        /// Entries that came into the inbox by a rename.
        package var movedIn: [String] = []
        /// Events were lost; the watches were set anew.
        package var hasOverflowed = false
    }

    /// Seconds between rescans where inotify works, and where it does not; each time ± 25 %, so that many daemons on one server
    /// do not look at the same moment.
    package struct Intervals: Equatable, Sendable {
        /// With inotify.
        package var rescanSeconds: Double
        /// Without.
        package var pollingSeconds: Double

        /// Creates the intervals.
        package init(rescanSeconds: Double = 300, pollingSeconds: Double = 10) {
            self.rescanSeconds = rescanSeconds
            self.pollingSeconds = pollingSeconds
        }
    }

    /// Names a folder apart from its path.
    private struct Identity: Equatable {
        var device: UInt64
        var inode: UInt64
    }

    /// Seconds between looks whether the path still leads to the same folder: a lazy unmount is no event, and one `stat` costs nothing.
    static let identitySeconds = 15.0

    private struct State {
        var mode: Mode
        var descriptor: Int32
        /// Folder below the inbox ("" for itself) by watch descriptor.
        var folders: [Int32: String] = [:]
        var nextScan: Double
        var isStopped = false
        var overflowCount = 0
        /// The inbox as it was when its watch began.
        var identity: Identity?
        var limits: InotifyLimits?
        var warnings: [String] = []
    }

    private static let mask =
        UInt32(IN_CREATE) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MODIFY) | UInt32(IN_MOVED_TO) | UInt32(IN_MOVED_FROM) | UInt32(IN_DELETE)
        | UInt32(IN_ATTRIB) | UInt32(IN_ONLYDIR) | UInt32(bitPattern: Int32(IN_DONT_FOLLOW))

    private let inbox: String
    private let intervals: Intervals
    private let clock: any DropClock
    private let jitter: @Sendable () -> Double
    private let logger: Logger
    private let files = FileSystem()
    private let fileSystem: FileSystemType?
    private let wakeEnds: (read: Int32, write: Int32)
    private let state: Mutex<State>

    /// Starts to watch.
    /// - Parameters:
    ///   - inbox: An existing folder.
    ///   - choice: How to watch it.
    ///   - intervals: Between rescans.
    ///   - clock: For the rescans.
    ///   - jitter: Returns a number in 0 ..< 1.
    ///   - limits: What inotify may use.
    ///   - fileSystemType: What kind of file system a folder is on.
    ///   - logger: For the mode, and for lost events.
    package init(
        inbox: String, choice: Choice = .auto, intervals: Intervals = Intervals(), clock: any DropClock,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) },
        limits: @Sendable () -> InotifyLimits = { InotifyLimits.read() },
        fileSystemType: (String) -> FileSystemType? = { FileSystemType.of($0) }, logger: Logger
    ) throws(DropError) {
        self.inbox = inbox
        self.intervals = intervals
        self.clock = clock
        self.jitter = jitter
        self.logger = logger
        fileSystem = fileSystemType(inbox)
        var ends: [Int32] = [-1, -1]
        guard engram_pipe(&ends) == 0 else { throw .fromErrno("creating a pipe for", inbox) }
        wakeEnds = (ends[0], ends[1])
        state = Mutex(
            State(mode: .inotify, descriptor: -1, nextScan: clock.monotonicSeconds(), identity: Self.identity(of: inbox)))
        state.withLock { begin(choice, state: &$0) }
        let limits = mode == .inotify ? limits() : nil
        for warning in limits?.warnings ?? [] { logger.warning("inotify is nearly used up", metadata: ["reason": "\(warning)"]) }
        state.withLock {
            $0.limits = limits
            $0.warnings += limits?.warnings ?? []
        }
        logger.info("watching the inbox", metadata: ["mode": "\(mode)", "file system": "\(fileSystem?.name ?? "unknown")"])
    }

    private func begin(_ choice: Choice, state: inout State) {
        if choice == .polling { return state.mode = .polling(reason: "the settings ask for it") }
        if choice == .auto, let fileSystem, fileSystem.isShared {
            return state.mode = .polling(reason: "\(fileSystem.name) does not report what other machines write")
        }
        state.descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard state.descriptor >= 0 else {
            let error = DropError.fromErrno("watching", inbox)
            let isLimit = if case .system(_, _, EMFILE) = error { true } else { false }
            return state.mode = .polling(
                reason: isLimit ? "\(error) Or raise fs.inotify.max_user_instances: every watching process takes one." : "\(error)")
        }
        addWatches(below: "", to: &state, depth: 0)
        guard state.mode == .inotify else { return }
        // The kernel's own time: a test's clock stands still while it waits.
        let failure = Self.selfTest(
            of: inbox, descriptor: state.descriptor, timeoutSeconds: Self.selfTestSeconds, clock: SystemDropClock())
        guard let failure else { return }
        if choice == .inotify {
            state.warnings.append("\(failure), and the settings ask for inotify all the same")
            logger.warning("inotify may be blind here", metadata: ["reason": "\(failure)"])
        } else {
            fallBack(to: .polling(reason: failure), state: &state)
        }
    }

    private static func identity(of path: String) -> Identity? {
        var facts = stat()
        return stat(path, &facts) == 0 ? Identity(device: UInt64(facts.st_dev), inode: UInt64(facts.st_ino)) : nil
    }

    /// How long the self-test waits for its event.
    private static let selfTestSeconds = 2.0

    private func fallBack(to mode: Mode, state: inout State) {
        logger.warning("watching by polling", metadata: ["mode": "\(mode)"])
        if state.descriptor >= 0 { close(state.descriptor) }
        state.descriptor = -1
        state.folders = [:]
        state.mode = mode
        state.nextScan = clock.monotonicSeconds()
    }

    deinit {
        state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
        close(wakeEnds.read)
        close(wakeEnds.write)
    }

    /// How changes are noticed now.
    package var mode: Mode { state.withLock { $0.mode } }

    /// How the inbox is watched now.
    package var report: Report {
        state.withLock { state in
            Report(
                mode: state.mode, fileSystem: fileSystem?.name ?? "unknown", watchCount: state.folders.count,
                overflowCount: state.overflowCount,
                intervalSeconds: state.mode == .inotify ? intervals.rescanSeconds : intervals.pollingSeconds,
                limits: state.mode == .inotify ? state.limits : nil, warnings: state.warnings)
        }
    }

    /// Waits for a change, for a due rescan or for `timeoutSeconds`, whichever is first. For one thread at a time.
    package func poll(timeoutSeconds: Double) -> Change {
        let (descriptor, nextScan) = state.withLock { ($0.descriptor, $0.nextScan) }
        let wait = min(timeoutSeconds, max(0, nextScan - clock.monotonicSeconds()))
        var waiting = [
            pollfd(fd: wakeEnds.read, events: Int16(POLLIN), revents: 0), pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        // poll ignores an entry with a negative descriptor, which is what polling mode has.
        _ = Glibc.poll(&waiting, nfds_t(waiting.count), Int32(saturating: min(wait * 1000, 1e6).rounded(.up)))
        return state.withLock { state in
            var change = readEvents(&state)
            if Self.identity(of: inbox) != state.identity { change.isScanDue = true }
            if clock.monotonicSeconds() >= state.nextScan {
                change.isScanDue = true
                let interval = state.mode == .inotify ? intervals.rescanSeconds : intervals.pollingSeconds
                state.nextScan = clock.monotonicSeconds() + interval * (0.75 + 0.5 * jitter())
            }
            return change
        }
    }

    /// Polls on a thread of its own and reports every change, until `stop`.
    package func start(onChange: @escaping @Sendable (Change) -> Void) throws(DropError) {
        try DedicatedThread.start { [self] in
            while !state.withLock({ $0.isStopped }) {
                let change = poll(timeoutSeconds: Self.identitySeconds)
                if change.isScanDue { onChange(change) }
            }
        }
    }

    /// Ends the thread that `start` began.
    package func stop() {
        state.withLock { $0.isStopped = true }
        var byte: UInt8 = 0
        _ = write(wakeEnds.write, &byte, 1)
    }

    private func readEvents(_ state: inout State) -> Change {
        var change = Change()
        guard state.descriptor >= 0 else { return change }
        Self.forEachEvent(of: state.descriptor) { event, name in handle(event, name: name, state: &state, change: &change) }
        if change.hasOverflowed {
            state.overflowCount += 1
            logger.warning(
                "more happened than the inotify queue holds and the kernel dropped events; the inbox is scanned again",
                metadata: ["inbox": "\(inbox)", "sysctl": "fs.inotify.max_queued_events"])
            addWatches(below: "", to: &state, depth: 0)
        }
        return change
    }

    private func handle(_ event: inotify_event, name: [UInt8], state: inout State, change: inout Change) {
        change.isScanDue = true
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { change.hasOverflowed = true }
        if event.mask & UInt32(IN_IGNORED) != 0 { state.folders[event.wd] = nil }
        guard let folder = state.folders[event.wd], let text = String(validating: name, as: UTF8.self), !text.isEmpty else { return }
        if folder.isEmpty, event.mask & UInt32(IN_MOVED_TO) != 0 { change.movedIn.append(text) }
        if event.mask & UInt32(IN_ISDIR) != 0, InboxScanner.reasonToIgnore(text) == nil,
            event.mask & (UInt32(IN_CREATE) | UInt32(IN_MOVED_TO)) != 0
        {
            // What was put into a new folder before its watch was set gave no event, so it is walked; the scan sees its files.
            addWatches(below: folder.isEmpty ? text : folder + "/" + text, to: &state, depth: 1)
        }
    }

    private func addWatches(below folder: String, to state: inout State, depth: Int) {
        guard state.descriptor >= 0, depth < TreeSnapshot.deepestFolder else { return }
        let path = folder.isEmpty ? inbox : inbox + "/" + folder
        let watch = inotify_add_watch(state.descriptor, path, Self.mask)
        guard watch >= 0 else {
            if errno == ENOENT || errno == ENOTDIR || errno == EACCES { return }
            let limit = (try? files.read("/proc/sys/fs/inotify/max_user_watches", count: 32)) ?? []
            let value = String(decoding: limit.filter { $0 > 0x20 }, as: UTF8.self)
            let reason = "inotify has no watch left; fs.inotify.max_user_watches is \(value), raise it with sysctl"
            fallBack(to: .polling(reason: reason), state: &state)
            return
        }
        state.folders[watch] = folder
        // Nothing in a hidden folder or in junk is ever taken.
        for name in (try? files.textNames(in: path)) ?? [] where InboxScanner.reasonToIgnore(name) == nil {
            guard let facts = try? files.facts(of: path + "/" + name), facts.kind == .folder else { continue }
            addWatches(below: folder.isEmpty ? name : folder + "/" + name, to: &state, depth: depth + 1)
        }
    }
}
