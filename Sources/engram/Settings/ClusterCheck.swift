import EngramDrops
import EngramPipeline
import EngramSystem

/// Whether the cluster of a configuration can be used.
enum ClusterCheck {
    /// Asks with one small job. The state folder has to exist: its files are what the job is asked about.
    /// - Parameter waitSeconds: How long the job may take.
    static func finding(
        _ pipeline: PipelineSettings, state: String, threadCount: Int, waitSeconds: Double
    ) async throws -> SlurmProbe.Finding {
        let probe = SlurmProbe(
            state: state, program: try Program.executablePath(), version: firstLine(Program.versionText),
            environment: DaemonSetup.environment(threadCount: threadCount), waitSeconds: waitSeconds)
        return try await probe.run(SlurmPlacement.request(pipeline, threadCount: threadCount))
    }

    /// That a cluster answered well, so that a daemon that is started often does not ask each time.
    struct Record {
        /// How long it counts.
        static let seconds = 86_400.0

        private let path: String
        private let key: String

        init(_ pipeline: PipelineSettings, state: String, threadCount: Int) {
            path = state + "/slurm/checked.json"
            let request = String(decoding: SlurmPlacement.request(pipeline, threadCount: threadCount).json.encoded(), as: UTF8.self)
            key = SHA256.hash("\(Program.version)\n\(request)".utf8)
        }

        /// Whether the same was found not long ago.
        func isFresh(at now: Double) -> Bool {
            guard let bytes = try? FileSystem().read(path, count: 4096), let json = try? JSONValue.parse(bytes, path: path),
                json["key"]?.string == key, let at = json["at"]?.integer
            else { return false }
            return abs(now - Double(at)) < Self.seconds
        }

        func write(at now: Double) {
            let json = JSONValue.object([.init("key", .string(key)), .init("at", .integer(Int64(saturating: now)))])
            try? FileSystem().write(json.encoded(), to: path, isDurable: false)
        }
    }

    private static func firstLine(_ text: String) -> String { text.split(separator: "\n").first.map(String.init) ?? "" }

    /// What there is to say of a finding without a problem.
    static func text(_ finding: SlurmProbe.Finding) -> String? {
        guard let node = finding.node, finding.problems.isEmpty else { return nil }
        let skew = finding.skewSeconds.map { abs($0) < 1 ? "" : ", its clock \(Int(saturating: $0.rounded())) s from this machine's" } ?? ""
        return "Slurm: \(node) sees the state folder at its path, with whole renames and the same program\(skew)"
    }
}
