package import EngramSystem
internal import Glibc

/// Asks a cluster by one small job whether drops can be worked on there: a node has to see the state folder at its path, with renames that
/// are whole, the same program, and about the same time.
package struct SlurmProbe: Sendable {
    /// What was found.
    package struct Finding: Equatable, Sendable {
        /// What keeps drops from being worked on there.
        package var problems: [String] = []
        /// What may be wrong.
        package var warnings: [String] = []
        /// Where the job ran; nil where it did not.
        package var node: String?
        /// Seconds by which the node's clock is ahead of this machine's; nil where nobody saw it.
        package var skewSeconds: Double?

        /// Nothing was found yet.
        package init() {}

        /// For `status`.
        package var json: JSONValue {
            .object([
                .init("node", node.map { .string($0) } ?? .null), .init("skew_seconds", skewSeconds.map { .number($0) } ?? .null),
                .init("problems", .array(problems.map { .string($0) })), .init("warnings", .array(warnings.map { .string($0) })),
            ])
        }
    }

    /// Clocks may differ by this much before it is said: moments of files and logs of several machines are compared by people.
    static let toleratedSkewSeconds = 5.0
    /// Renames that are watched.
    static let renameCount = 100

    private static let folderPrefix = "probe-"

    private let parent: String
    private let folder: String
    private let program: String
    private let version: String
    private let commands: SlurmCommands
    private let waitSeconds: Double

    /// - Parameters:
    ///   - state: The state folder, which has to exist.
    ///   - program: The daemon's own, by its path.
    ///   - version: What the program says with `--version`.
    ///   - environment: Of Slurm's programs.
    ///   - waitSeconds: How long the job may take to start and to answer.
    package init(state: String, program: String, version: String, environment: [String: String], waitSeconds: Double) {
        parent = state + "/slurm"
        folder = "\(parent)/\(Self.folderPrefix)\(getpid())"
        self.program = program
        self.version = version
        self.waitSeconds = waitSeconds
        commands = SlurmCommands(folder: folder, environment: environment)
    }

    /// Submits the job, watches its files and cancels it where it takes too long.
    /// - Throws: Where the state folder cannot be written.
    package func run(_ request: SlurmRequest) async throws(DropError) -> Finding {
        var finding = Finding()
        for name in ["sbatch", "squeue", "scancel", "scontrol"]
        where SlurmCommands.find(name, in: commands.environment["PATH"] ?? "/usr/bin:/bin") == nil {
            finding.problems.append("\(name) is not in the search path (PATH); install Slurm's programs on this machine.")
        }
        guard finding.problems.isEmpty else { return finding }
        let files = FileSystem()
        try files.createFolder(parent, mode: 0o700)
        removeLeft(files)
        try files.createFolder(folder, mode: 0o700)
        defer { try? files.removeTree(folder) }
        let nonce = Stamp.hex(.random(in: .min ... .max), digits: 16)
        try files.write(Array(nonce.utf8), to: folder + "/nonce")
        try files.write(Array(script(program: request.program ?? program).utf8), to: folder + "/job.sh")
        var small = request
        small.seconds = min(request.seconds, 300)
        let arguments = ["--parsable", "--no-requeue", "--propagate=NONE", "--job-name=engram-check", "--chdir=/", "--output=/dev/null"]
        let answer = await commands.run("sbatch", arguments + small.arguments + [folder + "/job.sh"], limitSeconds: waitSeconds)
        guard answer.isGood, let id = SlurmListing.submitted(answer.lines) else {
            finding.problems.append(
                "sbatch does not take a job: \(SlurmCommands.reason(in: answer.complaint)); see slurm: in pipeline.yml.")
            return finding
        }
        await watch(id, nonce: nonce, &finding)
        // A task of its own: also where this one was cancelled, the job is not left.
        if finding.node == nil { await Task { _ = await commands.run("scancel", [id], limitSeconds: 10) }.value }
        return finding
    }

    /// Takes away what a process left that was killed while it asked.
    private func removeLeft(_ files: FileSystem) {
        for name in (try? files.textNames(in: parent)) ?? [] where name.hasPrefix(Self.folderPrefix) {
            guard let process = Int32(name.dropFirst(Self.folderPrefix.count)), kill(process, 0) != 0, errno == ESRCH else { continue }
            try? files.removeTree(parent + "/" + name)
        }
    }

    private func script(program: String) -> String {
        """
        #!/bin/sh
        cd \(SlurmScript.quoted(folder)) || exit \(SlurmScript.notSeenCode)
        [ -x \(SlurmScript.quoted(program)) ] || exit \(SlurmScript.noProgramCode)
        nonce=$(cat nonce)
        n=0
        while [ $n -lt \(Self.renameCount) ]; do
            printf '%s %s %s\\n' "$nonce" $n "$nonce" > turn.tmp && mv turn.tmp turn
            n=$((n + 1))
        done
        version=$(\(SlurmScript.quoted(program)) --version 2> /dev/null | head -n 1)
        now=$(date +%s.%N)
        printf '{"nonce":"%s","node":"%s","seconds":%s,"version":"%s"}\\n' "$nonce" "$(uname -n)" "$now" "$version" > answer.tmp
        mv answer.tmp answer

        """
    }

    private func watch(_ id: String, nonce: String, _ finding: inout Finding) async {
        let clock = SystemDropClock()
        let end = clock.monotonicSeconds() + waitSeconds
        var nextQuestion = clock.monotonicSeconds() + 2
        var (hasTurned, isTorn) = (false, false)
        while clock.monotonicSeconds() < end, !Task.isCancelled {
            switch Self.turn((try? FileSystem().read(folder + "/turn", count: 256)), nonce: nonce) {
            case .whole: hasTurned = true
            case .torn: isTorn = true
            case .absent: if hasTurned { isTorn = true }
            }
            if let bytes = try? FileSystem().read(folder + "/answer", count: 4096), let answer = try? JSONValue.parse(bytes, path: "answer")
            {
                read(answer, nonce: nonce, now: clock.secondsSinceEpoch(), &finding)
                break
            }
            if clock.monotonicSeconds() >= nextQuestion {
                nextQuestion = clock.monotonicSeconds() + 2
                if let problem = await standing(of: id) {
                    finding.problems.append(problem)
                    break
                }
            }
            await clock.sleep(seconds: 0.003)
        }
        if isTorn {
            finding.problems.append(
                "a file that a node replaced by a rename was not whole here; the file system of the state folder cannot carry drops.")
        }
        if finding.node == nil, finding.problems.isEmpty, !Task.isCancelled {
            let state = await lastWord(on: id)
            finding.warnings.append(
                "the job that asks the cluster did not answer within \(Int(saturating: waitSeconds)) s (\(state)); whether nodes see the state folder is not "
                    + "known.")
        }
    }

    private enum Turn { case whole, torn, absent }

    private static func turn(_ bytes: [UInt8]?, nonce: String) -> Turn {
        guard let bytes else { return .absent }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        return parts.count == 3 && parts[0] == nonce && parts[2] == "\(nonce)\n" ? .whole : .torn
    }

    private func read(_ answer: JSONValue, nonce: String, now: Double, _ finding: inout Finding) {
        finding.node = answer["node"]?.string
        let seconds: Double? =
            switch answer["seconds"] {
            case .number(let value): value
            case .integer(let value): Double(value)
            default: nil
            }
        if answer["nonce"]?.string != nonce {
            finding.problems.append("a node read another file than was written here; is the state folder on one shared file system?")
        }
        if let found = answer["version"]?.string, found != version {
            finding.problems.append(
                "the program on \(finding.node ?? "the node") is \(found.isEmpty ? "not one that runs there" : found), and the daemon is \(version); "
                    + "install the same on every node.")
        }
        if let seconds {
            finding.skewSeconds = seconds - now
            if abs(seconds - now) > Self.toleratedSkewSeconds {
                finding.warnings.append(
                    "the clock of \(finding.node ?? "the node") differs from this machine's by \(Int(saturating: (seconds - now).rounded())) s; set both by NTP."
                )
            }
        }
    }

    /// What is wrong where the job ended without an answer; nil while it has not.
    private func standing(of id: String) async -> String? {
        let answer = await commands.run("scontrol", ["show", "job", "--oneliner", id], limitSeconds: 10)
        let text = answer.lines.joined(separator: " ")
        guard let word = text.split(separator: " ").first(where: { $0.hasPrefix("JobState=") })?.dropFirst("JobState=".count),
            case .ended(let cause) = SlurmState(named: String(word)), cause != .completed
        else { return nil }
        let node = text.split(separator: " ").first { $0.hasPrefix("NodeList=") }.map { " on \($0.dropFirst("NodeList=".count))" } ?? ""
        switch SlurmListing.exitCode(in: answer.lines) {
        case SlurmScript.notSeenCode:
            return "a job\(node) does not see the state folder at its path; put it on a file system that every node mounts there."
        case SlurmScript.noProgramCode:
            return "a job\(node) does not find \(program); install engram there, or set slurm.program to a copy that all nodes see."
        default: return "the job that asks the cluster ended\(node) with \(word) and no answer."
        }
    }

    private func lastWord(on id: String) async -> String {
        let answer = await commands.run(
            "squeue", ["--noheader", "--states=all", "--jobs=\(id)", "--format=\(SlurmListing.queueFormat)"], limitSeconds: 10)
        guard let job = SlurmListing.jobs(in: answer.lines, prefix: "engram-check").first else { return "Slurm does not list it" }
        return job.state == .waits ? "it waits: \(SlurmReason.text(job.reason))" : job.stateName
    }
}
