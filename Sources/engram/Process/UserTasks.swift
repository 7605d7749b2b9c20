import Foundation
import Glibc

/// What the kernel's limit of processes and threads counts.
enum UserTasks {
    /// The tasks of a user that /proc shows.
    static func count(of user: uid_t) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.reduce(0) { sum, name in
            guard Int32(name) != nil, let status = try? String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8),
                number("Uid:", in: status) == Int(user)
            else { return sum }
            return sum + (number("Threads:", in: status) ?? 1)
        }
    }

    /// The first number of a line of /proc/PID/status (proc(5)).
    private static func number(_ name: String, in status: String) -> Int? {
        let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.dropFirst(name.count).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
}
