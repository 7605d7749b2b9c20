@testable import EngramDrops
import Glibc
import Testing

@Suite struct InstanceLockTests {
    private let scratch = Scratch()
    private var path: String { scratch.path + "/lock" }

    @Test func theLockNamesItsHolderAndIsEmptyOnceReleased() throws {
        let lock = try InstanceLock(path: path)
        #expect(lock.staleHolder == nil)
        let text = try scratch.text("lock")
        let boot = try FileSystem().read("/proc/sys/kernel/random/boot_id", count: 64)
        #expect(text.hasPrefix("pid \(getpid())\nboot " + String(decoding: boot.filter { $0 > 0x20 }, as: UTF8.self) + "\nhost "))
        let error = #expect(throws: DropError.self) { try InstanceLock(path: path) }
        #expect(error?.description.contains("pid \(getpid())") == true)
        lock.release()
        #expect(try scratch.text("lock").isEmpty)
        #expect(try InstanceLock(path: path).staleHolder == nil)
    }

    @Test func aHolderThatWasKilledIsNoticedAndDoesNotKeepTheNextOut() throws {
        // Another host's words too: on a disk of this machine alone, the kernel's lock decides.
        for text in ["pid 7\nboot \(InstanceLock.bootIdentifier())\nhost here\n", "pid 7\nboot elsewhere\nhost other\n"] {
            try scratch.write(text, "lock")
            let lock = try InstanceLock(path: path)
            #expect(lock.staleHolder == text.split(separator: "\n").joined(separator: ", "))
            lock.release()
        }
    }

    @Test func aLockOfAnotherHostOnASharedFileSystemIsRefusedWithTheRemedy() throws {
        try scratch.write("pid 7\nboot elsewhere\nhost other\n", "lock")
        let error = #expect(throws: DropError.self) { try InstanceLock(path: path, isShared: true) }
        #expect(error == .lockedByOtherHost(lockPath: path, holder: "pid 7, boot elsewhere, host other"))
        #expect(error?.description.contains("remove that file") == true)
        // The refusal leaves it as it is, and holds nothing.
        #expect(try scratch.text("lock").contains("host other"))
        unlink(path)
        _ = try InstanceLock(path: path, isShared: true)
    }
}
