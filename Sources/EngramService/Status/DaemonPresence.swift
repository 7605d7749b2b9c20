internal import Foundation
internal import Glibc

/// Tells whether a daemon holds a state folder, without touching its lock: taking it even for a moment could keep a daemon from starting.
package enum DaemonPresence {
    /// The daemon's process, nil if there is none. A daemon of another process namespace (a container) is not seen.
    package static func process(lockPath: String) -> Int32? {
        var facts = stat()
        // A daemon that ended by itself leaves the file empty.
        guard stat(lockPath, &facts) == 0, facts.st_size > 0 else { return nil }
        // glibc's gnu_dev_major and gnu_dev_minor, which are macros.
        let device = UInt64(facts.st_dev)
        let major = ((device >> 8) & 0xfff) | ((device >> 32) & ~0xfff)
        let minor = (device & 0xff) | ((device >> 12) & ~0xff)
        func holder(in locks: String) -> Int32? { Self.holder(in: locks, major: major, minor: minor, inode: UInt64(facts.st_ino)) }
        // The file names its holder, whose own list is short; only who could trace that process may read it.
        if let named = namedProcess(lockPath), holder(in: locks(of: named)) == named { return named }
        // The kernel writes the list of all page by page, and a lock that somebody gives back meanwhile moves a line out of sight.
        for _ in 0..<10 {
            guard let locks = try? String(contentsOfFile: "/proc/locks", encoding: .utf8) else { return nil }
            if let process = holder(in: locks) { return process }
        }
        return nil
    }

    /// Whoever took the lock last, as `InstanceLock` wrote it: `pid 714`.
    private static func namedProcess(_ lockPath: String) -> Int32? {
        let text = (try? String(contentsOfFile: lockPath, encoding: .utf8)) ?? ""
        let words = text.split(separator: "\n").first?.split(separator: " ") ?? []
        return words.count == 2 && words[0] == "pid" ? Int32(words[1]) : nil
    }

    /// The lines of /proc/PID/fdinfo/FD that tell of locks (proc(5)): `lock:` and a line as in /proc/locks.
    private static func locks(of process: Int32) -> String {
        let folder = "/proc/\(process)/fdinfo"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.compactMap { try? String(contentsOfFile: folder + "/" + $0, encoding: .utf8) }.joined(separator: "\n")
    }

    /// Finds the writer of a `flock` in the text of /proc/locks (proc(5)): `1: FLOCK ADVISORY WRITE 714 08:01:5249 0 EOF`.
    static func holder(in locks: String, major: UInt64, minor: UInt64, inode: UInt64) -> Int32? {
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[1] == "FLOCK", fields[3] == "WRITE" else { continue }
            let file = fields[5].split(separator: ":")
            guard file.count == 3, UInt64(file[0], radix: 16) == major, UInt64(file[1], radix: 16) == minor, UInt64(file[2]) == inode
            else { continue }
            return Int32(fields[4])
        }
        return nil
    }
}
