internal import CEngramSystem
internal import Glibc

/// What the running kernel can keep a process from.
package struct SandboxSupport: Equatable, Sendable, CustomStringConvertible {
    /// The version of Landlock; 0 where the kernel has none, or has it switched off.
    package var landlockVersion: Int
    /// Whether system calls can be taken away (seccomp, on a processor that our list knows).
    package var hasCallFilter: Bool

    /// All parts at once.
    package init(landlockVersion: Int, hasCallFilter: Bool) {
        self.landlockVersion = landlockVersion
        self.hasCallFilter = hasCallFilter
    }

    /// What this kernel says.
    package static func ofThisKernel() -> SandboxSupport {
        SandboxSupport(landlockVersion: Int(engram_landlock_version()), hasCallFilter: engram_call_filter_is_available() == 1)
    }

    /// Whether nothing is missing.
    package var isWhole: Bool { landlockVersion > 0 && hasCallFilter }

    /// What is there and what is missing, for people.
    package var description: String {
        var parts: [String] = []
        switch landlockVersion {
        case 0: parts.append("no Landlock, so files are not fenced off (it needs Linux 5.13 and landlock among the kernel's lsm=)")
        case 1: parts.append("Landlock 1: files, but shortening one is not fenced off")
        case 2: parts.append("Landlock 2: files, but shortening one is not fenced off")
        case 3: parts.append("Landlock 3: files")
        case 4, 5: parts.append("Landlock \(landlockVersion): files and TCP")
        default: parts.append("Landlock \(landlockVersion): files, TCP, sockets and signals")
        }
        parts.append(hasCallFilter ? "seccomp: system calls" : "no seccomp, so system calls are not filtered")
        return parts.joined(separator: "; ")
    }
}

/// What a process does to itself so that it can do less afterwards. Nothing of it can be undone.
package enum Confinement {
    /// What is allowed beneath one path; everything else is not.
    package struct Rule: Equatable, Sendable {
        /// The kinds of access.
        package enum Access: Sendable {
            /// Open files whose names are known.
            case open
            /// Open and list.
            case read
            /// Read, and start as a program.
            case execute
            /// Read, make, change, rename and remove; no links, devices, sockets or pipes.
            case write
        }

        /// A file or a folder.
        package var path: String
        /// What is allowed there.
        package var access: Access
        /// Whether there may be nothing at `path`.
        package var isOptional: Bool

        /// Creates a rule.
        package init(_ path: String, _ access: Access, isOptional: Bool = false) {
            self.path = path
            self.access = access
            self.isOptional = isOptional
        }

        var rights: UInt32 {
            switch access {
            case .open: UInt32(ENGRAM_MAY_READ)
            case .read: UInt32(ENGRAM_MAY_READ | ENGRAM_MAY_LIST)
            case .execute: UInt32(ENGRAM_MAY_READ | ENGRAM_MAY_EXECUTE)
            case .write: UInt32(ENGRAM_MAY_READ | ENGRAM_MAY_LIST | ENGRAM_MAY_WRITE)
            }
        }
    }

    /// Fences the calling thread, and the program that it executes next, off from all files but those that `rules` name; also from TCP
    /// and, where the kernel can, from abstract sockets and other processes. Threads that run already stay as they are, hence the next
    /// program: it has none.
    /// - Parameters:
    ///   - rules: What stays allowed.
    ///   - newest: The version of Landlock not to go beyond, for tests of what an older kernel would forbid.
    /// - Throws: `DropError.system`.
    package static func fenceOffFiles(except rules: [Rule], newest: Int = Int(Int32.max)) throws(DropError) {
        let set = engram_landlock_create(Int32(clamping: newest))
        guard set >= 0 else { throw .fromErrno("making a sandbox for", "the worker") }
        defer { close(set) }
        for rule in rules where engram_landlock_allow(set, rule.path, rule.rights) != 0 {
            let code = errno
            // What another system does not have, or another user may not see, is not needed there either.
            if rule.isOptional, [ENOENT, ENOTDIR, EACCES].contains(code) { continue }
            throw .system(operation: "allowing in the sandbox", path: rule.path, code: code)
        }
        guard engram_landlock_enforce(set) == 0 else { throw .fromErrno("entering a sandbox for", "the worker") }
    }

    /// Leaves root only the right to read and write files of others, for this thread and the program that it executes next.
    /// - Throws: `DropError.system`.
    package static func dropCapabilities() throws(DropError) {
        guard engram_capabilities_drop() == 0 else { throw .fromErrno("dropping the capabilities of", "the worker") }
    }

    /// Leaves a daemon of root the capabilities that drops are taken in and published with, for this thread and those that it starts.
    /// - Throws: `DropError.system`.
    package static func dropDaemonCapabilities() throws(DropError) {
        guard engram_daemon_capabilities_drop() == 0 else { throw .fromErrno("dropping the capabilities of", "the daemon") }
    }

    /// Lets this process, which has changed its user, look at itself in /proc.
    package static func allowInspectionOfItself() { engram_allow_own_inspection() }

    /// Starts up to `most` threads that do nothing; returns how many could be started. For tests of the limit.
    package static func startIdleThreads(_ most: Int) -> Int { Int(engram_start_idle_threads(Int32(clamping: most))) }

    /// Lets every descriptor but the three standard ones end with the next execution of a program.
    package static func closeDescriptorsOnExecution() { engram_close_on_exec_from(3) }

    /// From now on, a death of this process for want of memory is an exit with `WorkerExit.outOfMemoryCode`.
    package static func reportWantOfMemory() { engram_exit_when_memory_ends(WorkerExit.outOfMemoryCode) }

    /// The files that are mapped as programs: this one, its libraries and their loader.
    package static func loadedFiles() -> [String] {
        loadedFiles(in: String(decoding: FileSystem().readKernelFile("/proc/self/maps") ?? [], as: UTF8.self))
    }

    /// The same of a text.
    /// - Parameter maps: The text of /proc/self/maps (proc(5)): address, rights, offset, device, inode, path; a path may hold spaces.
    static func loadedFiles(in maps: String) -> [String] {
        var files: Set<String> = []
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
            guard fields.count == 6, fields[1].contains("x") else { continue }
            let path = fields[5].drop { $0 == " " }
            if path.hasPrefix("/"), !path.hasSuffix(" (deleted)") { files.insert(String(path)) }
        }
        return files.sorted()
    }
}
