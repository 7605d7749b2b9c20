import Foundation
import Glibc

/// How many processors this process may use.
enum ProcessorCount {
    /// The least of what the machine has, what the affinity mask allows and what the control group's quota pays for; at least 1.
    static func available() -> Int {
        let quota = (try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8)).flatMap(quotaCount)
        let mask = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)).flatMap(affinityCount)
        return max(1, min(mask ?? onlineCount(), quota ?? .max))
    }

    /// Threads of each of `jobCount` workers that share the processors.
    static func threadsPerJob(jobCount: Int, available: Int) -> Int { max(1, available / max(1, jobCount)) }

    /// Processors that `cpu.max` of a control group (version 2) pays for, `QUOTA PERIOD` in microseconds or `max PERIOD`; rounded up,
    /// since a part of a processor needs a thread too.
    static func quotaCount(_ text: String) -> Int? {
        let fields = text.split { $0 == " " || $0 == "\n" }
        guard fields.count == 2, let quota = Int64(fields[0]), let period = Int64(fields[1]), quota > 0, period > 0 else { return nil }
        return Int((quota - 1) / period) + 1
    }

    /// Processors in the mask of /proc/self/status (proc(5)): `Cpus_allowed_list:	0-3,8`. The call behind it is a macro's business in C.
    static func affinityCount(_ status: String) -> Int? {
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("Cpus_allowed_list:") }) else { return nil }
        var count = 0
        for range in line.dropFirst("Cpus_allowed_list:".count).split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let ends = range.split(separator: "-").map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first >= 0, last >= first else { return nil }
            count += last - first + 1
        }
        return count > 0 ? count : nil
    }

    private static func onlineCount() -> Int { Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
