@testable import EngramDrops
import Glibc
import Testing

@Suite struct SettleRuleTests {
    private let scratch = Scratch()
    private let clock = HandClock()

    private func tracker(isSinglePass: Bool = false) -> SettleTracker {
        SettleTracker(rule: SettleRule(isSinglePass: isSinglePass), inbox: scratch.path, files: FileSystem(), clock: clock)
    }

    private func isReady(_ verdict: SettleRule.Verdict?) -> Bool {
        if case .ready = verdict { return true }
        return false
    }

    @Test func aFileIsReadyFiveSecondsAfterItsLastChangeAndNotBefore() throws {
        var tracker = tracker()
        try scratch.write(Sample.idx([2, 2], dataByteCount: 2), "d")
        #expect(!isReady(try tracker.look(at: "d", isMarkedDone: false)))
        clock.advance(4)
        try scratch.write(Sample.idx([2, 2], dataByteCount: 4), "d")
        #expect(!isReady(try tracker.look(at: "d", isMarkedDone: false)))
        clock.advance(4.9)
        #expect(!isReady(try tracker.look(at: "d", isMarkedDone: false)))
        clock.advance(0.1)
        #expect(isReady(try tracker.look(at: "d", isMarkedDone: false)))
    }

    @Test func aStableButIncompleteFileIsHandedOverAfterAMinute() throws {
        var tracker = tracker()
        try scratch.write(Array(Sample.png.dropLast()), "cut.png")
        _ = try tracker.look(at: "cut.png", isMarkedDone: false)
        clock.advance(5)
        guard case .wait(let reason, let until) = try tracker.look(at: "cut.png", isMarkedDone: false) else {
            Issue.record("not waiting")
            return
        }
        #expect(reason.contains("IEND"))
        #expect(until == clock.monotonicSeconds() + 55)
        clock.advance(55)
        #expect(isReady(try tracker.look(at: "cut.png", isMarkedDone: false)))
    }

    @Test func aRenameIntoTheInboxNeedsNoWaitUnlessTheFileChangesAfterwards() throws {
        var tracker = tracker()
        try scratch.write(Sample.png, "a.png")
        try scratch.write(Sample.png, "b.png")
        tracker.noteMovedIn("a.png")
        tracker.noteMovedIn("b.png")
        #expect(isReady(try tracker.look(at: "a.png", isMarkedDone: false)))
        _ = try tracker.look(at: "b.png", isMarkedDone: false)
        try scratch.write(Sample.png + Sample.png, "b.png")
        #expect(!isReady(try tracker.look(at: "b.png", isMarkedDone: false)))
    }

    @Test func aDoneMarkerEndsEveryWait() throws {
        var tracker = tracker()
        try scratch.write("", "empty")
        #expect(isReady(try tracker.look(at: "empty", isMarkedDone: true)))
    }

