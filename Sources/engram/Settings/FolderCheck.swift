import EngramDrops
import EngramPipeline
import Glibc

/// Looks whether the folders of a configuration can be used, without making or changing anything.
enum FolderCheck {
    /// What is wrong with the folders, one sentence each; empty if they will do.
    static func problems(inbox: String, outbox: String, state: String, files: FileSystem = FileSystem()) -> [String] {
        var problems: [String] = []
        var devices: [(path: String, device: UInt64)] = []
        for (role, path) in [("inbox", inbox), ("outbox", outbox), ("state", state)] {
            do {
                let place = try existingPart(of: path, files: files)
                guard access(place, W_OK | X_OK) == 0 else {
                    let reason = SystemMessage.text(of: errno)
                    problems.append("\(role): \(place) cannot be written to (\(reason)); give yourself the right to (chmod u+rwx).")
                    continue
                }
                // Following a link, as the daemon will.
                guard let facts = try files.facts(of: place + "/.") else {
                    problems.append("\(role): \(place) must be a folder and is something else; move it away or name another place.")
                    continue
                }
                devices.append((path, facts.device))
            } catch {
                problems.append("\(role): \(error)")
            }
        }
        if let first = devices.first, let other = devices.first(where: { $0.device != first.device }) {
            problems.append("\(DropError.differentFileSystems(first: first.path, second: other.path))")
        }
        return problems
    }

    /// What `engram run` refuses to start with, one sentence each, and with `inbox`, `outbox` and `state` of their own kind above.
    /// - Parameter configurationPath: Where the configuration lies.
    static func problems(of pipeline: PipelineSettings, configurationPath: String) -> [String] {
        var problems = overlaps(of: pipeline, configurationPath: configurationPath)
        problems += Self.problems(inbox: pipeline.inbox, outbox: pipeline.outbox, state: pipeline.state)
        let support = SandboxSupport.ofThisKernel()
        if pipeline.worker.sandbox == .require, !support.isWhole { problems.append(WorkerConfinement.missing(support).message) }
        let folders = DropFolders(pipeline)
        do {
            try folders.checkInboxMarker(policy: IntakeOptions.markerPolicy(pipeline.intake))
        } catch {
            problems.append("\(error)")
        }
        do {
            _ = try LedgerLook.ledger(in: folders)
        } catch let error as DropError {
            switch error {
            // What is only older is brought up to date by the start, and what is busy now may not be then.
            case .foreignLedger, .newerLedger, .damagedLedger, .lostLedger: problems.append("\(error)")
            default: break
            }
        } catch {
            problems.append("\(CommandFailure(any: error).message)")
        }
        return problems
    }

    /// Which places of the configuration lie inside one another.
    static func overlaps(of pipeline: PipelineSettings, configurationPath: String) -> [String] {
        var files = [FolderOverlap.Place(role: "the configuration", path: configurationPath)]
        if pipeline.service.metricsFile != "none" {
            files.append(.init(role: "metrics_file", path: pipeline.service.metricsFile, allowedIn: ["outbox", "state"]))
        }
        return FolderOverlap(
            folders: [
                .init(role: "inbox", path: pipeline.inbox), .init(role: "outbox", path: pipeline.outbox),
                .init(role: "state", path: pipeline.state),
            ], files: files
        ).problems
    }

    /// The failure of a configuration with such problems.
    static func failure(_ problems: [String], configurationPath: String) -> CommandFailure {
        CommandFailure(
            .wrongConfiguration, stage: .settings, code: "folders", message: "\(configurationPath): " + problems.joined(separator: "\n  "))
    }

    /// The nearest folder above `path`, or itself, that exists: what is missing is made there.
    private static func existingPart(of path: String, files: FileSystem) throws(DropError) -> String {
        var place = path
        while try files.facts(of: place) == nil {
            let parent = FolderCreation.parent(of: place)
            if parent == place { return parent }
            place = parent
        }
        return place
    }
}
