internal import Glibc

/// The places the daemon works with.
package struct DropFolders: Equatable, Sendable {
    /// Where drops arrive.
    package let inbox: String
    /// Where results appear.
    package let outbox: String
    /// Work in progress, the archive, the ledger and the lock; `.engram` by default.
    package let state: String

    /// Names the folders; nothing is created yet.
    package init(inbox: String, outbox: String, state: String) {
        self.inbox = inbox
        self.outbox = outbox
        self.state = state
    }

    /// The ledger's database.
    package var ledgerPath: String { state + "/ledger.sqlite" }
    /// What the daemon says about itself while it runs.
    package var statusPath: String { state + "/status.json" }
    /// The configuration whose contents have this hash, for workers.
    package func configurationPath(hash: String) -> String { state + "/" + Leftovers.configurationPrefix + hash.prefix(16) + ".yml" }
    /// What the inbox's marker has to say.
    var markerPath: String { state + "/inbox-marker" }
    /// The file that one daemon holds.
    package var lockPath: String { state + "/lock" }
    /// All work folders.
    package var work: String { "\(state)/work" }
    /// Sources whose results are published.
    package var archive: String { state + "/archive" }
    /// Drops that could not be trained, beside their errors.
    package var rejected: String { outbox + "/rejected" }

    /// The folders in which others, or workers, may change anything at any moment: links in them lead nowhere.
    package var guarded: [String] { [inbox, outbox, rejected, work, archive] }

    /// The folders of one drop.
    package func work(for id: String) -> WorkFolders { WorkFolders(root: work + "/" + id) }

    /// Uploads that are not whole yet: on the inbox's file system, and where nobody else looks.
    package var uploads: String { state + "/uploads" }

    /// Where the source of one drop is kept.
    package func archive(for id: String) -> String { archive + "/" + id }

    /// Creates what is missing, checks that a rename between the three places works, and returns them by their real, absolute
    /// paths: the inbox itself may be a link that its owner made, and workers start in another folder.
    ///
    /// The state folder is only for its owner (mode 0700): it holds the sources of everybody's drops. A new inbox gets its marker; one
    /// that had a marker before is not made again, because the folder that is missing may only be unmounted.
    /// - Parameter policy: Whether an inbox without a marker may be a new one.
    /// - Throws: `DropError.inboxGone`, `.differentFileSystems`, `.notAFolder` or `.system`.
    package func prepared(
        files: FileSystem = FileSystem(), policy: InboxMarker.Policy = .create
    ) throws(DropError) -> DropFolders {
        let known = try InboxMarker.read(markerPath, files: files)
        if known != nil || policy == .require { try InboxMarker.check(inbox, against: known, files: files) }
        for folder in [inbox, outbox, rejected] { try createWithParents(folder, mode: 0o755, files: files) }
        for folder in [state, work, archive] { try createWithParents(folder, mode: 0o700, files: files) }
        try checkRename(from: state, to: inbox, files: files)
        try checkRename(from: state, to: outbox, files: files)
        let real = DropFolders(inbox: try Self.real(inbox), outbox: try Self.real(outbox), state: try Self.real(state))
        try InboxMarker.establish(in: real, files: files)
        return real
    }

    private static func real(_ path: String) throws(DropError) -> String {
        guard let resolved = realpath(path, nil) else { throw .fromErrno("resolving", path) }
        defer { free(resolved) }
        guard let text = String(validatingCString: resolved) else { throw .unusableName(name: path, reason: "it is not UTF-8 text") }
        return text
    }

    private func createWithParents(_ path: String, mode: UInt32, files: FileSystem) throws(DropError) {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            let parent = String(path[..<slash])
            if try !files.exists(parent) { try createWithParents(parent, mode: 0o755, files: files) }
        }
        try files.createFolder(path, mode: mode)
    }

    /// Device numbers do not tell everything (bind mounts share one and still refuse a rename), so a real file makes the trip.
    private func checkRename(from first: String, to second: String, files: FileSystem) throws(DropError) {
        let name = "/\(Leftovers.probePrefix)\(getpid())"
        try files.write([], to: first + name, isDurable: false)
        do {
            try files.rename(first + name, to: second + name)
        } catch {
            unlink(first + name)
            if case .system(_, _, let code) = error, code == EXDEV { throw .differentFileSystems(first: first, second: second) }
            throw error
        }
        unlink(second + name)
    }
}

/// The places of one drop at work.
package struct WorkFolders: Equatable, Sendable {
    /// The drop's own folder.
    package let root: String
    /// The source, and what came with it.
    package var input: String { root + "/input" }
    /// The bytes of `input` as they were hashed, in files that nobody else can change: what workers read. The source itself stays in `input`,
    /// where whoever dropped it may still have it open.
    package var copy: String { root + "/copy" }
    /// `copy` while it is made.
    var copyInProgress: String { root + "/copy.part" }
    /// Which start of the machine the copy was made in.
    var copyBoot: String { root + "/copy.boot" }
    /// One folder for each attempt, named after its token, so that a late worker cannot write into a newer attempt's result.
    package var output: String { root + "/output" }
    /// What the worker needs to go on after an interruption; kept from one attempt to the next.
    package var checkpoint: String { root + "/checkpoint" }
    /// A rejected drop while it is put together.
    package var rejection: String { root + "/rejection" }
    /// What the network recalls now, as a picture; its worker replaces it from time to time.
    package var preview: String { checkpoint + "/" + Self.previewName }
    /// The name of that file in the checkpoint's folder.
    package static let previewName = "preview.png"
    /// The worker's standard error.
    package var log: String { root + "/worker.log" }
    /// The worker's standard output, a line for each step of its progress.
    package var workerOutput: String { root + "/worker.out" }
    /// The path below the inbox that a drop came from, where that is not the inbox itself.
    package var place: String { root + "/place" }
    /// The latest line of the worker's progress.
    package var progress: String { root + "/progress.json" }
    /// The hashes of the source's files.
    package var inputHashes: String { root + "/inputs.json" }

    /// Where the attempt with `token` writes.
    package func output(token: String) -> String { output + "/" + token }
}
