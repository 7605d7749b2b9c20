import EngramDrops
import Foundation
import Testing

/// The proofs of Documentation/Reliability.md at a small size, against the built program: processes that are killed, calls that fail, a
/// burst of drops, a soak, an audit of files. `make crash-matrix`, `disk-faults`, `load`, `soak` and `audit-files` run them whole.
///
/// The oracle is a run without faults: the same drops must come out, to the byte but for the times in them.
@Suite(.serialized, .enabled(if: hasPython, "the proofs are written in Python 3, which is not on the PATH"))
struct ProofTests {
    @Test func aBrokenGuaranteeIsFound() throws { try prove("self-test", []) }

    @Test func killedAtLabelledPointsAndRandomMomentsEveryDropIsPublishedOnce() throws {
        try prove("crash-matrix", ["--points=10", "--moments=4"])
    }

    @Test func theNextDaemonGoesOnWithTheWorkerOfAKilledOne() throws { try prove("attach", []) }

    @Test func failingCallsAFullDiskAndALockedLedgerLoseNothing() throws {
        try prove("disk-faults", ["--calls=4", "--disks=1", "--locks=1"])
    }

    @Test func aBurstAndRestartsLoseNothing() throws {
        try prove("load", ["--drops=30", "--restart-drops=12", "--restarts=2", "--idle=1"])
    }

    @Test func whoeverChangesWhatHeDroppedReachesNoResultAndNoOtherFile() throws {
        try prove("dropper", ["--moments=16", "--restarts=1"])
    }

    /// A few seconds of everything at once.
    @Test func dropsKillsRestartsAndFaultsInTurnLoseNothing() throws {
        try prove("soak", ["--minutes=0.08", "--pause=0.3", "--longest=2"])
    }

    @Test(.enabled(if: hasStrace && SandboxSupport.ofThisKernel().isWhole, "it needs strace, the right to trace, and a fence to look at"))
    func nothingOutsideOfTheRootsIsReadOrWritten() throws { try script("audit-files", [BuiltProgram.path()]) }

    @Test(.enabled(if: SandboxSupport.ofThisKernel().isWhole, "it needs a fence to try"))
    func aWorkerThatTriesEveryDeniedCallReachesNothing() throws { try prove("fence", []) }

    @Test(.enabled(if: hasSlurm, "Slurm is not installed (on Debian: slurm-wlm and munge)"))
    func dropsOverTheNodesOfADisturbedSlurmArePublishedOnce() throws {
        try prove("cluster", ["--drops=8", "--moments=6", "--pause=1", "--patience=120"])
    }

    private func prove(_ name: String, _ arguments: [String]) throws {
        try script("proofs/" + name, ["--binary=\(BuiltProgram.path())"] + arguments)
    }

    private func script(_ name: String, _ arguments: [String]) throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let (status, output) = try run("/usr/bin/env", ["python3", root.path + "/Scripts/" + name] + arguments)
        #expect(status == 0, "\(output)")
    }
}

private let hasStrace = (try? run("/usr/bin/env", ["strace", "-f", "-o", "/dev/null", "true"]))?.status == 0

private let hasSlurm = ["munged", "slurmctld", "slurmd", "sbatch", "squeue"].allSatisfy { program in
    let path = (ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/sbin:/sbin"
    return path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
}

private let hasPython = (try? run("/usr/bin/env", ["python3", "--version"]))?.status == 0

private func run(_ executable: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
