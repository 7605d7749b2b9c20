import EngramTestSupport
@testable import EngramDrops
import Glibc
import Testing

@Suite struct SettleRuleTests {
    private let scratch = Scratch()
    private let clock = HandClock()

    /// - Parameter giveUpSeconds: A single pass on the hand's clock finds every file old.
    private func tracker(isSinglePass: Bool = false, giveUpSeconds: Double = .infinity) -> SettleTracker {
        SettleTracker(
            rule: SettleRule(giveUpSeconds: giveUpSeconds, isSinglePass: isSinglePass), inbox: scratch.path, files: FileSystem(),
            formats: .media, clock: clock)
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

    @Test func whatWaitsForItsOwnerIsGivenUpAfterADay() throws {
        var tracker = tracker(giveUpSeconds: SettleRule().giveUpSeconds)
        try scratch.write("", "empty.wav")
        try scratch.write("settings alone", "folder/drop.yml")
        try scratch.write("x", "linked/a")
        symlink("a", scratch.path + "/linked/b")
        symlink("empty.wav", scratch.path + "/link")
        func verdicts() throws -> [SettleRule.Verdict?] {
            try ["empty.wav", "folder", "linked"].map { try tracker.look(at: $0, isMarkedDone: false) }
                + [try tracker.look(atUnreadable: "link", reason: "a link")]
        }
        _ = try verdicts()
        clock.advance(86_000)
        var found = try verdicts()
        #expect(found.allSatisfy { !isReady($0) } && found[0] == .wait(reason: "it is empty; waiting for its content", until: nil))
        // What changes begins anew, though by the same name.
        unlink(scratch.path + "/link")
        symlink("folder", scratch.path + "/link")
        try scratch.write("x", "linked/c")
        _ = try verdicts()
        clock.advance(500)
        found = try verdicts()
        #expect(found.map(isReady) == [true, true, false, false])
        #expect(found[0] == .ready(reason: "nothing came of it for 1 day (give_up_after): it is empty; waiting for its content"))
        clock.advance(86_000)
        #expect(try verdicts().allSatisfy(isReady))
        tracker.rule.giveUpSeconds = .infinity
        #expect(try verdicts().allSatisfy { !isReady($0) })
        // A single pass goes by the last change, which is long before this clock.
        tracker = self.tracker(isSinglePass: true, giveUpSeconds: SettleRule().giveUpSeconds)
        #expect(try verdicts().allSatisfy(isReady))
    }

    @Test func aSinglePassTakesOldFilesAtOnceAndWaitsForYoungOnes() throws {
        var tracker = tracker(isSinglePass: true)
        try scratch.write(Sample.png, "old.png")
        #expect(isReady(try tracker.look(at: "old.png", isMarkedDone: false)))
        try scratch.write(Array(Sample.png.dropLast()), "old-cut.png")
        #expect(isReady(try tracker.look(at: "old-cut.png", isMarkedDone: false)))
        try scratch.write(Sample.png, "young.png")
        try scratch.setModification(of: "young.png", to: 1_999_999_999)
        #expect(!isReady(try tracker.look(at: "young.png", isMarkedDone: false)))
        clock.advance(5)
        #expect(isReady(try tracker.look(at: "young.png", isMarkedDone: false)))
    }

    /// One pass has the patience of the daemon, from the last modification on: 5 s for changes, 60 s for the rest.
    @Test func aSinglePassWaitsForTheRestOfAYoungFileToo() throws {
        var tracker = tracker(isSinglePass: true)
        try scratch.write(Array(Sample.png.dropLast()), "cut.png")
        try scratch.setModification(of: "cut.png", to: 1_999_999_970)
        guard case .wait(let reason, let until) = try tracker.look(at: "cut.png", isMarkedDone: false) else {
            Issue.record("handed over after 30 s")
            return
        }
        #expect(reason.contains("IEND") && until == clock.monotonicSeconds() + 30)
        clock.advance(29)
        #expect(!isReady(try tracker.look(at: "cut.png", isMarkedDone: false)))
        clock.advance(1)
        #expect(isReady(try tracker.look(at: "cut.png", isMarkedDone: false)))
        // What was seen to change counts from then, whatever time it is given: `cp -p` and `tar` set old ones.
        try scratch.write(Sample.png, "kept.png")
        _ = try tracker.look(at: "kept.png", isMarkedDone: false)
        try scratch.write(Sample.png + Sample.png, "kept.png")
        try scratch.setModification(of: "kept.png", to: 1_000_000_000)
        #expect(!isReady(try tracker.look(at: "kept.png", isMarkedDone: false)))
    }

    @Test(arguments: [false, true])
    func anEmptyFolderWaitsHoweverLongItTakes(isSinglePass: Bool) throws {
        var tracker = tracker(isSinglePass: isSinglePass)
        mkdir(scratch.path + "/bare", 0o755)
        for name in ["settled/drop.yml", "littered/Thumbs.db", "littered/.DS_Store"] { try scratch.write("seed: 1", name) }
        for name in ["bare", "settled", "littered"] {
            _ = try tracker.look(at: name, isMarkedDone: false)
            clock.advance(1e6)
            let found = name == "littered" ? "holds nothing but what is passed over, such as \".DS_Store\"" : "is empty"
            let expected = SettleRule.Verdict.wait(reason: "the folder \(found); waiting for its content", until: nil)
            #expect(try tracker.look(at: name, isMarkedDone: false) == expected, "\(name)")
            #expect(isReady(try tracker.look(at: name, isMarkedDone: true)), "\(name)")
        }
        try scratch.write(Sample.png, "bare/1.png")
        _ = try tracker.look(at: "bare", isMarkedDone: false)
        // A folder with one file.
        clock.advance(60)
        #expect(isReady(try tracker.look(at: "bare", isMarkedDone: false)))
    }

    @Test func anEmptyFolderInsideADropIsGivenAMinute() throws {
        var tracker = tracker()
        try scratch.write(Sample.png, "film/a/1.png")
        try scratch.write(Sample.png, "film/a/2.png")
        mkdir(scratch.path + "/film/b", 0o755)
        mkdir(scratch.path + "/film/@eaDir", 0o755)
        _ = try tracker.look(at: "film", isMarkedDone: false)
        clock.advance(59)
        guard case .wait(let reason, _) = try tracker.look(at: "film", isMarkedDone: false) else {
            Issue.record("not waiting")
            return
        }
        #expect(reason.contains("\"b\" in it is empty"))
        clock.advance(1)
        #expect(isReady(try tracker.look(at: "film", isMarkedDone: false)))
    }

    @Test(arguments: [false, true])
    func aPartialNameInsideAFolderIsWaitedForHoweverLongItTakes(isSinglePass: Bool) throws {
        try scratch.write(Sample.png, "file/1.png")
        try scratch.write(Sample.png, "file/2.png.part")
        try scratch.write(Sample.png, "folder/1.png")
        mkdir(scratch.path + "/folder/2.DOWNLOAD", 0o755)
        var tracker = tracker(isSinglePass: isSinglePass)
        for (name, inner) in [("file", "2.png.part"), ("folder", "2.DOWNLOAD")] {
            _ = try tracker.look(at: name, isMarkedDone: false)
            clock.advance(1e6)
            guard case .wait(let reason, nil) = try tracker.look(at: name, isMarkedDone: false) else {
                Issue.record("\(name) does not wait, or not without end")
                return
            }
            #expect(reason.contains(inner))
            rename(scratch.path + "/\(name)/\(inner)", scratch.path + "/\(name)/.kept")
            _ = try tracker.look(at: name, isMarkedDone: false)
            clock.advance(60)
            #expect(isReady(try tracker.look(at: name, isMarkedDone: false)))
        }
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
            var tracker = SettleTracker(
                rule: SettleRule(isSinglePass: isSinglePass), inbox: folder, files: files, formats: .media, clock: clock)
            tracker.noteMovedIn("film")
            guard case .blocked(let reason, let until) = try tracker.look(at: "film", isMarkedDone: false) else {
                Issue.record("not blocked")
                return
            }
            #expect(reason.contains(folder + "/" + name) && reason.contains("mode u+rwX"))
            #expect(until == (isSinglePass ? nil : clock.monotonicSeconds() + 60))
        }
    }

