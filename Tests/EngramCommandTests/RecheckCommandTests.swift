import ArgumentParser
import EngramPipeline
import Foundation
import Glibc
import Testing

@testable import EngramDrops
@testable import EngramMedia
@testable import engram

/// What the nightly check does with sources and results that anybody may have made: it decodes them behind a worker's fence, and believes
/// little of what is said there.
@Suite(.timeLimit(.minutes(2))) struct RecheckCommandTests {
    private static let support = SandboxSupport.ofThisKernel()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: [String]) async throws -> (result: ChildCommand.Result, log: String) {
        let launch = WorkerProcess.Launch(
            executable: try BuiltProgram.path(), arguments: arguments, environment: ProcessInfo.processInfo.environment,
            workingFolder: folder.path, logPath: folder.path + "/log")
        let result = try await ChildCommand.run(launch, limitSeconds: 60)
        return (result, (try? folder.text(of: "log")) ?? "")
    }

    /// A result of four different images of 2 x 2 pixels.
    private func makeMemory() async throws {
        let drop: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 2] + (0..<16).map { UInt8($0 * $0) }
        _ = FileManager.default.createFile(atPath: folder.path + "/d-idx3-ubyte", contents: Data(drop))
        let made = try await run([
            "process", folder.path + "/d-idx3-ubyte", "--output", folder.path + "/memory", "--set", "preset=closed-form", "--set",
            "report.animation=false",
        ])
        try #require(made.result.exit == .exited(code: 0), "\(made.log)")
    }

    private func recallCheck(_ sandbox: String) async throws -> String {
        let (result, log) = try await run([
            "recall-check", "--name=d-idx3-ubyte", "--input=\(folder.path)/d-idx3-ubyte", "--memory-folder=\(folder.path)/memory",
            "--threads=1", "--seconds=60", "--open-files=64", "--memory=1500000000", "--sandbox=\(sandbox)",
        ])
        #expect(result.exit == .exited(code: 0), "\(log)")
        return result.lines.joined(separator: "\n")
    }

    /// The network lies outside, behind a link: what follows it has no fence.
    @Test(.enabled(if: support.landlockVersion > 0, "this kernel has \(support)"))
    func recallIsCheckedBehindTheFence() async throws {
        try await makeMemory()
        #expect(try await recallCheck("auto").hasPrefix("sound its files and its recall: "))
        let network = folder.path + "/memory/network.safetensors"
        #expect(rename(network, folder.path + "/elsewhere") == 0 && symlink(folder.path + "/elsewhere", network) == 0)
        #expect(try await recallCheck("off").hasPrefix("sound its files and its recall: "))
        #expect(try await recallCheck("auto").hasPrefix("unchecked its files are sound; recall was not checked: "))
    }

    /// A memory whose settings leave the kind open is compared with its drop as it was published, not as the drop would be read today.
    @Test func recallIsCheckedAsTheMemoryWasPublished() async throws {
        let drop = folder.path + "/film"
        try FileManager.default.createDirectory(atPath: drop, withIntermediateDirectories: true)
        let format = ImageFormat(width: 4, height: 4, colorKind: .gray, bitDepth: 8)
        for index in 0..<12 {
            let codes = (0..<16).map { UInt8(15 * index + ($0 == index ? 40 : 0)) }
            try FileSystem().write(try PNGEncoder.encode(codes, format: format, file: "test"), to: "\(drop)/f_\(index).png")
        }
        let made = try await run([
            "process", drop, "--output", folder.path + "/memory", "--set", "preset=closed-form", "--set", "kind=autoencoder", "--set",
            "report.animation=false",
        ])
        try #require(made.result.exit == .exited(code: 0), "\(made.log)")
        let written = try folder.text(of: "memory/settings.yml")
        try folder.write(written.replacing("kind: autoencoder", with: "kind: auto", maxReplacements: 1), to: "memory/settings.yml")
        let (result, log) = try await run([
            "recall-check", "--name=film", "--input=\(drop)", "--memory-folder=\(folder.path)/memory", "--threads=1", "--seconds=60",
            "--open-files=64", "--memory=1500000000", "--sandbox=off",
        ])
        #expect(result.lines.first?.hasPrefix("sound its files and its recall: ") == true, "\(result.lines) \(log)")
    }

    // MARK: What the confined process says

    /// A published folder and its row, checked with `script` in place of the program.
    private func entry(saying script: String, secondsForRecall: Double = 60) async throws -> VerificationRecord.Entry {
        for name in ["outbox/a/report.json", "state/source"] { try folder.write("{}", to: name) }
        // By another process: a file that this one has open for writing cannot be started, nor while a child that begins has it.
        let making = WorkerProcess.Launch(
            executable: "/bin/sh", arguments: ["-c", #"printf '#!/bin/sh\n%s\n' "$1" > program && chmod 755 program"#, "sh", script],
            environment: ["PATH": "/usr/bin:/bin"], workingFolder: folder.path, logPath: folder.path + "/log")
        try #require(try await ChildCommand.run(making, limitSeconds: 60).exit == .exited(code: 0))
        let result = folder.path + "/outbox/a"
        if access(result + "/manifest.json", F_OK) != 0 {
            try ResultFolder().seal(
                result, origin: .init(name: "a", contentSHA256: "x", settingsSHA256: nil, inputs: [], versions: [:]))
        }
        let row = DropRow(
            id: "1", name: "a", path: folder.path + "/state/source", state: .archived, reason: "r", attempt: 1, failureCount: 0,
            resultPath: result, createdAt: 0, updatedAt: 0)
        let folders = DropFolders(inbox: folder.path + "/inbox", outbox: folder.path + "/outbox", state: folder.path + "/state")
        return try await MemoryCheck(
            folders: folders, executable: folder.path + "/program", limits: WorkerLimits(), threadCount: 1,
            secondsForRecall: secondsForRecall
        ).entry(for: row, at: 5)
    }

    @Test(arguments: [
        ("echo worse uniform noise: 0 of 4", "worse", "uniform noise: 0 of 4"), ("echo sound as ever", "sound", "as ever"),
        (
            "echo changed by me", "unchecked",
            "its files are sound; recall was not checked: the process that does it said nothing that can be read"
        ),
        ("true", "unchecked", "its files are sound; recall was not checked: the process that does it said nothing that can be read"),
        (
            "kill -SEGV $$", "unchecked",
            "its files are sound; recall was not checked: the worker was ended by SIGSEGV; see recheck.log in the state folder"
        ),
        (
            "exit 71", "unchecked",
            "its files are sound; recall was not checked: it needs more memory than a worker may take (worker.memory)"
        ),
        ("printf 'sound \\033[2Jx\\n'", "sound", "?[2Jx"),
    ])
    func anEndOfAnyKindIsAVerdict(script: String, state: String, detail: String) async throws {
        let entry = try await entry(saying: script)
        #expect(entry.state == state && entry.detail == detail, "\(entry)")
    }

    @Test func whatItSaysIsCutAndFilesAloneNeedNoProcess() async throws {
        let long = try await entry(saying: "echo sound $(seq 1 5000)")
        #expect(long.detail.hasPrefix("1 2 3") && long.detail.count == 500)
        #expect(try await entry(saying: "echo worse x", secondsForRecall: 0).detail == "its files")
    }

    // MARK: Limits

    @Test func theDaemonHandsItsLimitsOn() throws {
        var limits = WorkerLimits()
        limits.memoryByteCount = 5
        limits.sandbox = .require
        let options = try RecheckCommand.parse(limits.arguments + ["--inbox=i", "--outbox=o", "--state=s"])
        #expect(options.verification.confinement.limits == limits && options.verification.places.areGiven)
        // By hand, as `worker:` says.
        let plain = try RecheckCommand.parse([])
        #expect(!plain.verification.places.areGiven && plain.verification.confinement.limits(over: limits) == limits)
    }
}
