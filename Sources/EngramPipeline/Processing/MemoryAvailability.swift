internal import Foundation

/// How much more memory this process may take: the least that the machine and the control groups around it leave.
struct MemoryAvailability {
    /// Bytes; nil where the system does not say.
    let byteCount: Double?

    /// - Parameter read: The text of a file under /proc or /sys; nil where there is none.
    init(read: (String) -> String? = { try? String(contentsOfFile: $0, encoding: .utf8) }) {
        var limits: [Double] = []
        if let machine = read("/proc/meminfo").flatMap({ Self.value(of: "MemAvailable:", in: $0) }) { limits.append(machine * 1024) }
        for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[1].isEmpty {
                limits += Self.left(
                    under: "/sys/fs/cgroup", path: parts[2], limit: "memory.max", usage: "memory.current", cache: "inactive_file",
                    read: read)
            } else if parts[1].split(separator: ",").contains("memory") {
                limits += Self.left(
                    under: "/sys/fs/cgroup/memory", path: parts[2], limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
                    cache: "total_inactive_file", read: read)
            }
        }
        byteCount = limits.min()
    }

    /// What each group from `path` up to the root leaves. A container sees its own group as the root, whatever `path` says.
    private static func left(
        under root: String, path: Substring, limit: String, usage: String, cache: String, read: (String) -> String?
    ) -> [Double] {
        var components = path.split(separator: "/")
        var result: [Double] = []
        while true {
            let folder = ([root] + components.map(String.init)).joined(separator: "/")
            // Without a limit the file says max, or a number beyond any machine.
            if let most = read("\(folder)/\(limit)").flatMap({ number($0) }) {
                let used = read("\(folder)/\(usage)").flatMap { number($0) } ?? 0
                // Pages of files that nobody uses are given back before memory runs out.
                let reclaimable = read("\(folder)/memory.stat").flatMap { value(of: cache, in: $0) } ?? 0
                result.append(max(most - max(used - reclaimable, 0), 0))
            }
            if components.popLast() == nil { return result }
        }
    }

    private static func number(_ text: String) -> Double? {
        Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// The number after `name` on the line that begins with it.
    private static func value(of name: String, in text: String) -> Double? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count >= 2, words[0] == name { return Double(words[1]) }
        }
        return nil
    }
}
