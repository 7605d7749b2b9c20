@testable import EngramDrops
import Glibc
import Testing

@Suite struct DropFoldersTests {
    private let scratch = Scratch()

    private func mode(_ path: String) -> UInt32 {
        var status = stat()
        stat(path, &status)
        return status.st_mode & 0o777
    }

    @Test func missingFoldersAreCreatedAndTheStateIsPrivate() throws {
        let folders = try scratch.folders()
        #expect(mode(folders.state) == 0o700 && mode(folders.work) == 0o700 && mode(folders.archive) == 0o700)
        #expect(try scratch.names("") == [".engram", "inbox", "outbox"])
        #expect(try scratch.names("inbox").isEmpty && scratch.names("outbox") == ["rejected"])
        #expect(try scratch.folders() == folders)
    }

    @Test func aLinkedInboxIsUsedByItsRealPath() throws {
        mkdir(scratch.path + "/real", 0o755)
        symlink(scratch.path + "/real", scratch.path + "/inbox")
        #expect(try scratch.folders().inbox == scratch.path + "/real")
    }

    @Test func aFileInPlaceOfAFolderIsNamed() throws {
        try scratch.write("x", "outbox")
        #expect(throws: DropError.notAFolder(path: scratch.path + "/outbox")) { try scratch.folders() }
    }

    @Test(.enabled(if: access("/dev/shm", W_OK) == 0 && access("/tmp", W_OK) == 0))
    func foldersOnDifferentFileSystemsAreRefusedAndNothingIsLeftThere() throws {
        let elsewhere = "/tmp/engram-drops-\(getpid())"
        defer { try? FileSystem().removeTree(elsewhere) }
        let folders = DropFolders(inbox: elsewhere, outbox: scratch.path + "/outbox", state: scratch.path + "/.engram")
        #expect(throws: DropError.differentFileSystems(first: scratch.path + "/.engram", second: elsewhere)) { try folders.prepared() }
        #expect(try FileSystem().names(in: elsewhere).isEmpty)
        #expect(try scratch.names(".engram") == ["archive", "work"])
    }

    @Test func aSecondDaemonIsRefusedWithTheFirstOnesProcess() throws {
        let path = scratch.path + "/lock"
        let first = try InstanceLock(path: path)
        do {
            _ = try InstanceLock(path: path)
            Issue.record("two daemons hold one lock")
        } catch {
            guard case .alreadyRunning(path, let holder) = error else { throw error }
            #expect(
                holder.contains("pid \(getpid())") && holder.contains("boot \(InstanceLock.bootIdentifier())") && holder.contains("host "))
        }
        first.release()
        _ = try InstanceLock(path: path)
    }
}
