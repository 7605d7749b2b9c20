import EngramTestSupport
@testable import EngramDrops
import Glibc
import Testing

/// Files that are quiet and not finished.
@Suite struct OpenWriterTests {
    private let scratch = Scratch()
    private let clock = HandClock()

    private func look(_ name: String, _ tracker: inout SettleTracker, isMarkedDone: Bool = false) throws -> SettleRule.Verdict? {
        try tracker.look(at: name, isMarkedDone: isMarkedDone)
    }

    private func isReady(_ verdict: SettleRule.Verdict?) -> Bool { if case .ready = verdict { true } else { false } }

    @Test(arguments: ["a.png", "film"])
    func aFileThatIsOpenForWritingIsNotTakenHoweverQuietItIs(name: String) throws {
        var tracker = SettleTracker(rule: SettleRule(), inbox: scratch.path, files: FileSystem(), formats: .media, clock: clock)
        let file = name == "film" ? "film/a.png" : name
        try scratch.write(Sample.png, file)
        if name == "film" { try scratch.write(Sample.png, "film/b.png") }
        let descriptor = open(scratch.path + "/" + file, O_WRONLY | O_APPEND)
        _ = try look(name, &tracker)
        clock.advance(3600)
        guard case .wait(let reason, _) = try look(name, &tracker) else {
            Issue.record("it was taken")
            return
        }
        #expect(reason.contains("\"\(file)\" is still open for writing"))
        #expect(isReady(try look(name, &tracker, isMarkedDone: true)))
        close(descriptor)
        #expect(isReady(try look(name, &tracker)))
    }

    @Test func aReaderIsNoWriterAndTheLeaseIsGivenBack() throws {
        try scratch.write("x", "a")
        let reader = open(scratch.path + "/a", O_RDONLY)
        defer { close(reader) }
        #expect(try FileSystem().hasWriter(scratch.path + "/a") == false)
        // With the lease still there this would block, or fail with EWOULDBLOCK.
        let writer = open(scratch.path + "/a", O_WRONLY | O_NONBLOCK)
        #expect(writer >= 0)
        #expect(try FileSystem().hasWriter(scratch.path + "/a") == true)
        close(writer)
    }

    @Test func aFolderIsWaitedForByTheLongestPauseBetweenItsFiles() {
        let rule = SettleRule(settleSeconds: 5)
        func quiet(_ fileCount: Int, pause: Double, isFolder: Bool = true) -> Double {
            let files = (0..<fileCount).map { TreeSnapshot.File(relativePath: "\($0)", byteCount: 1, modificationNanoseconds: 0) }
            return rule.quietSeconds(
                for: TreeSnapshot(isFolder: isFolder, files: files, folders: [], newestModification: 0, longestPauseSeconds: pause))
        }
        #expect(quiet(1, pause: 0, isFolder: false) == 5)
        #expect(quiet(1, pause: 0) == 60)
        #expect(quiet(9, pause: 0.01) == 5)
        #expect(quiet(2, pause: 8) == 24)
        #expect(quiet(2, pause: 86_400) == 300)
        #expect(
            SettleRule(settleSeconds: 0).quietSeconds(
                for: TreeSnapshot(
                    isFolder: true, files: [], folders: [], newestModification: 0, longestPauseSeconds: 9)) == 0)
    }

    @Test func aRendererOfAFrameEachEightSecondsMakesOneDrop() throws {
        var tracker = SettleTracker(rule: SettleRule(), inbox: scratch.path, files: FileSystem(), formats: .media, clock: clock)
        // The pauses are of the hand clock; the kernel's own moments, which are milliseconds apart here, add nothing.
        try scratch.write(Sample.png, "render/frame_1.png")
        _ = try look("render", &tracker)
        for second in 1...50 {
            clock.advance(1)
            #expect(!isReady(try look("render", &tracker)), "after \(second) s")
        }
    }

    @Test func numbersThatGoOnAreFound() {
        func continuation(_ new: [String], _ old: [String]) -> String? {
            NumberedNames(new).continuation(of: NumberedNames(old)).map { "\($0.last) \($0.first)" }
        }
        #expect(continuation(["f_0004.png", "f_0005.png"], ["f_0001.png", "f_0003.png"]) == "f_3.png f_4.png")
        #expect(continuation(["f_2.png"], ["f_1.png", "f_2.png"]) == nil)
        #expect(continuation(["g_2.png"], ["f_1.png"]) == nil)
        #expect(continuation(["cat.png"], ["dog.png"]) == nil)
        #expect(continuation(["f2/3.png"], ["f2/1.png"]) == nil)
    }

    @Test func aFolderThatGoesOnWhereAnEarlierOneEndedSaysSo() async throws {
        for numbers in [[1, 2], [3, 4]] {
            for number in numbers { try scratch.write("\(number)", "inbox/render/frame_\(number)") }
            clock.advance(100)
            _ = try await makeScheduler(scratch, clock: clock).runOnce()
        }
        let ledger = try Ledger.existing(at: scratch.path + "/.engram/ledger.sqlite", clock: clock)
        let rows = try ledger.find("render").sorted { $0.id < $1.id }
        #expect(rows.count == 2)
        #expect(try ledger.transitions(of: rows[0].id).allSatisfy { !$0.reason.contains("go on from") })
        #expect(
            try ledger.transitions(of: rows[1].id).contains {
                $0.reason.contains("its files go on from frame_3, where the drop of the same name that was taken before ended with frame_2")
            })
    }

    @Test func anEmptyFileIsAsOldAsItsArrivalAndNotAsItsOriginal() throws {
        let (clock, rule) = (HandClock(), SettleRule(isSinglePass: true))
        let now = clock.secondsSinceEpoch()
        func verdict(arrivedBefore seconds: Double) throws -> SettleRule.Verdict {
            let file = TreeSnapshot.File(relativePath: "", byteCount: 0, modificationNanoseconds: 0)
            var snapshot = TreeSnapshot(isFolder: false, files: [file], folders: [], newestModification: now - 1e6)
            snapshot.newestArrival = now - seconds
            var memory: SettleRule.Memory?
            return try rule.verdict(
                memory: &memory, snapshot: snapshot, isMarkedDone: false, wasMovedIn: false, clock: clock, completeness: { .complete })
        }
        #expect(try !isReady(verdict(arrivedBefore: 10)))
        #expect(try isReady(verdict(arrivedBefore: 2e5)))
    }
}
