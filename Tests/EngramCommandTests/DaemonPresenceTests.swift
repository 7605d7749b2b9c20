import EngramDrops
import Foundation
import Glibc
import Synchronization
import Testing

@testable import EngramService
@testable import engram

@Suite struct DaemonPresenceTests {
    /// The example of proc(5), with a reader's lock on the same file before it.
    @Test func holderIsTheWriterOfTheFile() {
        let locks = """
            1: FLOCK  ADVISORY  READ 713 08:1a:5249 0 EOF
            2: POSIX  ADVISORY  WRITE 714 08:1a:5249 0 EOF
            3: FLOCK  ADVISORY  WRITE 715 08:1a:5249 0 EOF
            4: -> FLOCK  ADVISORY  WRITE 716 08:1a:5250 0 EOF
            """
        #expect(DaemonPresence.holder(in: locks, major: 8, minor: 26, inode: 5249) == 715)
        #expect(DaemonPresence.holder(in: locks, major: 8, minor: 26, inode: 5250) == nil)
        #expect(DaemonPresence.holder(in: "", major: 8, minor: 26, inode: 1) == nil)
    }

    /// The kernel's own list is the oracle.
    @Test func lockThatIsHeldIsSeenAndOneThatIsNotIsNot() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/lock"
        #expect(DaemonPresence.process(lockPath: path) == nil)
        let lock = try InstanceLock(path: path)
        #expect(DaemonPresence.process(lockPath: path) == getpid())
        lock.release()
        #expect(DaemonPresence.process(lockPath: path) == nil)
    }

    /// The list of all locks is read in pieces, and moves while others give theirs back.
    @Test func lockIsSeenWhileManyOthersComeAndGo() throws {
        let folder = try TemporaryFolder()
        let lock = try InstanceLock(path: folder.path + "/lock")
        defer { lock.release() }
        let descriptors = (0..<150).map { open(folder.path + "/other-\($0)", O_RDWR | O_CREAT | O_CLOEXEC, 0o600) }
        let isOver = Atomic(false)
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            while !isOver.load(ordering: .relaxed) {
                for change in [LOCK_EX, LOCK_UN] { for descriptor in descriptors { flock(descriptor, change) } }
            }
            for descriptor in descriptors { close(descriptor) }
            ended.signal()
        }
        let seen = (0..<200).count { _ in DaemonPresence.process(lockPath: folder.path + "/lock") == getpid() }
        isOver.store(true, ordering: .relaxed)
        ended.wait()
        #expect(seen == 200)
    }
}
