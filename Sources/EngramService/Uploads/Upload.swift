internal import EngramDrops
internal import EngramSystem
internal import HTTPTypes

/// Files on their way from a browser to the inbox.
///
/// They gather in a folder that nobody else looks into, on the inbox's file system. Only when all of them are there are they renamed into the
/// inbox: a folder in one step, single files one by one and each whole. What ends before that, for whatever reason, leaves nothing there.
struct Upload: Sendable {
    /// Names its folder; 32 hexadecimal digits.
    let id: String
    /// The folder of the inbox that the files are for, below the inbox and with a `/` before it; empty for the inbox itself.
    let place: String
    /// The drop that all files are parts of; nil where each is one.
    let folder: String?
    /// Bytes so far, of files that are whole or on their way.
    var byteCount: Int64 = 0
    /// Bytes of each file that is whole, by its path.
    var files: [String: Int64] = [:]
    /// Seconds of a clock that never goes back, when something happened last.
    var touchedAt: Double
    /// Files on their way.
    var pendingCount = 0
    /// Whether it is being finished.
    var isEnding = false
}

/// The uploads of a process, and every rule about them.
actor UploadDesk {
    private let folders: DropFolders
    private let settings: PageSettings
    private let clock: any DropClock
    private let disk: FileSystem
    private var uploads: [String: Upload] = [:]

    /// Uploads at once, files of one, and folders inside one another.
    static let uploadLimit = 32
    static let fileLimit = 20_000
    static let depthLimit = 2
    /// Seconds after which an upload that nothing happens to is forgotten.
    static let patienceSeconds = 3600.0
    /// The slowest that a file may come on average, bytes a second, after the first minute.
    static let slowestRate = 4096.0

    init(folders: DropFolders, settings: PageSettings, clock: any DropClock = SystemDropClock(), disk: FileSystem = FileSystem()) {
        self.folders = folders
        self.settings = settings
        self.clock = clock
        self.disk = disk
    }

    /// Begins one.
    /// - Parameters:
    ///   - memory: The memory that is to be asked; nil for the inbox itself.
    ///   - folder: The drop that all files are parts of; nil where each is one.
    ///   - byteCount: What the browser is about to send.
    func begin(memory: String?, folder: String?, byteCount: Int64) async throws -> Upload {
        await sweep()
        guard uploads.count < Self.uploadLimit else {
            throw PageProblem(
                .tooManyRequests, code: "uploads", message: "\(Self.uploadLimit) uploads are on their way already.",
                remedy: "try again later")
        }
        if let folder { try UploadName.check(folder) }
        try checkSize(byteCount)
        try checkRoom(byteCount)
        if let memory {
            let folders = folders
            let isKnown = try await Blocking.run { StoredMemories(outbox: folders.outbox).names().contains(memory) }
            guard isKnown else { throw PageProblem(.notFound, code: "no-memory", message: "There is no memory \(memory).") }
        }
        let words = (0..<2).map { _ in Stamp.hex(.random(in: .min ... .max), digits: 16) }
        let upload = Upload(
            id: words.joined(), place: memory.map { "/\(JobKind.recall.name)/\($0)" } ?? "", folder: folder,
            touchedAt: clock.monotonicSeconds())
        let (disk, root, own) = (disk, folders.uploads, path(of: upload.id))
        try await Blocking.run {
            try disk.createFolder(root, mode: 0o700)
            try disk.createFolder(own, mode: 0o755)
        }
        uploads[upload.id] = upload
        return upload
    }

    /// Takes one file as it comes.
    /// - Parameters:
    ///   - id: Its upload.
    ///   - path: The parts of its path within the drop.
    ///   - expected: What the browser said it would send; nil where it did not.
    ///   - pieces: The bytes.
    func receive<Pieces: AsyncSequence & Sendable>(
        _ id: String, path parts: [String], expected: Int64?, pieces: Pieces
    ) async throws where Pieces.Element == [UInt8] {
        let upload = try known(id)
        guard !parts.isEmpty, parts.count <= (upload.folder == nil ? 1 : Self.depthLimit) else {
            throw PageProblem(.badRequest, code: "name", message: "Files of a drop lie in it, or one folder deeper.")
        }
        for part in parts { try UploadName.check(part, isInFolder: upload.folder != nil) }
        let name = parts.joined(separator: "/")
        guard upload.files[name] == nil else {
            throw PageProblem(.conflict, code: "name-taken", message: "\(name) came already.", remedy: "give one of the two another name")
        }
        guard upload.files.count < Self.fileLimit else {
            throw PageProblem(
                .badRequest, code: "files", message: "A drop has at most \(Self.fileLimit) files here.", remedy: "copy them into the inbox")
        }
        try checkSize(upload.byteCount + (expected ?? 0))
        try checkRoom(expected ?? 0)
        let (disk, own) = (disk, self.path(of: id))
        let target = own + "/" + name
        let partial = own + "/.part-" + Stamp.hex(.random(in: .min ... .max), digits: 16)
        // The name is taken before the first byte comes, so that two of one name never meet.
        uploads[id]?.files[name] = 0
        uploads[id]?.pendingCount += 1
        defer { uploads[id]?.pendingCount -= 1 }
        var received: Int64 = 0
        do {
            received = try await write(pieces, to: partial, of: id, expected: expected)
            let (folder, count) = (parts.count > 1 ? own + "/" + parts[0] : nil, received)
            try await Blocking.run {
                if count == 0 { try disk.append([], to: partial) }
                if let folder { try disk.createFolder(folder) }
                guard try disk.renameIfFree(partial, to: target) else {
                    throw PageProblem(.conflict, code: "name-taken", message: "\(name) came already.")
                }
                try disk.synchronize(target)
            }
        } catch {
            uploads[id]?.files[name] = nil
            try? await Blocking.run { try disk.removeTree(partial) }
            throw error
        }
        uploads[id]?.files[name] = received
        uploads[id]?.touchedAt = clock.monotonicSeconds()
    }

    private func write<Pieces: AsyncSequence & Sendable>(
        _ pieces: Pieces, to partial: String, of id: String, expected: Int64?
    ) async throws -> Int64 where Pieces.Element == [UInt8] {
        let (disk, began) = (disk, clock.monotonicSeconds())
        var (received, waiting): (Int64, [UInt8]) = (0, [])
        do {
            for try await piece in pieces {
                received += Int64(piece.count)
                waiting += piece
                guard let upload = uploads[id] else { throw PageProblem.notFound("This upload") }
                uploads[id]?.byteCount = upload.byteCount + Int64(piece.count)
                try checkSize(upload.byteCount + Int64(piece.count))
                let seconds = clock.monotonicSeconds() - began
                guard seconds < 60 || Double(received) / seconds > Self.slowestRate else {
                    throw PageProblem(.requestTimeout, code: "slow", message: "The file came too slowly.", remedy: "copy it into the inbox")
                }
                if waiting.count >= 1 << 20 {
                    let bytes = waiting
                    waiting = []
                    try await Blocking.run { try disk.append(bytes, to: partial) }
                    uploads[id]?.touchedAt = clock.monotonicSeconds()
                }
            }
            guard expected == nil || expected == received else {
                throw PageProblem(
                    .badRequest, code: "cut-short",
                    message: "The file was cut short: \(expected ?? 0) bytes were announced, \(received) came.",
                    remedy: "send it again")
            }
            let bytes = waiting
            if !bytes.isEmpty { try await Blocking.run { try disk.append(bytes, to: partial) } }
            return received
        } catch {
            if let count = uploads[id]?.byteCount { uploads[id]?.byteCount = max(0, count - received) }
            throw error
        }
    }

    /// Puts everything into the inbox.
    /// - Returns: The names of the drops, below the inbox.
    func finish(_ id: String) async throws -> [String] {
        let upload = try known(id)
        guard upload.pendingCount == 0 else {
            throw PageProblem(.conflict, code: "unfinished", message: "A file is still on its way.", remedy: "wait until all have come")
        }
        guard upload.files.values.contains(where: { $0 > 0 }) else {
            throw PageProblem(
                .badRequest, code: "empty", message: "Nothing but empty files came.", remedy: "send files with something in them")
        }
        uploads[id]?.isEnding = true
        let (folders, disk, own) = (folders, disk.guarding(folders.guarded), path(of: id))
        do {
            let names = try await Blocking.run { try Self.move(upload, from: own, folders: folders, disk: disk) }
            uploads[id] = nil
            Requeue.nudge(inbox: folders.inbox)
            return names
        } catch {
            // What went wrong may pass, as a name that is taken: the browser may try again, or give it up.
            uploads[id]?.isEnding = false
            throw error
        }
    }

    private static func move(_ upload: Upload, from own: String, folders: DropFolders, disk: FileSystem) throws -> [String] {
        let inbox = folders.inbox + upload.place
        if !upload.place.isEmpty {
            try disk.createFolder(folders.inbox + "/" + JobKind.recall.name)
            try disk.createFolder(inbox)
        }
        func taken(_ name: String) -> PageProblem {
            PageProblem(
                .conflict, code: "name-taken", message: "\(name) is in the inbox already; nothing was put there.",
                remedy: "wait until it is taken, or give it another name")
        }
        let prefix = upload.place.isEmpty ? "" : upload.place.dropFirst() + "/"
        if let folder = upload.folder {
            guard try disk.renameIfFree(own, to: inbox + "/" + folder) else { throw taken(folder) }
            try disk.synchronize(inbox + "/.")
            return [prefix + folder]
        }
        // What accompanies a drop comes before it: the drop is never there without it.
        let names = upload.files.keys.sorted(by: NaturalOrder.precedes)
        let ordered = names.filter(UploadName.isCompanion) + names.filter { !UploadName.isCompanion($0) }
        for name in ordered where try disk.exists(inbox + "/" + name) { throw taken(name) }
        for name in ordered {
            guard try disk.renameIfFree(own + "/" + name, to: inbox + "/" + name) else { throw taken(name) }
        }
        try disk.synchronize(inbox + "/.")
        try disk.removeTree(own)
        return names.filter { !UploadName.isCompanion($0) || names.count == 1 }.map { prefix + $0 }
    }

    /// Forgets one, and all that came of it.
    func cancel(_ id: String) async throws {
        _ = try known(id)
        uploads[id] = nil
        let (disk, own) = (disk, path(of: id))
        try await Blocking.run { try disk.removeTree(own) }
    }

    /// Removes what was given up, by this process or by one that is gone.
    func sweep() async {
        let now = clock.monotonicSeconds()
        for upload in uploads.values where now - upload.touchedAt > Self.patienceSeconds && !upload.isEnding { uploads[upload.id] = nil }
        let (disk, root, known, moment) = (disk, folders.uploads, Set(uploads.keys), clock.secondsSinceEpoch())
        try? await Blocking.run {
            guard try disk.exists(root) else { return }
            for name in try disk.textNames(in: root) where !known.contains(name) {
                guard let facts = try disk.facts(of: root + "/" + name) else { continue }
                // Another process may be receiving it; it touches its folder with every file.
                guard moment - Double(facts.changeNanoseconds) / 1e9 > Self.patienceSeconds else { continue }
                try disk.removeTree(root + "/" + name)
            }
        }
    }

    // MARK: Rules

    private func known(_ id: String) throws(PageProblem) -> Upload {
        guard let upload = uploads[id], !upload.isEnding else { throw .notFound("This upload") }
        return upload
    }

    private func checkSize(_ byteCount: Int64) throws(PageProblem) {
        guard byteCount <= settings.uploadByteLimit else {
            throw PageProblem(
                .contentTooLarge, code: "too-large",
                message: "An upload may have \(DiskAdmission.text(settings.uploadByteLimit)), and this one has more.",
                remedy: "copy it into the inbox, or set http_max_upload")
        }
    }

    private func checkRoom(_ byteCount: Int64) throws(PageProblem) {
        guard settings.floorByteCount != 0, let room = DiskAdmission.room(of: folders.state) else { return }
        let floor = DiskAdmission(floorByteCount: settings.floorByteCount).floor(totalByteCount: room.totalByteCount)
        guard room.freeByteCount - byteCount >= floor else {
            throw PageProblem(
                .noRoom, code: "disk-full",
                message:
                    "The disk has no room for it: \(DiskAdmission.text(room.freeByteCount)) are free, and \(DiskAdmission.text(floor)) stay so.",
                remedy: "free some space and send it again")
        }
    }

    private func path(of id: String) -> String { folders.uploads + "/" + id }
}