    @Test(arguments: [false, true])
    func anEmptyFileWaitsHoweverLongItTakes(isSinglePass: Bool) throws {
        var tracker = tracker(isSinglePass: isSinglePass)
        try scratch.write("", "empty.wav")
        _ = try tracker.look(at: "empty.wav", isMarkedDone: false)
        clock.advance(1e6)
        #expect(
            try tracker.look(at: "empty.wav", isMarkedDone: false) == .wait(reason: "it is empty; waiting for its content", until: nil))
    }

    @Test func aSinglePassTakesOldFilesAtOnceAndWaitsForYoungOnes() throws {
        var tracker = tracker(isSinglePass: true)
        try scratch.write(Sample.png, "old.png")
        #expect(isReady(try tracker.look(at: "old.png", isMarkedDone: false)))
        try scratch.write(Array(Sample.png.dropLast()), "old-cut.png")
        #expect(isReady(try tracker.look(at: "old-cut.png", isMarkedDone: false)))
        let young = try scratch.write(Sample.png, "young.png")
        var times = [timespec(tv_sec: 1_999_999_999, tv_nsec: 0), timespec(tv_sec: 1_999_999_999, tv_nsec: 0)]
        utimensat(AT_FDCWD, young, &times, 0)
        #expect(!isReady(try tracker.look(at: "young.png", isMarkedDone: false)))
        clock.advance(5)
        #expect(isReady(try tracker.look(at: "young.png", isMarkedDone: false)))
    }

    @Test func aFolderIsReadyWhenTheLastOfItsFilesIs() throws {
        var tracker = tracker()
        try scratch.write(Sample.png, "film/1.png")
        _ = try tracker.look(at: "film", isMarkedDone: false)
        clock.advance(4)
        try scratch.write(Sample.png, "film/inner/2.png")
        _ = try tracker.look(at: "film", isMarkedDone: false)
        clock.advance(4)
        #expect(!isReady(try tracker.look(at: "film", isMarkedDone: false)))
        clock.advance(1)
        #expect(isReady(try tracker.look(at: "film", isMarkedDone: false)))
        try scratch.write(Array(Sample.png.dropLast()), "film/3.png.part")
        _ = try tracker.look(at: "film", isMarkedDone: false)
        clock.advance(5)
        #expect(!isReady(try tracker.look(at: "film", isMarkedDone: false)))
    }

    @Test func aLinkInsideAFolderKeepsItWaitingAndIsNamed() throws {
        var tracker = tracker()
        try scratch.write(Sample.png, "film/1.png")
        symlink("/etc/passwd", scratch.path + "/film/2.png")
        guard case .wait(let reason, _) = try tracker.look(at: "film", isMarkedDone: true) else {
            Issue.record("not waiting")
            return
        }
        #expect(reason.contains("2.png") && reason.contains("symbolic link"))
    }

    @Test func whatIsGoneHasNoVerdict() throws {
        var tracker = tracker()
        #expect(try tracker.look(at: "nothing", isMarkedDone: false) == nil)
    }

    @Test func aSettingsFileThatIsStillWrittenHoldsItsDropUp() throws {
        var tracker = tracker()
        try scratch.write(Sample.png, "a.png")
        _ = try tracker.look(at: "a.png", isMarkedDone: false)
        clock.advance(4)
        try scratch.write("see", "a.png.drop.yml")
        #expect(!isReady(try tracker.look(at: "a.png", isMarkedDone: false)))
        clock.advance(4)
        try scratch.write("seed: 1", "a.png.drop.yml")
        #expect(!isReady(try tracker.look(at: "a.png", isMarkedDone: false)))
        clock.advance(4.9)
        #expect(!isReady(try tracker.look(at: "a.png", isMarkedDone: false)))
        clock.advance(0.1)
        #expect(isReady(try tracker.look(at: "a.png", isMarkedDone: false)))
    }

    @Test func anEmptySettingsFileIsGivenAMinuteForItsContent() throws {
        var tracker = tracker()
        try scratch.write(Sample.png, "a.png")
        try scratch.write("", "a.png.drop.yml")
        _ = try tracker.look(at: "a.png", isMarkedDone: false)
        clock.advance(59)
        guard case .wait(let reason, _) = try tracker.look(at: "a.png", isMarkedDone: false) else {
            Issue.record("not waiting")
            return
        }
        #expect(reason.contains("a.png.drop.yml"))
        clock.advance(1)
        #expect(isReady(try tracker.look(at: "a.png", isMarkedDone: false)))
    }

    @Test func junkInAFolderIsPassedOverAndAPartialFileHoldsItUp() throws {
        var tracker = tracker()
        for name in ["1.png", "@eaDir/1.png", ".DS_Store", "Thumbs.db", "deep/.hidden/x"] { try scratch.write(Sample.png, "film/" + name) }
        try scratch.write("", "film/desktop.ini")
        tracker.noteMovedIn("film")
        #expect(isReady(try tracker.look(at: "film", isMarkedDone: false)))
        try scratch.write("x", "growing/2.png.part")
        tracker.noteMovedIn("growing")
        guard case .wait(let reason, _) = try tracker.look(at: "growing", isMarkedDone: false) else {
            Issue.record("not waiting")
            return
        }
        #expect(reason.contains("2.png.part"))
    }

    @Test func aFolderThatGrowsStartsItsWaitAgain() throws {
        var tracker = tracker()
        for number in 1...3 {
            try scratch.write(Sample.png, "film/\(number).png")
            #expect(!isReady(try tracker.look(at: "film", isMarkedDone: false)))
            clock.advance(4.9)
            #expect(!isReady(try tracker.look(at: "film", isMarkedDone: false)))
        }
        clock.advance(5)
        #expect(isReady(try tracker.look(at: "film", isMarkedDone: false)))
    }

    @Test(arguments: [(FileSystem.Operation.list, "film"), (.read, "film/1.png")])
    func whatCannotBeReadWaitsWithPathAndModeAndIsLookedAtOnceAMinute(operation: FileSystem.Operation, name: String) throws {
        try scratch.write(Sample.png, "film/1.png")
        let folder = scratch.path
        let files = FileSystem { (found, path) throws(DropError) in
            if found == operation, path == folder + "/" + name {
                throw .system(operation: found == .list ? "listing" : "opening", path: path, code: EACCES)
            }
        }
        for isSinglePass in [false, true] {
            var tracker = SettleTracker(rule: SettleRule(isSinglePass: isSinglePass), inbox: folder, files: files, clock: clock)
            tracker.noteMovedIn("film")
            guard case .wait(let reason, let until) = try tracker.look(at: "film", isMarkedDone: false) else {
                Issue.record("not waiting")
                return
            }
            #expect(reason.contains(folder + "/" + name) && reason.contains("mode u+rwX"))
            #expect(until == (isSinglePass ? nil : clock.monotonicSeconds() + 60))
        }
    }

    @Test func aFolderThatHoldsWhatIsNotReadWaitsAndSaysWhatAndWhere() throws {
        for name in ["linked", "piped", "latin", "deep"] { mkdir(scratch.path + "/" + name, 0o755) }
        symlink("/etc/passwd", scratch.path + "/linked/1.png")
        mkfifo(scratch.path + "/piped/1.png", 0o600)
        let raw = Array((scratch.path + "/latin/caf").utf8).map { CChar(bitPattern: $0) } + [CChar(bitPattern: 0xe9), 0]
        close(open(raw, O_CREAT | O_WRONLY, 0o644))
        defer { unlink(raw) }
        try scratch.write(Sample.png, "deep/" + String(repeating: "d/", count: 33) + "1.png")
        let expected = [
            "linked": "linked/1.png is a symbolic link", "piped": "piped/1.png is a named pipe", "latin": "latin/caf",
            "deep": "more than 32 folders deep",
        ]
        var tracker = tracker()
        for (name, text) in expected {
            tracker.noteMovedIn(name)
            guard case .wait(let reason, nil) = try tracker.look(at: name, isMarkedDone: true) else {
                Issue.record("\(name) does not wait")
                continue
            }
            #expect(reason.contains(text), "\(reason)")
        }
    }
}
