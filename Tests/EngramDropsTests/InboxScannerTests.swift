import EngramTestSupport
import EngramDrops
import Glibc
import Testing

@Suite struct InboxScannerTests {
    private let scratch = Scratch()

    private func scan() throws -> [InboxScanner.Entry] { try InboxScanner(inbox: scratch.path).scan() }

    @Test func dropsComeInNaturalOrder() throws {
        for name in ["b10.png", "b9.png", "a", "b1.png"] { try scratch.write("x", name) }
        #expect(try scan().map(\.name) == ["a", "b1.png", "b9.png", "b10.png"])
    }

    @Test func hiddenPartialAndJunkNamesAreLeftOut() throws {
        for name in [
            ".hidden", ".DS_Store", "._film.png", ".engram-inbox", "a.part", "b.TMP", "c.crdownload", "d.png.filepart", "Thumbs.db",
            "ehthumbs.db", "desktop.ini", "Icon\r", "lost+found", "@eaDir", "#recycle", "$RECYCLE.BIN", "__MACOSX", "~$notes.png",
        ] {
            try scratch.write("x", name)
            #expect(InboxScanner.reasonToIgnore(name) != nil, "\(name)")
        }
        #expect(try scan().isEmpty)
    }

    @Test func aNameWithTwoDotsBeforeItWaitsAndSaysWhy() throws {
        try scratch.write("x", "..dots.png")
        #expect(try scan().map(\.kind) == [.waiting(reason: "its name begins with dots, so it is hidden; rename it")])
    }

    /// What editors and sharing services leave is no drop of its own.
    @Test func backupsAndConflictCopiesAreLeftAlone() {
        for name in [
            "a.png~", "a.bak", "a.png:Zone.Identifier", "a.sync-conflict-20240101-1.png", "b (conflicted copy 2024-01-01).png", "#a#",
        ] {
            #expect(InboxScanner.reasonToIgnore(name) != nil, "\(name)")
        }
        for name in ["~", "a (1).png", "a - Copy.png", "bak", "copy of a.png"] {
            #expect(InboxScanner.reasonToIgnore(name) == nil, "\(name)")
        }
    }

    @Test(arguments: [
        "two words.png", "new\nline.png", "😀.png", "-rf", "'\"$(reboot)`.png", "a\\b", "*", "e\u{301}.png",
        String(repeating: "n", count: 255),
    ])
    func oddNamesAreDropsLikeAnyOther(name: String) throws {
        try scratch.write("x", name)
        let entries = try scan()
        #expect(entries.count == 1)
        #expect(entries.first.map { Array($0.name.utf8) } == Array(name.utf8))
        #expect(entries.first?.kind == .drop(hasSettings: false, isMarkedDone: false))
    }

    @Test func linksPipesAndSocketsAreNotFollowedAndSaid() throws {
        symlink("/etc/passwd", scratch.path + "/link.png")
        mkfifo(scratch.path + "/pipe.png", 0o600)
        mknod(scratch.path + "/socket.png", S_IFSOCK | 0o600, 0)
        let reasons = try scan().map { entry -> String in
            if case .unreadable(let reason) = entry.kind { return reason }
            return "a drop"
        }
        #expect(reasons.count == 3)
        #expect(reasons[0].contains("symbolic links are not followed"))
        #expect(reasons[1].contains("named pipe"))
        #expect(reasons[2].contains("socket"))
    }

    @Test func aNameThatIsNotUTF8WaitsWithASpellingForPeople() throws {
        let raw = Array((scratch.path + "/caf").utf8).map { CChar(bitPattern: $0) } + [CChar(bitPattern: 0xe9), 0]
        close(open(raw, O_CREAT | O_WRONLY, 0o644))
        let entries = try scan()
        #expect(entries.map(\.name) == ["caf\\xe9"])
        #expect(entries.first?.kind == .waiting(reason: "its name is not UTF-8 text; rename it"))
        unlink(raw)
    }

