internal import Foundation

/// How much more memory this process may take: the least that the machine, the control groups around it and its own limit leave.
package struct MemoryAvailability: Sendable {
    /// Bytes that are free now; nil where the system does not say.
    package let byteCount: Double?
    /// Bytes that there would be if nobody else took any; nil where the system does not say.
    package let capacityByteCount: Double?

    /// What the system says now.
    package init() { self.init(read: { try? String(contentsOfFile: $0, encoding: .utf8) }) }

    /// - Parameter read: The text of a file under /proc or /sys; nil where there is none.
    init(read: (String) -> String?) {
        var limits: [Double] = []
        var capacities: [Double] = []
        let machine = read("/proc/meminfo") ?? ""
        if let free = Self.value(of: "MemAvailable:", in: machine) { limits.append(free * 1024) }
        if let total = Self.value(of: "MemTotal:", in: machine) { capacities.append(total * 1024) }
        for line in (read("/proc/self/cgroup") ?? "").split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            if parts[1].isEmpty {
                let groups = Self.groups(
                    under: "/sys/fs/cgroup", path: parts[2], limit: "memory.max", usage: "memory.current", cache: "inactive_file",
                    read: read)
                limits += groups.map(\.left)
                capacities += groups.map(\.most)
            } else if parts[1].split(separator: ",").contains("memory") {
                let groups = Self.groups(
                    under: "/sys/fs/cgroup/memory", path: parts[2], limit: "memory.limit_in_bytes", usage: "memory.usage_in_bytes",
                    cache: "total_inactive_file", read: read)
                limits += groups.map(\.left)
                capacities += groups.map(\.most)
            }
        }
        if let most = read("/proc/self/limits").flatMap(Self.dataLimit) {
            // What the limit counts, in the kernel's own words.
            let used = read("/proc/self/status").flatMap { Self.value(of: "VmData:", in: $0) } ?? 0
            limits.append(max(most - used * 1024, 0))
            capacities.append(max(most - used * 1024, 0))
        }
        byteCount = limits.min()
        capacityByteCount = capacities.min()
    }

    /// What one of `jobCount` workers may take when all of them are at work; nil where the system does not say.
    ///
    /// A tenth is left to the system and the daemon. From the capacity and not from what is free now: a drop must not be refused for good
    /// because the daemon started in a busy moment.
    package func share(ofEachOf jobCount: Int) -> Double? {
        capacityByteCount.map { 0.9 * $0 / Double(max(1, jobCount)) }
    }

    /// The soft limit of private writable memory in the text of /proc/self/limits: `Max data size  SOFT  HARD  bytes`.
    private static func dataLimit(in text: String) -> Double? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("Max data size") }) else { return nil }
        return line.dropFirst("Max data size".count).split(separator: " ").first.flatMap { Double($0) }
    }

    /// What each group from `path` up to the root leaves. A container sees its own group as the root, whatever `path` says.
    private static func groups(
        under root: String, path: Substring, limit: String, usage: String, cache: String, read: (String) -> String?
    ) -> [(left: Double, most: Double)] {
        var components = path.split(separator: "/")
        var result: [(left: Double, most: Double)] = []
        while true {
            let folder = ([root] + components.map(String.init)).joined(separator: "/")
            // Without a limit the file says max, or a number beyond any machine.
            if let most = read("\(folder)/\(limit)").flatMap({ number($0) }) {
                let used = read("\(folder)/\(usage)").flatMap { number($0) } ?? 0
                // Pages of files that nobody uses are given back before memory runs out.
                let reclaimable = read("\(folder)/memory.stat").flatMap { value(of: cache, in: $0) } ?? 0
                result.append((left: max(most - max(used - reclaimable, 0), 0), most: most))
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
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.count >= 2, words[0] == name { return Double(words[1]) }
        }
        return nil
    }
}
