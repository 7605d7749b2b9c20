import EngramService
import EngramReports
import EngramPipeline
import Foundation
import Glibc
import Testing

@testable import EngramDrops
@testable import engram

/// The schedule in the daemon's terms, what a check of a memory finds, and the digest.
@Suite struct ServiceTests {
    private let folder: String

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("engram-service-\(UUID().uuidString)").path
        for name in ["inbox", "outbox/a", "state"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
    }

    private func settings(_ yaml: String) throws -> PipelineSettings {
        try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: yaml))
    }

    private func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)")) }

    private func read(_ name: String) throws -> String { try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8) }

    // MARK: Settings

    @Test(arguments: [
        (
            "schedule: { jobs: [{ cron: \"61 * * * *\", action: digest }] }",
            "pipeline.yml:1:28: 'schedule.jobs.cron' must be a cron expression, found '61 * * * *' (the minute has \"61\", expected 0 to 59)"
        ),
        ("schedule: { time_zone: Mars/Olympus }", "pipeline.yml:1:24: 'schedule.time_zone' must be a time zone, found 'Mars/Olympus'"),
    ])
    func aMistakeInTheScheduleIsNamedWithItsPlace(yaml: String, message: String) throws {
        let pipeline = try settings(yaml)
        let error = #expect(throws: SettingsError.self) { try ScheduleOptions.schedule(pipeline.schedule) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "no error")")
    }

    @Test func whatChangedBetweenTwoReadingsIsNamed() throws {
        let old = try settings(
            "jobs: 2\nrules: [{ match: \"*.wav\", set: { seed: 2 } }]\nschedule: { jobs: [{ cron: \"@daily\", action: digest }] }")
        // The same, elsewhere in the file.
        let moved = try settings(
            "schedule:\n  jobs:\n    - cron: \"@daily\"\n      action: digest\njobs: 2\nrules:\n  - match: \"*.wav\"\n    set: { seed: 2 }")
        #expect(moved.differences(from: old).isEmpty)
        let new = try settings(
            "inbox: other\njobs: 3\nrules: [{ match: \"*.wav\", set: { seed: 3 } }]\ndefaults: { seed: 1 }\nhooks: { after: x }")
        #expect(new.differences(from: old) == ["inbox", "jobs", "defaults", "rules", "schedule", "hooks"])
    }

    @Test func aListingHasTheNextTimesOfEachJob() throws {
        let schedule = try ScheduleOptions.schedule(
            try settings("schedule: { time_zone: UTC, jobs: [{ cron: \"0 22 * * *\", action: train, duration: 8h }] }").schedule)
        // 2023-11-14 22:13:20 UTC.
        #expect(
            ScheduleText.listing(schedule, now: 1_700_000_000, count: 2)
                == "train: train window of 8:00:00, 0 22 * * *\n  2023-11-15 22:00 +00:00\n  2023-11-16 22:00 +00:00")
        let lines = ScheduleText.statusLines(schedule, journal: ScheduleJournal(path: folder + "/none"), now: 1_700_000_000)
        #expect(lines == ["train: next 2023-11-15 22:00 +00:00; open now until 2023-11-15 06:00 +00:00"])
    }

    // MARK: Memories

    private func row(_ result: String) -> DropRow {
        DropRow(
            id: "1", name: "a", path: folder + "/state/a", state: .archived, reason: "r", contentSHA256: nil, settingsSHA256: nil,
            attempt: 1,
            failureCount: 0, token: nil, workerProcess: nil, workerStart: nil, notBefore: nil, resultPath: result, reusedFrom: nil,
            createdAt: 0, updatedAt: 1_700_000_000)
    }

    @Test func aMemoryWhoseFilesChangedIsFound() async throws {
        let folders = DropFolders(inbox: folder + "/inbox", outbox: folder + "/outbox", state: folder + "/state")
        let check = MemoryCheck(
            folders: folders, executable: try BuiltProgram.path(), limits: WorkerLimits(), threadCount: 1, secondsForRecall: 60)
        try write("{}", "outbox/a/report.json")
        try ResultFolder().seal(
            folder + "/outbox/a", origin: .init(name: "a", contentSHA256: "x", settingsSHA256: nil, inputs: [], versions: [:]))
        #expect(try await check.entry(for: row(folder + "/outbox/a"), at: 5).state == "unchecked")
        // Its dropper may have had it open: recall is not measured against what was not learned.
        try write("other", "state/a")
        var dropped = row(folder + "/outbox/a")
        dropped.contentSHA256 = SHA256.hash(Array("learned".utf8))
        let changed = try await check.entry(for: dropped, at: 5)
        #expect(changed.state == "unchecked" && changed.detail.contains("the archived source is not any more what was learned"))
        try write("{ }", "outbox/a/report.json")
        let entry = try await check.entry(for: row(folder + "/outbox/a"), at: 5)
        #expect(entry.state == "changed" && entry.isDamaged && entry.detail.contains("report.json"))
        #expect(try await check.entry(for: row(folder + "/outbox/b"), at: 5).state == "gone")
        var record = VerificationRecord()
        record.entries["1"] = entry
        try record.write(to: folder + "/state/verification.json")
        #expect(VerificationRecord(path: folder + "/state/verification.json").entries == ["1": entry])
    }

    // MARK: Digest

    @Test func theDigestTellsOfItsSpanAndLinksToWhatLiesInTheOutbox() throws {
        let folders = DropFolders(inbox: folder + "/inbox", outbox: folder + "/outbox", state: folder + "/state")
        let ledger = try Ledger(path: folders.ledgerPath, clock: SystemDropClock())
        var digest = try Digest(folders: folders, ledger: ledger, since: 1_699_990_000, until: 1_700_000_000, zone: .utc)
        #expect(digest.day == "2023-11-14" && digest.published.isEmpty)
        try write(
            "{\"kind\":\"sequence\",\"samples\":3,\"recall\":[{\"start\":\"uniform noise\",\"starts\":20,\"recovered\":19}]}",
            "outbox/a/report.json")
        digest.published = [row(folder + "/outbox/a")]
        digest.rejected = [row(folder + "/outbox/rejected/javascript:x#? é")]
        let content = digest.content
        #expect(content.published[0].detail == "sequence of 3 examples; 19 of 20 from uniform noise")
        #expect(content.published[0].link == "./a/report.html")
        #expect(content.rejected[0].link == "./rejected/javascript%3Ax%23%3F%20%C3%A9/error.json")
        #expect(digest.json["published"] != nil && digest.json["schema"]?.string == "engram-digest/1")
    }

    @Test func aDigestThatWasKilledAndAResultOfItsNameKeepNoDigestBack() throws {
        let folders = DropFolders(inbox: folder + "/inbox", outbox: folder + "/outbox", state: folder + "/state")
        // A result of a drop that was called so, and what a digest left that was killed: long ago, or at this moment by another.
        mkdir(folder + "/outbox/digest-2023-11-14.json", 0o755)
        for name in ["digest-2023-11-01.json.tmp", "digest-2023-11-14-2.html.tmp"] { try write("half", "outbox/" + name) }
        let moment = timespec(tv_sec: 1_699_000_000, tv_nsec: 0)
        #expect(utimensat(AT_FDCWD, folder + "/outbox/digest-2023-11-01.json.tmp", [moment, moment], 0) == 0)
        try write("notes", "outbox/mine.tmp")
        let ledger = try Ledger(path: folders.ledgerPath, clock: SystemDropClock())
        let digest = try Digest(folders: folders, ledger: ledger, since: 1_699_990_000, until: 1_700_000_000, zone: .utc)
        let files = FileSystem()
        #expect(try DigestCommand.write(digest, into: folders.outbox, files: files) == folders.outbox + "/digest-2023-11-14-2.html")
        #expect(
            try files.textNames(in: folders.outbox) == [
                "a", "digest-2023-11-14-2.html", "digest-2023-11-14-2.json", "digest-2023-11-14-2.txt", "digest-2023-11-14.json",
                "mine.tmp",
            ])
        // Killed between its two files, it is made again.
        unlink(folders.outbox + "/digest-2023-11-14-2.html")
        #expect(try DigestCommand.write(digest, into: folders.outbox, files: files) == folders.outbox + "/digest-2023-11-14-2.html")
    }

    // MARK: Regressions

    private func entry(_ state: String, at: Double, versions: [String: String] = ["engram": "1"]) -> VerificationRecord.Entry {
        .init(id: "1", name: "film", path: folder + "/outbox/a", at: at, state: state, detail: "d-\(state)", versions: versions)
    }

    @Test func aMemoryThatNoLongerVerifiesSaysWhenItDidAndWhatChanged() throws {
        var record = VerificationRecord()
        record.entries["1"] = entry("sound", at: 1)
        let worse = entry("worse", at: 2, versions: ["engram": "2"]).following(record.entries["1"])
        #expect(worse.change(Timestamp.text) == "sound on 1970-01-01T00:00:01Z (d-sound); since then engram 1 → 2")
        // Seen again, the last time that it was sound stays.
        let again = entry("worse", at: 3).following(worse)
        #expect(again.lastSound == worse.lastSound)
        #expect(again.change(Timestamp.text)?.hasSuffix("the program and its libraries are the same since") == true)
        #expect(entry("sound", at: 4).following(again).lastSound == nil && entry("changed", at: 1).change(Timestamp.text) == nil)
        record.entries["1"] = again
        record.endNight(at: 5)
        try record.write(to: folder + "/state/verification.json")
        let read = VerificationRecord(path: folder + "/state/verification.json")
        #expect(read.entries == record.entries && read.nights == [.init(at: 5, sound: 0, damaged: 1, unchecked: 0)])
        for at in 0..<200 { record.endNight(at: Double(at)) }
        #expect(record.nights.count == VerificationRecord.keptNightCount && record.nights.last?.at == 199)
    }

    /// A file of the version before has neither versions nor nights.
    @Test func anOlderRecordIsRead() throws {
        try write(
            "{\"schema\":\"engram-verification/1\",\"memories\":[{\"id\":\"1\",\"name\":\"a\",\"path\":\"/p\",\"at\":7,\"state\":\"sound\",\"detail\":\"d\"}]}",
            "state/verification.json")
        let record = VerificationRecord(path: folder + "/state/verification.json")
        #expect(record.entries["1"]?.state == "sound" && record.entries["1"]?.recalls == false && record.nights.isEmpty)
    }

    @Test func theDigestHasTimeDiskNightsAndWhatNoLongerVerifies() throws {
        let folders = DropFolders(inbox: folder + "/inbox", outbox: folder + "/outbox", state: folder + "/state")
        let ledger = try Ledger(path: folders.ledgerPath, clock: SystemDropClock())
        var record = VerificationRecord()
        record.entries["1"] = entry("worse", at: 1_699_999_000).following(entry("sound", at: 1_699_900_000))
        record.endNight(at: 1_699_999_000)
        try record.write(to: folders.verificationPath)
        let digest = try Digest(folders: folders, ledger: ledger, since: 1_699_990_000, until: 1_700_000_000, zone: .utc)
        #expect(digest.nights.count == 30 && digest.nights.last?.day == "2023-11-14" && digest.nights.first?.day == "2023-10-16")
        #expect(digest.nights.last?.damaged == 1 && digest.nights.first?.damaged == nil)
        #expect(digest.use?.freeBytes ?? 0 > 0 && digest.use?.workSeconds == 0)
        #expect(digest.content.damaged[0].detail.contains("d-worse; sound on 2023-11-13"))
        guard case .array(let damaged) = digest.json["verified"]?["damaged"] else {
            Issue.record("no list")
            return
        }
        #expect(damaged.first?["last_sound"]?.string == "2023-11-13T18:26:40Z" && digest.json["use"]?["work_seconds"] != nil)
        #expect(digest.content.mail.hasPrefix("Subject: Engram 2023-11-14: 1 memory no longer verifies, no new memory\n"))
    }

    // MARK: Retention

    @Test func keepIsReadAndBecomesTheOptionsOfTheCommand() throws {
        let keep = try settings("keep: { age: 30d, count: 100, bytes: 1000000 }").keep
        let rule = RetentionRule(keep)
        #expect(rule == RetentionRule(ageSeconds: 30 * 86_400, count: 100, byteCount: 1_000_000))
        #expect(CleanCommand.arguments(rule) == ["--age=2592000s", "--count=100", "--bytes=1000000"])
        #expect(RetentionRule.age("2592000s") == 30 * 86_400 && RetentionRule.age("30d") == 30 * 86_400)
        #expect(RetentionRule.age("5") == nil && RetentionRule.age("1s") == nil && RetentionRule.age("") == nil)
        #expect(try RetentionRule(settings("").keep).keepsAll && CleanCommand.arguments(RetentionRule()).isEmpty)
        for wrong in ["keep: { age: soon }", "keep: { count: -1 }", "keep: { ages: 3d }", "keep: 3"] {
            #expect(throws: SettingsError.self, "\(wrong)") { try settings(wrong) }
        }
    }

    @Test func aSourceStaysUnlessItsMemoryWasVerifiedToGiveItBack() throws {
        let folders = DropFolders(inbox: folder + "/inbox", outbox: folder + "/outbox", state: folder + "/state")
        let ledger = try Ledger(path: folders.ledgerPath, clock: SystemDropClock())
        func obstacle(_ change: (inout VerificationRecord) -> Void = { _ in }) throws -> String? {
            var record = VerificationRecord()
            change(&record)
            try record.write(to: folders.verificationPath)
            return try VerifiedMemories(folders: folders, ledger: ledger).obstacle(row(folder + "/outbox/a"))
        }
        #expect(try obstacle()?.contains("report of its memory cannot be read") == true)
        try write(
            "{\"schema\":\"s\",\"name\":\"a\",\"threads\":1,\"versions\":{},\"notes\":[],\"summary\":{\"outcome\":\"partly\",\"headline\":\"partly recalled\",\"is_success\":true}}",
            "outbox/a/report.json")
        #expect(try obstacle() == "its memory is partly recalled")
        try write(
            "{\"schema\":\"s\",\"name\":\"a\",\"threads\":1,\"versions\":{},\"notes\":[],\"summary\":{\"outcome\":\"exact\",\"headline\":\"recalled exactly\",\"is_success\":true}}",
            "outbox/a/report.json")
        #expect(try obstacle()?.contains("not checked since it was published") == true)
        var sound = entry("sound", at: 1)
        // Its files alone were looked at.
        #expect(try obstacle { $0.entries["1"] = sound }?.contains("the last check of its memory") == true)
        sound.recalls = true
        // There is no manifest, so nobody knows whether it is whole.
        #expect(try obstacle { $0.entries["1"] = sound }?.contains("not what was published") == true)
        let origin = ResultManifest.Origin(name: "a", contentSHA256: "0", settingsSHA256: nil, inputs: [], versions: [:])
        try ResultFolder().seal(folders.outbox + "/a", origin: origin)
        #expect(try obstacle { $0.entries["1"] = sound } == nil)
        try write("more", "outbox/a/added")
        #expect(try obstacle { $0.entries["1"] = sound } != nil)
        var cue = row(folder + "/outbox/a")
        cue.foundKind = .complete
        #expect(try VerifiedMemories(folders: folders, ledger: ledger).obstacle(cue)?.contains("no memory gives it back") == true)
    }
}