    @Test func settingsAndMarkersBelongToTheirDrop() throws {
        for name in ["a.png", "a.png.drop.yml", "a.png.done", "lost.png.drop.yml", "lost.done"] { try scratch.write("x", name) }
        let entries = try scan()
        #expect(entries.map(\.name) == ["a.png", "lost.done", "lost.png.drop.yml"])
        #expect(entries[0].kind == .drop(hasSettings: true, isMarkedDone: true))
        for entry in entries.dropFirst() {
            guard case .waiting(let reason) = entry.kind else {
                Issue.record("\(entry)")
                continue
            }
            #expect(reason.contains("which is not here"))
        }
    }

    @Test func whatCannotBeListedAmongCuesIsARowAndNoEndOfTheScan() throws {
        try scratch.write("x", "recall/film/cue.png")
        try scratch.write("x", "recall/closed/cue.png")
        try scratch.write("x", "drop.png")
        let bytes = Array((scratch.path + "/recall/film/y").utf8) + [0xff, 0]
        let descriptor = bytes.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { open($0.baseAddress!, O_WRONLY | O_CREAT, 0o644) }
        try #require(descriptor >= 0)
        close(descriptor)
        let files = FileSystem { (operation, path) throws(DropError) in
            if path.hasSuffix("recall/closed") { throw .system(operation: "reading", path: path, code: EACCES) }
        }
        let entries = try InboxScanner(inbox: scratch.path, files: files).scan()
        let kinds = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.kind) })
        #expect(kinds["drop.png"] == .drop(hasSettings: false, isMarkedDone: false))
        #expect(kinds["recall/film/cue.png"] == .drop(hasSettings: false, isMarkedDone: false))
        let waiting = entries.filter { if case .waiting = $0.kind { true } else { false } }
        #expect(Set(waiting.map(\.name)) == ["recall/closed", "recall/film/y\\xff"])
    }

    /// A name that is no text is shown in a spelling that may be another's name; each is a row of its own all the same.
    @Test func namesThatLookAlikeAreTwoEntries() async throws {
        try scratch.write(Sample.png, "inbox/y\\xff")
        let bytes = Array((scratch.path + "/inbox/y").utf8) + [0xff, 0]
        let descriptor = bytes.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { open($0.baseAddress!, O_WRONLY | O_CREAT, 0o644) }
        try #require(descriptor >= 0)
        close(descriptor)
        let entries = try InboxScanner(inbox: scratch.path + "/inbox").scan()
        #expect(entries.map(\.name) == ["y\\xff", "y\\xff?"])
        #expect(entries[0].kind == .drop(hasSettings: false, isMarkedDone: false))
        let summary = try await makeScheduler(scratch).runOnce()
        #expect(summary.published.map(\.name) == ["y\\xff"] && summary.waiting.count == 1)
    }

    @Test func cuesAreDropsOfTheirMemory() throws {
        for name in ["noisy.png", "noisy_mask.png", "noisy.png.drop.yml", "alone_mask.png", "part.png.part"] {
            try scratch.write("x", "recall/steamboat/" + name)
        }
        try scratch.write("x", "recall/loose.png")
        let entries = try scan()
        // A mask goes with its picture, and waits for it.
        #expect(entries.map(\.name) == ["recall/loose.png", "recall/steamboat/alone_mask.png", "recall/steamboat/noisy.png"])
        #expect(entries[2].kind == .drop(hasSettings: true, isMarkedDone: false))
        guard case .waiting(let reason) = entries[1].kind else { return #expect(Bool(false), "\(entries[1].kind)") }
        #expect(reason.hasPrefix("this is the mask of \"alone.png\", which is not here; put that here"))
        #expect(DropJob(ofEntryAt: entries[2].name) == .recall(memory: "steamboat"))
        #expect(DropJob(ofEntryAt: entries[0].name) == .memorize && DropJob(ofEntryAt: "recall//x") == .memorize)
    }
}
