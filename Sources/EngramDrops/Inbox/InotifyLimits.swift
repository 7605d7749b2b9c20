internal import Glibc

/// How much of what the kernel grants one user for inotify is in use. At the limit a watch fails, and whoever does not look never learns
/// why files are not picked up; so the daemon looks at its start, and says early which setting to raise.
package struct InotifyLimits: Equatable, Sendable {
    /// One limit and its use by all processes of this user.
    package struct Use: Equatable, Sendable {
        /// The kernel setting's name for `sysctl`.
        package var name: String
        /// Its value; nil where /proc does not tell.
        package var limit: Int?
        /// In use.
        package var used: Int

        /// What to do when four fifths or more are in use; nil below that.
        package var warning: String? {
            guard let limit, used * 5 >= limit * 4 else { return nil }
            return "\(used) of \(limit) of \(name) are in use; raise it before it runs out: sysctl -w \(name)=\(max(limit, used) * 2)"
        }
    }

    /// Folders watched.
    package var watches: Use
    /// Watching processes, about.
    package var instances: Use

    /// The limits as JSON: one member for each, with `limit` and `used`.
    package var json: JSONValue {
        .object(
            [watches, instances].map { use in
                JSONValue.Member(
                    use.name,
                    .object([
                        .init("limit", use.limit.map { .integer(Int64($0)) } ?? .null), .init("used", .integer(Int64(use.used))),
                    ]))
            })
    }

    /// What is wrong or soon will be.
    package var warnings: [String] { [watches.warning, instances.warning].compactMap { $0 } }

    /// Counts what this user's processes have open: each inotify descriptor is an instance, each `inotify` line of its fdinfo a watch
    /// (proc(5)).
    /// - Parameter root: `/proc`, or a folder like it.
    package static func read(root: String = "/proc") -> InotifyLimits {
        let files = FileSystem()
        func limit(_ name: String) -> Int? {
            let bytes = (try? files.read("\(root)/sys/fs/inotify/\(name)", count: 32)) ?? []
            return Int(String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self))
        }
        var (watchCount, instanceCount) = (0, 0)
        let user = getuid()
        // What cannot be read (a process that ended, or is not ours to look into) is not counted: a warning less, never an error.
        for process in (try? files.names(in: root)) ?? [] where process.utf8.first.map({ (0x30...0x39).contains($0) }) == true {
            var facts = stat()
            guard stat("\(root)/\(process)", &facts) == 0, facts.st_uid == user else { continue }
            for descriptor in (try? files.names(in: "\(root)/\(process)/fd")) ?? [] {
                guard target(of: "\(root)/\(process)/fd/\(descriptor)") == "anon_inode:inotify" else { continue }
                instanceCount += 1
                // A line is at most about 120 bytes; 16 MiB hold more watches than any limit that is in use.
                let text = (try? files.read(whole: "\(root)/\(process)/fdinfo/\(descriptor)", limit: 16 << 20)) ?? []
                watchCount += text.split(separator: 0x0a).count { $0.starts(with: Array("inotify ".utf8)) }
            }
        }
        return InotifyLimits(
            watches: Use(name: "fs.inotify.max_user_watches", limit: limit("max_user_watches"), used: watchCount),
            instances: Use(name: "fs.inotify.max_user_instances", limit: limit("max_user_instances"), used: instanceCount))
    }

    private static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension FileSystem {
    /// Reads a file of /proc, which says that it has no bytes, to its end.
    func read(whole path: String, limit: Int) throws(DropError) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let part = try read(path, from: Int64(bytes.count), count: 4096)
            if part.isEmpty { break }
            bytes += part
        }
        return bytes
    }
}
