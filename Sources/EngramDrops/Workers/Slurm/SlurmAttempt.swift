internal import EngramSystem
internal import Glibc

/// The files of one attempt that a job of Slurm's makes: `work/ID/slurm/TOKEN`.
///
/// | file | written by | what it is |
/// |---|---|---|
/// | `job.json` | daemon, before `sbatch` | under which name it is submitted, and with which request: a later daemon finds the job by it |
/// | `job.sh` | daemon | what the job runs |
/// | `begun` | whoever is first | the right to work at this attempt: the job makes it as a folder, a daemon that takes the attempt back as a link |
/// | `worker.out` | worker | its progress |
/// | `checkpoint` | worker | this attempt's own, so that a worker that is late changes nothing of a newer one's |
/// | `end.json` | job, last of all | how the worker ended |
struct SlurmAttempt: Sendable {
    let id: String
    let token: String
    let work: WorkFolders
    let files: FileSystem

    init(id: String, token: String, folders: DropFolders, files: FileSystem) {
        self.id = id
        self.token = token
        work = folders.work(for: id)
        self.files = files
    }

    var root: String { work.slurm + "/" + token }
    var ticketPath: String { root + "/job.json" }
    var scriptPath: String { root + "/job.sh" }
    var begunPath: String { root + "/begun" }
    var output: String { root + "/worker.out" }
    var checkpoint: String { root + "/checkpoint" }
    var endPath: String { root + "/end.json" }

    /// Under which name the attempt is in Slurm, and what is asked for it.
    struct Ticket: Equatable, Sendable {
        var request: SlurmRequest
        /// The job's name; nil before it is submitted for the first time.
        var name: String?
        /// Its place in an array; nil for a job of its own.
        var index: Int?
    }

    /// How the job says that its worker ended.
    struct End: Equatable, Sendable {
        /// The shell's: 128 and more for a signal.
        var code: Int
        /// Whether the worker was asked to end because its time was nearly over.
        var isOutOfTime: Bool
        /// Files of the result, as the node sees them.
        var fileCount: Int
    }

    // MARK: The daemon's side

    /// Makes the folder, with what the drop's last attempt left of its checkpoint.
    func prepare(script: String, ticket: Ticket) throws(DropError) {
        // What an earlier attempt left is taken already; a late worker of one finds no folder any more.
        for name in try files.exists(work.slurm) ? files.textNames(in: work.slurm) : [] where name != token {
            if try files.facts(of: work.slurm + "/" + name)?.kind == .folder { try files.removeTree(work.slurm + "/" + name) }
        }
        for folder in [work.slurm, root, checkpoint] { try files.createFolder(folder, mode: 0o700) }
        if try files.exists(work.checkpoint) { try Self.share(work.checkpoint, with: checkpoint, files: files) }
        try files.write(Array(script.utf8), to: scriptPath)
        try write(ticket)
        try files.synchronize(root)
    }

    func write(_ ticket: Ticket) throws(DropError) {
        let json = JSONValue.object([
            .init("schema", .string("engram-slurm/1")), .init("token", .string(token)),
            .init("name", ticket.name.map { .string($0) } ?? .null),
            .init("index", ticket.index.map { .integer(Int64($0)) } ?? .null), .init("request", ticket.request.json),
        ])
        try files.write(json.encoded(), to: ticketPath)
    }

    /// What was written down; nil where this is no attempt of Slurm's.
    func ticket() -> Ticket? {
        guard let json = json(at: ticketPath), json["token"]?.string == token, let request = json["request"].flatMap(SlurmRequest.init)
        else { return nil }
        return Ticket(request: request, name: json["name"]?.string, index: json["index"]?.integer.map { Int($0) })
    }

    /// How the job's worker ended; nil while it has not, or that is not to be seen yet.
    func end() -> End? {
        guard let json = json(at: endPath), json["token"]?.string == token, let code = json["code"]?.integer else { return nil }
        return End(
            code: Int(code), isOutOfTime: json["asked"]?.string == "time", fileCount: json["files"]?.integer.map { Int($0) } ?? 0)
    }

    /// Whether all files of the result that the node wrote are to be seen here.
    func hasAllFiles(of end: End) -> Bool {
        guard end.code == 0 else { return true }
        let count = ((try? TreeSnapshot.take(work.output(token: token), files: files)) ?? nil)?.files.count ?? 0
        return count >= end.fileCount
    }

    /// Whether a job works at it, did so, or a daemon took it back.
    var hasBegun: Bool { (try? files.exists(begunPath)) ?? true }

    /// The job that works at it, by Slurm's number; nil where none has said so.
    var workingJob: String? {
        guard let bytes = try? files.read(begunPath + "/job", count: 256) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").first.map(String.init)
        return line.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Takes the attempt back: no job that starts from now on works at it.
    ///
    /// A link that leads nowhere is made in one step, as a folder is, and stands in the way of one; so it also says who was first.
    /// - Returns: false where a job has begun.
    func takeBack() -> Bool { symlink(Self.takenBack, begunPath) == 0 || isTakenBack }

    private static let takenBack = "taken-back"

    /// Whether a daemon took the attempt back before a job began.
    var isTakenBack: Bool {
        var buffer = [CChar](repeating: 0, count: 64)
        return readlink(begunPath, &buffer, buffer.count - 1) > 0
    }

    /// What the worker says it did with the drop.
    var job: JobKind? { json(at: checkpoint + "/" + WorkerExitRecord.fileName)?["job"]?.string.flatMap(JobKind.kind(named:)) }

    /// Gives the drop's next attempt what this one left of its checkpoint, wherever that will be made.
    func returnCheckpoint() throws(DropError) {
        guard try files.exists(checkpoint) else { return }
        try files.createFolder(work.checkpoint, mode: 0o700)
        try Self.share(checkpoint, with: work.checkpoint, files: files)
    }

    /// Lets a folder have the files of another. They are written by rename and never changed, so that a second name of the same file is as
    /// good as a copy and costs nothing; where the file system cannot give one, they are copied.
    static func share(_ source: String, with target: String, files: FileSystem) throws(DropError) {
        for name in try files.textNames(in: source)
        where !name.hasSuffix(FileSystem.temporarySuffix) && name != WorkerExitRecord.fileName {
            let (old, new) = (source + "/" + name, target + "/" + name)
            guard try files.facts(of: old)?.kind == .file else { continue }
            let unfinished = new + FileSystem.temporarySuffix
            unlink(unfinished)
            if link(old, unfinished) != 0 { _ = try files.copy(old, to: unfinished, limit: .max) }
            try files.rename(unfinished, to: new)
            // A rename of one name of a file to another of its names leaves both.
            unlink(unfinished)
        }
    }

    private func json(at path: String) -> JSONValue? {
        guard let bytes = try? files.read(path, count: 64 << 10) else { return nil }
        return try? JSONValue.parse(bytes, path: path)
    }
}

extension WorkFolders {
    /// One folder for each attempt that is made by a job of Slurm's.
    var slurm: String { root + "/slurm" }
    /// What Slurm said last of the drop's job.
    package var cluster: String { root + "/cluster.json" }
    /// What the next attempt asks Slurm for, after one that needed more than it got.
    var nextRequest: String { root + "/request.json" }
}
