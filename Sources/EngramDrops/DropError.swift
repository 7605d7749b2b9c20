internal import Glibc
internal import EngramSystem

/// Everything that can stop the drop folders from working; what is wrong with a *drop* is a `Failure`, not an error.
package enum DropError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed: `operation` on `path` set `code` (an `errno` value).
    case system(operation: String, path: String, code: Int32)
    /// The folders that must exchange files by rename are on different file systems.
    case differentFileSystems(first: String, second: String)
    /// A path that must be a folder is something else.
    case notAFolder(path: String)
    /// Another daemon holds the state folder.
    case alreadyRunning(lockPath: String, holder: String)
    /// A daemon of another host did not release the lock of a state folder on a shared file system.
    case lockedByOtherHost(lockPath: String, holder: String)
    /// The inbox is not the folder that the state folder knows: its file system is not mounted, or it was replaced.
    case inboxGone(path: String, reason: String)
    /// The ledger could not be read or written.
    case ledger(path: String, reason: String)
    /// SQLite found the ledger's file damaged.
    case damagedLedger(path: String, reason: String)
    /// The file at the ledger's place is not an Engram ledger.
    case foreignLedger(path: String, applicationID: Int)
    /// There is no ledger, and there are drops that it has to know; `trace` is a file or folder of one.
    case lostLedger(path: String, trace: String)
    /// The ledger was written by a newer Engram.
    case newerLedger(path: String)
    /// A drop was asked to go from a state it is not in, or with a token that is no longer its own.
    case staleAttempt(id: String, expected: String, found: String)
    /// A name that cannot be one entry of a folder.
    case unusableName(name: String, reason: String)
    /// The place for a result already holds something.
    case outputNotEmpty(path: String)
    /// The worker said that it was done and left no file.
    case emptyResult(path: String)
    /// An entry that is neither file nor folder where only those can be.
    case unexpectedEntry(path: String, kind: String)
    /// A file that is longer than `limit` bytes; `found` is its size, or what was read of it.
    case fileTooLong(path: String, limit: Int64, found: Int64)
    /// A claimed source is not any more what was taken; `what` says what came, went or changed.
    case sourceChanged(what: String)
    /// Reading was given up because engram ends.
    case interrupted(path: String)
    /// What lies beside a drop under the name of its settings or of its done marker is no plain file.
    case companionNotAFile(path: String, kind: String)
    /// A folder of the inbox that this process may not write in, and so not move. `needed` is the mode that it lacks.
    case immovableFolder(path: String, mode: UInt32, needed: String)
    /// A JSON text that does not parse.
    case malformedJSON(path: String, byteOffset: Int, expected: String)
    /// A manifest that parses but lacks a field.
    case incompleteManifest(path: String, missing: String)
    /// The worker could not be started.
    case workerNotStarted(executable: String, code: Int32)

    /// Whether trying again later can help without anybody changing anything.
    package var isRetryable: Bool {
        switch self {
        case .system(_, _, let code), .workerNotStarted(_, let code):
            [ENOSPC, EDQUOT, EIO, ENOMEM, EAGAIN, EMFILE, ENFILE, EACCES, EBUSY, EINTR, ESTALE, ETIMEDOUT].contains(code)
        case .ledger, .immovableFolder, .sourceChanged, .interrupted: true
        default: false
        }
    }

    /// Whether a daemon must end, because going on would be wrong and only a person can help.
    var isFinal: Bool {
        switch self {
        case .inboxGone, .damagedLedger: true
        default: false
        }
    }

    /// The text for people.
    package var description: String {
        switch self {
        case .system(let operation, let path, let code):
            "\(operation) \(path) failed: \(SystemMessage.text(of: code)). \(Self.remedy(for: code))"
        case .differentFileSystems(let first, let second):
            "\(first) and \(second) are on different file systems, so a drop cannot be moved between them in one step; "
                + "put the inbox, the outbox and the state folder on one file system."
        case .notAFolder(let path):
            "\(path) must be a folder and is something else; move it away or name another place."
        case .alreadyRunning(let lockPath, let holder):
            "another engram works on this state folder (\(lockPath), held by \(holder)); stop it first or use another state folder."
        case .lockedByOtherHost(let lockPath, let holder):
            "the lock \(lockPath) on a shared file system was not released by \(holder); if no engram runs there any more, "
                + "remove that file and start again."
        case .inboxGone(let path, let reason):
            "the inbox \(path) is not the folder that it was: \(reason). Nothing was taken from it or marked as gone. Mount it again; "
                + "if the folder was replaced on purpose, run `engram init` where pipeline.yml is."
        case .damagedLedger(let path, let reason):
            "the ledger \(path) is damaged: \(reason). Stop engram and run `engram rebuild`: it keeps the damaged file beside a new "
                + "ledger made from the manifests in the outbox."
        case .ledger(let path, let reason):
            "the ledger \(path) cannot be used: \(reason)"
        case .foreignLedger(let path, let applicationID):
            "\(path) is a database of another program (application id \(applicationID)); move it away, name another state folder, "
                + "or run `engram rebuild`, which does the first and makes a new ledger from the manifests in the outbox."
        case .lostLedger(let path, let trace):
            "there is no ledger \(path), and drops were worked on before (\(trace)), which would be trained and published again. "
                + "Put the ledger back from a copy, or run `engram rebuild`, which makes a new one from the outbox and the archive."
        case .newerLedger(let path):
            "the ledger \(path) was written by a newer engram; use that version or another state folder."
        case .staleAttempt(let id, let expected, let found):
            "drop \(id): this attempt is over (expected \(expected), the ledger has \(found)); nothing was published by it."
        case .unusableName(let name, let reason):
            "the name \(name.debugDescription) cannot be used: \(reason)."
        case .outputNotEmpty(let path):
            "\(path) already holds something; name a folder that is empty or does not exist."
        case .emptyResult(let path):
            "the worker ended well and left no file in \(path); see its log."
        case .unexpectedEntry(let path, let kind):
            "\(path) is a \(kind), and only files and folders can be part of a drop or of a result; replace it by what it stands for."
        case .fileTooLong(let path, let limit, let found):
            "\(path) has \(found) bytes, and a file of a drop may have \(limit) (limits.max_file_bytes); raise that in pipeline.yml, or make "
                + "the file smaller."
        case .sourceChanged(let what):
            "the source changed after it was taken: \(what). It is taken up anew once it no longer changes."
        case .interrupted(let path): "reading \(path) was given up because engram ends; it goes on at the next start."
        case .companionNotAFile(let path, let kind):
            "\(path) is a \(kind), and the settings or the done marker of a drop must be a file; put a file there or take it away."
        case .immovableFolder(let path, let mode, let needed):
            "\(path) cannot be moved out of the inbox: that takes the right to write in the folder, and its mode is "
                + "\(String(mode, radix: 8)); engram's user needs mode \(needed)."
        case .malformedJSON(let path, let byteOffset, let expected):
            "\(path) is not valid JSON: expected \(expected) at byte \(byteOffset)."
        case .incompleteManifest(let path, let missing):
            "\(path) lacks \(missing); it is not a manifest that engram wrote."
        case .workerNotStarted(let executable, let code):
            "the worker \(executable) could not be started: \(SystemMessage.text(of: code)). \(Self.remedy(for: code))"
        }
    }

    private static func remedy(for code: Int32) -> String {
        switch code {
        case ENOSPC, EDQUOT: "Free some space; it is tried again."
        case EACCES, EPERM, EROFS: "Give engram's user the right to read and write there (mode u+rwX, or g+rwX in a group of its own)."
        case EMFILE, ENFILE: "Raise the limit of open files (ulimit -n)."
        case ENOENT: "Check that the path exists."
        case ELOOP: "A link is in the way, and links are not followed here; put what it stands for in its place."
        case EXDEV: "Put it on the file system of the state folder, since drops and results are moved by one rename."
        case EIO: "The disk reported an error; look at the system log."
        default: "Check the path and the disk."
        }
    }
}

/// What goes wrong on the disk is one of these errors.
extension DropError: FileFailure {}