    @Test(arguments: [InboxScanner.settingsSuffix, InboxScanner.doneSuffix])
    func settingsOrAMarkerThatAreNoFileHoldTheirDropUp(suffix: String) throws {
        var tracker = tracker()
        try scratch.write("seed: 1", "elsewhere")
        for (name, kind) in [("linked.png", "symbolic link"), ("boxed.png", "folder"), ("piped.png", "named pipe")] {
            let companion = scratch.path + "/" + name + suffix
            try scratch.write(Sample.png, name)
            switch kind {
            case "folder": mkdir(companion, 0o755)
            case "named pipe": mkfifo(companion, 0o600)
            default: symlink(scratch.path + "/elsewhere", companion)
            }
            let isMarkedDone = suffix == InboxScanner.doneSuffix
            tracker.noteMovedIn(name)
            guard case .wait(let reason, nil) = try tracker.look(at: name, isMarkedDone: isMarkedDone) else {
                Issue.record("\(name) does not wait")
                continue
            }
            #expect(reason.hasPrefix("\(companion) is a \(kind)"), "\(reason)")
            if kind == "folder" { rmdir(companion) } else { unlink(companion) }
            try scratch.write("seed: 1", name + suffix)
            tracker.noteMovedIn(name)
            _ = try tracker.look(at: name, isMarkedDone: isMarkedDone)
            clock.advance(5)
            #expect(isReady(try tracker.look(at: name, isMarkedDone: isMarkedDone)))
        }
    }

