internal import CEngramSystem
internal import Glibc
public import Logging
internal import Synchronization

/// Notices that something happened in the inbox: by inotify where the kernel sees every change, by looking regularly elsewhere, and by a
/// rescan now and then in both cases, because no source of events is complete.
public final class InboxWatcher: Sendable {
    /// How changes are noticed.
    public enum Mode: Equatable, Sendable, CustomStringConvertible {
        case inotify
        case polling(reason: String)

        /// The text for people.
        public var description: String {
            switch self {
            case .inotify: "inotify"
            case .polling(let reason): "polling (\(reason))"
            }
        }
    }

    /// What happened since the last look.
    public struct Change: Equatable, Sendable {
        /// Something may be different: scan.
        public var isScanDue = false
        /// Entries that came into the inbox by a rename.
        public var movedIn: [String] = []
        /// Events were lost; the watches were set anew.
        public var hasOverflowed = false
    }

    /// Seconds between rescans where inotify works, and where it does not; each time ± 25 %, so that many daemons on one server
    /// do not look at the same moment.
    public struct Intervals: Equatable, Sendable {
        /// With inotify.
        public var rescanSeconds: Double
        /// Without.
        public var pollingSeconds: Double

        /// Creates the intervals.
        public init(rescanSeconds: Double = 300, pollingSeconds: Double = 10) {
            self.rescanSeconds = rescanSeconds
            self.pollingSeconds = pollingSeconds
        }
    }

    private struct State {
        var mode: Mode
        var descriptor: Int32
        /// Folder below the inbox ("" for itself) by watch descriptor.
        var folders: [Int32: String] = [:]
        var nextScan: Double
        var isStopped = false
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
    private let wakeEnds: (read: Int32, write: Int32)
    private let state: Mutex<State>

    /// Starts to watch.
    /// - Parameters:
    ///   - inbox: An existing folder.
    ///   - intervals: Between rescans.
    ///   - clock: For the rescans.
    ///   - jitter: Returns a number in 0 ..< 1.
    ///   - logger: For the mode, and for lost events.
    public init(
        inbox: String, intervals: Intervals = Intervals(), clock: any DropClock,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }, logger: Logger
    ) throws(DropError) {
        self.inbox = inbox
        self.intervals = intervals
        self.clock = clock
        self.jitter = jitter
        self.logger = logger
        var ends: [Int32] = [-1, -1]
        guard engram_pipe(&ends) == 0 else { throw .fromErrno("creating a pipe for", inbox) }
        wakeEnds = (ends[0], ends[1])
        var started = State(mode: .inotify, descriptor: -1, nextScan: clock.monotonicSeconds())
        if let reason = Self.reasonToPoll(inbox) {
            started.mode = .polling(reason: reason)
        } else {
            started.descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
            if started.descriptor < 0 { started.mode = .polling(reason: "inotify: \(DropError.fromErrno("watching", inbox))") }
        }
        state = Mutex(started)
        state.withLock { addWatches(below: "", to: &$0, depth: 0) }
        logger.info("watching the inbox", metadata: ["mode": "\(mode)"])
    }

    deinit {
        state.withLock { if $0.descriptor >= 0 { close($0.descriptor) } }
        close(wakeEnds.read)
        close(wakeEnds.write)
    }

    /// How changes are noticed now.
    public var mode: Mode { state.withLock { $0.mode } }

    /// File systems on which other machines write without this kernel's knowledge (statfs numbers of linux/magic.h).
    private static func reasonToPoll(_ path: String) -> String? {
        var type: UInt64 = 0
        guard engram_file_system_type(path, &type) == 0 else { return nil }
        let blind: [UInt64: String] = [
            0x6969: "NFS", 0x517b: "SMB", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB2", 0x6573_5546: "FUSE", 0x0102_1997: "9P",
            0x00c3_6400: "Ceph",
        ]
        return blind[type].map { "\($0) reports no events" }
    }

    /// Waits for a change, for a due rescan or for `timeoutSeconds`, whichever is first. For one thread at a time.
    public func poll(timeoutSeconds: Double) -> Change {
        let (descriptor, nextScan) = state.withLock { ($0.descriptor, $0.nextScan) }
        let wait = min(timeoutSeconds, max(0, nextScan - clock.monotonicSeconds()))
        var waiting = [
            pollfd(fd: wakeEnds.read, events: Int16(POLLIN), revents: 0), pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        // poll ignores an entry with a negative descriptor, which is what polling mode has.
        _ = Glibc.poll(&waiting, nfds_t(waiting.count), Int32(min(wait * 1000, 1e6).rounded(.up)))
        return state.withLock { state in
            var change = readEvents(&state)
            if clock.monotonicSeconds() >= state.nextScan {
                change.isScanDue = true
                let interval = state.mode == .inotify ? intervals.rescanSeconds : intervals.pollingSeconds
                state.nextScan = clock.monotonicSeconds() + interval * (0.75 + 0.5 * jitter())
            }
            return change
        }
    }

    /// Polls on a thread of its own and reports every change, until `stop`.
    public func start(onChange: @escaping @Sendable (Change) -> Void) throws(DropError) {
        try DedicatedThread.start { [self] in
            while !state.withLock({ $0.isStopped }) {
                let change = poll(timeoutSeconds: 3600)
                if change.isScanDue { onChange(change) }
            }
        }
    }

    /// Ends the thread that `start` began.
    public func stop() {
        state.withLock { $0.isStopped = true }
        var byte: UInt8 = 0
        _ = write(wakeEnds.write, &byte, 1)
    }

    private func readEvents(_ state: inout State) -> Change {
        var change = Change()
        guard state.descriptor >= 0 else { return change }
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(state.descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            buffer.withUnsafeBytes { bytes in
                var offset = 0
                while offset + MemoryLayout<inotify_event>.size <= count {
                    let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                    let nameStart = offset + MemoryLayout<inotify_event>.size
                    let name = bytes[nameStart..<min(count, nameStart + Int(event.len))].prefix { $0 != 0 }
                    handle(event, name: Array(name), state: &state, change: &change)
                    offset = nameStart + Int(event.len)
                }
            }
        }
        if change.hasOverflowed {
            logger.warning("the kernel dropped inotify events; the inbox is scanned again", metadata: ["inbox": "\(inbox)"])
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
        if event.mask & UInt32(IN_ISDIR) != 0, event.mask & (UInt32(IN_CREATE) | UInt32(IN_MOVED_TO)) != 0 {
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
            let reason = "inotify has no watch left; fs.inotify.max_user_watches is \(value)"
            logger.warning("watching by polling", metadata: ["reason": "\(reason)"])
            close(state.descriptor)
            state.descriptor = -1
            state.folders = [:]
            state.mode = .polling(reason: reason)
            state.nextScan = clock.monotonicSeconds()
            return
        }
        state.folders[watch] = folder
        for name in (try? files.names(in: path)) ?? [] {
            guard let facts = try? files.facts(of: path + "/" + name), facts.kind == .folder else { continue }
            addWatches(below: folder.isEmpty ? name : folder + "/" + name, to: &state, depth: depth + 1)
        }
    }
}
