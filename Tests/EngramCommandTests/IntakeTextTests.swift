import EngramService
import EngramPipeline
import Foundation
import Testing

@testable import EngramDrops
@testable import EngramMedia
@testable import engram

@Suite struct IntakeTextTests {
    @Test func theSettingsReachTheScheduler() throws {
        let yaml =
            "watch: polling\nrescan: 2m\npoll: 3s\ninbox_marker: require\nmin_free_space: 4096\nattempts: 7\nretry_wait: 9s\ngive_up_after: 2h\n"
        let pipeline = try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: yaml))
        var settings = DropSchedulerSettings()
        IntakeOptions.apply(pipeline.intake, to: &settings)
        #expect(settings.watch == .polling && settings.intervals == .init(rescanSeconds: 120, pollingSeconds: 3))
        #expect(settings.admission.floorByteCount == 4096 && settings.attemptLimit == 7 && settings.firstBackoffSeconds == 9)
        #expect(settings.settle.giveUpSeconds == 7200)
        #expect(IntakeOptions.markerPolicy(pipeline.intake) == .require && IntakeOptions.markerPolicy(IntakeSettings()) == .create)
        // The program's defaults are those that the documentation states.
        IntakeOptions.apply(IntakeSettings(), to: &settings)
        #expect(settings.watch == .auto && settings.intervals == .init(rescanSeconds: 300, pollingSeconds: 10))
        #expect(settings.settle.giveUpSeconds == 86_400)
        var never = IntakeSettings()
        never.giveUpAfter = .zero
        IntakeOptions.apply(never, to: &settings)
        #expect(settings.settle.giveUpSeconds == .infinity)
        #expect(settings.admission.floorByteCount == nil && settings.attemptLimit == 3 && settings.firstBackoffSeconds == 30)
    }

    @Test func statusSaysHowTheInboxIsWatchedAndWhatHoldsItUp() throws {
        let text = """
            {"schema":"engram-daemon/1","pid":42,"started":"t",
             "watch":{"mode":"polling","reason":"NFS does not report","file_system":"NFS","overflows":2,"warnings":["raise it"]},
             "intake":{"paused":true,"reason":"the disk is full"}}
            """
        let daemon = try JSONValue.parse(Array(text.utf8), path: "status.json")
        #expect(
            DaemonNews.lines(of: daemon) == [
                "The inbox is watched by polling on NFS (NFS does not report).", "Events were lost 2 times; it was scanned again.",
                "Warning: raise it", "The intake is paused: the disk is full",
            ])
        #expect(DaemonNews.members(of: daemon).map(\.name) == ["started", "watch", "intake"])
        #expect(DaemonNews.lines(of: nil).isEmpty && DaemonNews.members(of: nil).isEmpty)
        let report = StatusReport(
            daemonProcess: 42, daemon: daemon, counts: [:], drops: [], folders: DropFolders(inbox: "/i", outbox: "/o", state: "/s"))
        #expect(report.json["daemon"]?["watch"]?["mode"]?.string == "polling" && report.json["daemon"]?["pid"]?.integer == 42)
    }

    @Test func verificationNamesEveryDifference() {
        let intact = OutboxVerifier.Check(path: "/o/a", fileCount: 3, byteCount: 9)
        let damaged = OutboxVerifier.Check(
            path: "/o/b\u{1b}", fileCount: 1, byteCount: 2,
            findings: [.missing(path: "x"), .wrongByteCount(path: "y", expected: 2, found: 1)])
        #expect(VerificationText.lines(intact, shownPath: { $0 }) == "intact   /o/a  (3 files)")
        #expect(
            VerificationText.lines(damaged, shownPath: { $0 })
                == "damaged  /o/b?\n         x is in the manifest and not in the folder.\n         y should have 2 bytes and has 1.")
        #expect(VerificationText.summary([intact, damaged]) == "1 intact, 1 damaged")
        #expect(VerificationText.summary([]) == "There is no result to verify.")
        let json = VerificationText.json([intact, damaged])
        #expect(json["schema"]?.string == "engram-verify/1" && json["checked"]?.integer == 2 && json["damaged"]?.integer == 1)
    }

    /// The shapes are written by hand: an IDX head of 100 items of 28 x 28, a PNG head of 640 x 480 RGB.
    @Test func theRoomIsEstimatedFromTheHeadOfTheFirstFile() throws {
        let folder = try TemporaryFolder()
        func estimate(_ head: [UInt8], _ name: String, yaml: String = "") throws -> Int64 {
            let path = folder.path + "/" + name
            try FileSystem().write(head, to: path)
            let settings = try PipelineSettings().dropSettings(named: name, dropFile: SettingsFile(source: "d", text: yaml))
            return RoomEstimate.byteCount(sourcePath: path, byteCount: Int64(head.count), settings: settings)
        }
        let base = 4 * 1_048_576
        let idx: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 100, 0, 0, 0, 28, 0, 0, 0, 28]
        // Four copies of 4 (2 · 784 · 400 + 2 · 400²) bytes.
        #expect(try estimate(idx, "idx") == Int64(base + 6 * 16 + 16 * (2 * 784 * 400 + 2 * 400 * 400)))
        #expect(try estimate(idx, "idx", yaml: "network: {width: 10, depth: 1}") == Int64(base + 6 * 16 + 16 * 2 * 784 * 10))
        let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 2, 128, 0, 0, 1, 224, 8, 2]
        #expect(try estimate(png, "x.png", yaml: "network: {width: 10, depth: 1}") == Int64(base + 6 * 26 + 16 * 2 * 921_600 * 10))
        // Two channels of 16 bits at 8 kHz, 10 KB of them: 2560 values in each of the two, less than a window of a second.
        let wav: [UInt8] =
            Array("RIFF".utf8) + [4, 40, 0, 0] + Array("WAVEfmt ".utf8) + [
                16, 0, 0, 0, 1, 0, 2, 0, 0x40, 0x1f, 0, 0, 0, 125, 0, 0, 4, 0, 16, 0,
            ]
            + [UInt8](repeating: 1, count: 10_240 - 36)
        #expect(try estimate(wav, "a.wav") == Int64(base + 6 * 10_240 + 16 * (2 * 5120 * 64 + 2 * 64 * 64)))
        // Of packed sound no more is known than how much it can be.
        #expect(try estimate(Array("OggS".utf8) + [UInt8](repeating: 1, count: 10_236), "a.ogg") < 128 << 20)
        // A hostile head must not trap.
        #expect(try estimate([0, 0, 8, 15] + [UInt8](repeating: 0xff, count: 60), "hostile") > Int64(base))
    }

    @Test func explainNamesALinkByItsOwnPathAndAFileInADropByTheDrop() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger(path: folder.path + "/ledger.sqlite", clock: SystemDropClock())
        try ledger.insert(id: "1", name: "link", path: realPath(folder.path) + "/link")
        try ledger.insert(id: "2", name: "other", path: "/elsewhere/other")
        symlink("/etc/passwd", folder.path + "/link")
        #expect(try ExplainCommand.rows(for: folder.path + "/link", in: ledger).map(\.id) == ["1"])
        try FileManager.default.createDirectory(atPath: folder.path + "/film/inner", withIntermediateDirectories: true)
        try ledger.insert(id: "3", name: "film", path: realPath(folder.path) + "/film")
        #expect(try ExplainCommand.rows(for: folder.path + "/film/inner/1.png", in: ledger).map(\.id) == ["3"])
        #expect(try ExplainCommand.rows(for: "other", in: ledger).map(\.id) == ["2"])
    }

    /// The bytes of "é" in Latin-1 and of a folder in UTF-8.
    @Test func explainFindsANameThatIsNotUTF8() throws {
        let folder = try TemporaryFolder()
        let inbox = realPath(folder.path) + "/größe"
        try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
        let latin = Array("caf".utf8) + [0xe9]
        // As `CommandLine.arguments` has it.
        func argument(_ bytes: [UInt8]) -> RawPath { RawPath(argument: String(decoding: bytes, as: UTF8.self), among: [[0x65], bytes]) }
        let ledger = try Ledger(path: folder.path + "/ledger.sqlite", clock: SystemDropClock())
        try ledger.insert(id: "1", name: "caf\\xe9", path: inbox + "/caf\\xe9")
        for typed in [latin, Array((inbox + "/").utf8) + latin, Array((inbox + "/../größe/").utf8) + latin + Array("/".utf8)] {
            #expect(try ExplainCommand.rows(for: argument(typed), in: ledger).map(\.id) == ["1"], "\(typed)")
        }
        // A file inside such a folder.
        let raw = (Array((inbox + "/").utf8) + latin).map { CChar(bitPattern: $0) } + [0]
        #expect(mkdir(raw, 0o755) == 0)
        defer { rmdir(raw) }
        let inner = Array((inbox + "/").utf8) + latin + Array("/1.png".utf8)
        #expect(try ExplainCommand.rows(for: argument(inner), in: ledger).map(\.id) == ["1"])
        #expect(argument(latin).shown == "caf\\xe9" && argument(Array("größe".utf8)).shown == "größe")
        #expect(try ExplainCommand.rows(for: "caf\\xe9", in: ledger).map(\.id) == ["1"])
        #expect(try ExplainCommand.rows(for: argument([0xe8]), in: ledger).isEmpty)
    }

    private func realPath(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
