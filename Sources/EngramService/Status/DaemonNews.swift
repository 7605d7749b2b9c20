package import EngramSystem

/// What the running daemon wrote about itself, as `engram status` shows it.
package enum DaemonNews {
    /// Everything it wrote but what the report has from better sources.
    package static func members(of daemon: JSONValue?) -> [JSONValue.Member] {
        guard case .object(let members) = daemon else { return [] }
        return members.filter { !["schema", "pid"].contains($0.name) }
    }

    /// One line each for how the inbox is watched, for what holds the intake up, and for each warning; names in them are anybody's text.
    package static func lines(of daemon: JSONValue?) -> [String] {
        guard let daemon else { return [] }
        var lines: [String] = []
        if let watch = daemon["watch"], let mode = watch["mode"]?.string {
            let system = watch["file_system"]?.string.map { " on \($0)" } ?? ""
            let reason = watch["reason"]?.string.map { " (\($0))" } ?? ""
            lines.append("The inbox is watched by \(mode)\(system)\(reason).")
            if let overflows = watch["overflows"]?.integer, overflows > 0 {
                lines.append("Events were lost \(overflows) times; it was scanned again.")
            }
            lines += warnings(watch["warnings"])
        }
        if let slurm = daemon["slurm"] { lines += clusterLines(slurm) }
        if let check = daemon["cluster_check"] { lines += warnings(check["problems"]) + warnings(check["warnings"]) }
        if let intake = daemon["intake"], intake["paused"] == .bool(true) {
            lines.append("The intake is paused: \(intake["reason"]?.string ?? "")")
        }
        return lines
    }

    /// How many jobs are in which state, and whether Slurm answers.
    private static func clusterLines(_ slurm: JSONValue) -> [String] {
        var lines: [String] = []
        if case .object(let states) = slurm["states"], !states.isEmpty {
            let counts = states.map { "\($0.value.integer ?? 0) \($0.name)" }
            lines.append("Jobs in Slurm: " + counts.joined(separator: ", ") + ".")
        }
        if slurm["answers"] == .bool(false) {
            lines.append("Slurm does not answer (\(slurm["complaint"]?.string ?? "")); its drops wait, and its jobs are as they were.")
        }
        return lines
    }

    private static func warnings(_ value: JSONValue?) -> [String] {
        guard case .array(let values) = value else { return [] }
        return values.compactMap(\.string).map { "Warning: \($0)" }
    }
}