    /// Under the rights of a user who owns nothing here; a test that root runs gives its own up on this thread.
    private func withoutRights(_ body: () throws -> Void) throws {
        typealias SetUser = @convention(c) (uid_t) -> Int32
        guard geteuid() == 0 else { return try body() }
        // Glibc's modules do not show it. It changes who one thread is to the file system.
        let symbol = try #require(dlsym(nil, "setfsuid"))
        let setUser = unsafeBitCast(symbol, to: SetUser.self)
        _ = setUser(65_534)
        defer { _ = setUser(0) }
        try body()
    }

    @Test func aFolderThatMayNotBeWrittenInCannotBeMovedSoItWaitsWithItsMode() throws {
        try scratch.write(Sample.png, "album/1.png")
        // Others, root as a nobody among them, may look and nothing more.
        for folder in [scratch.path, scratch.path + "/album"] { chmod(folder, 0o555) }
        defer { chmod(scratch.path + "/album", 0o755) }
        for (isSinglePass, isMarkedDone) in [(false, false), (false, true), (true, false)] {
            var tracker = tracker(isSinglePass: isSinglePass)
            tracker.noteMovedIn("album")
            try withoutRights {
                guard case .blocked(let reason, let until) = try tracker.look(at: "album", isMarkedDone: isMarkedDone) else {
                    Issue.record("not blocked")
                    return
                }
                #expect(reason.contains(scratch.path + "/album cannot be moved") && reason.contains("its mode is 555"), "\(reason)")
                #expect(until == (isSinglePass ? nil : clock.monotonicSeconds() + 60))
            }
        }
        chmod(scratch.path + "/album", 0o777)
        var tracker = tracker()
        tracker.noteMovedIn("album")
        var verdict: SettleRule.Verdict?
        try withoutRights { verdict = try tracker.look(at: "album", isMarkedDone: false) }
        #expect(isReady(verdict))
    }

    /// With `NAME.done` no format is asked, so nothing else opens the files before they are taken.
    @Test(arguments: ["a.png", "b.png.drop.yml", "film/1.png"])
    func whatMayNotBeReadIsSaidWhileItIsInTheInbox(unreadable: String) throws {
        for name in ["a.png", "b.png", "b.png.drop.yml", "film/1.png"] { try scratch.write(Sample.png, name) }
        chmod(scratch.path, 0o755)
        chmod(scratch.path + "/film", 0o777)
        chmod(scratch.path + "/" + unreadable, 0o000)
        var tracker = tracker()
        for name in ["a.png", "b.png", "film"] {
            try withoutRights {
                let verdict = try tracker.look(at: name, isMarkedDone: true)
                guard unreadable.hasPrefix(name) else {
                    #expect(isReady(verdict), "\(name)")
                    return
                }
                guard case .blocked(let reason, let until?) = verdict else {
                    Issue.record("\(name) is not blocked")
                    return
                }
                #expect(reason.contains("opening \(scratch.path)/\(unreadable) failed: Permission denied") && reason.contains("g+rwX"))
                #expect(until == clock.monotonicSeconds() + 60)
            }
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
