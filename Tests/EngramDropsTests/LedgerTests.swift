@testable import EngramDrops
import GRDB
import Testing

@Suite struct LedgerTests {
    private let scratch = Scratch()
    private let clock = HandClock()
    private var path: String { scratch.path + "/ledger.sqlite" }

    private func open() throws -> Ledger { try Ledger(path: path, clock: clock) }

    @Test func rowsAndTransitionsSurviveReopening() throws {
        do {
            let ledger = try open()
            try ledger.insert(id: "1", name: "a\n'b\".png", path: "/in/a")
            clock.advance(2)
            try ledger.move("1", to: .claiming, from: [.seen], reason: "stable") { $0.token = "t" }
        }
        let ledger = try open()
        let row = try #require(try ledger.row("1"))
        #expect(row.name == "a\n'b\".png" && row.state == .claiming && row.token == "t" && row.updatedAt == row.createdAt + 2)
        #expect(
            try ledger.transitions(of: "1").map { [$0.from?.rawValue ?? "-", $0.to.rawValue, $0.reason] } == [
                ["-", "seen", "found in the inbox"], ["seen", "claiming", "stable"],
            ])
        #expect(try ledger.counts() == [.claiming: 1])
    }

    @Test func aMoveFromAnotherStateOrWithAnotherTokenWritesNothing() throws {
        let ledger = try open()
        try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .running, from: [.seen], reason: "r") { $0.token = "new" }
        let before = try ledger.row("1")
        #expect(throws: DropError.staleAttempt(id: "1", expected: "token old", found: "token new")) {
            try ledger.move("1", to: .publishing, from: [.running], token: "old", reason: "late")
        }
        #expect(throws: DropError.staleAttempt(id: "1", expected: "state claimed", found: "state running")) {
            try ledger.move("1", to: .publishing, from: [.claimed], token: "new", reason: "wrong")
        }
        #expect(try ledger.row("1") == before)
        #expect(try ledger.transitions(of: "1").count == 2)
    }

    @Test func everyTransitionIsOnTheDiskBeforeAnythingDependsOnIt() throws {
        let ledger = try open()
        let (mode, synchronous, foreignKeys) = try ledger.pool.writeWithoutTransaction { database in
            (
                try String.fetchOne(database, sql: "PRAGMA journal_mode"), try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try Int.fetchOne(database, sql: "PRAGMA foreign_keys")
            )
        }
        #expect(mode == "wal" && synchronous == 2 && foreignKeys == 1)
    }

    @Test func oneEntryOfTheInboxIsOneRow() throws {
        let ledger = try open()
        try ledger.insert(id: "1", name: "a", path: "/a")
        #expect(throws: DropError.self) { try ledger.insert(id: "2", name: "a", path: "/a") }
        try ledger.move("1", to: .claiming, from: [.seen], reason: "r")
        try ledger.insert(id: "3", name: "a", path: "/a")
    }

    @Test func aScanAddsChangesAndEndsRowsAndIsQuietOtherwise() throws {
        let ledger = try open()
        let counter = Counter()
        func record(_ entries: [(String, DropState)]) throws -> [String] {
            try ledger.recordInbox(entries.map { InboxObservation(name: $0.0, path: "/" + $0.0, state: $0.1, reason: "because") }) {
                "id\(counter.next())"
            }.map { "\($0.id) \($0.state)" }
        }
        // é twice: composed and decomposed are one string to Swift and two names to the disk.
        #expect(try record([("\u{e9}", .settling), ("e\u{301}", .ready)]) == ["id1 settling", "id2 ready"])
        #expect(try record([("\u{e9}", .settling), ("e\u{301}", .ready)]) == ["id1 settling", "id2 ready"])
        #expect(try ledger.transitions(of: "id1").count == 1)
        #expect(try record([("\u{e9}", .ready)]) == ["id1 ready"])
        #expect(try ledger.row("id2")?.state == .vanished)
    }

    @Test func explainFindsADropByNamePathResultAndIdentifier() throws {
        let ledger = try open()
        try ledger.insert(id: "1", name: "film", path: "/in/film")
        try ledger.move("1", to: .published, from: [.seen], reason: "r") { $0.resultPath = "/out/film-2" }
        for question in ["film", "/in/film", "/in/film/", "/out/film-2", "1", "/elsewhere/film"] {
            #expect(try ledger.find(question).map(\.id) == ["1"], "\(question)")
        }
        #expect(try ledger.find("other").isEmpty)
    }

    @Test func onlyAPublishedDropOfTheSameBytesAndSettingsIsRecognised() throws {
        let ledger = try open()
        try ledger.insert(id: "1", name: "a", path: "/a")
        try ledger.move("1", to: .running, from: [.seen], reason: "r") {
            $0.contentSHA256 = "c"
            $0.settingsSHA256 = "s"
        }
        #expect(try ledger.published(contentSHA256: "c", settingsSHA256: "s") == nil)
        try ledger.move("1", to: .archived, from: [.running], reason: "r")
        #expect(try ledger.published(contentSHA256: "c", settingsSHA256: "s")?.id == "1")
        #expect(try ledger.published(contentSHA256: "c", settingsSHA256: "other") == nil)
    }

    @Test func anotherProgramsDatabaseIsRefusedAndLeftAlone() throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "CREATE TABLE theirs (x); PRAGMA application_id = 77") }
        try queue.close()
        let bytes = try scratch.read("ledger.sqlite")
        #expect(throws: DropError.foreignLedger(path: path, applicationID: 77)) { try open() }
        #expect(try scratch.read("ledger.sqlite") == bytes)
        try scratch.write("this is not a database, and long enough to be looked at as one", "other.sqlite")
        #expect(throws: DropError.self) { try Ledger(path: scratch.path + "/other.sqlite", clock: clock) }
        #expect(try scratch.text("other.sqlite").hasPrefix("this is not"))
    }

    @Test func aLedgerOfANewerVersionIsRefused() throws {
        do {
            try open().pool.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: the future')") }
        }
        #expect(throws: DropError.newerLedger(path: path)) { try open() }
    }

    @Test func lookingForALedgerDoesNotCreateOne() throws {
        #expect(throws: DropError.self) { try Ledger.existing(at: path, clock: clock) }
        #expect(try !scratch.exists("ledger.sqlite"))
    }

    @Test func lookingWritesNothing() throws {
        do {
            let ledger = try open()
            try ledger.insert(id: "1", name: "a", path: "/a")
            try ledger.close()
        }
        let before = try scratch.read("ledger.sqlite")
        let ledger = try Ledger.existing(at: path, clock: clock)
        #expect(try ledger.row("1")?.name == "a")
        #expect(throws: DropError.self) { try ledger.insert(id: "2", name: "b", path: "/b") }
        #expect(try scratch.read("ledger.sqlite") == before)
    }

    @Test func aDamagedLedgerIsRefusedAndLeftAsItIs() throws {
        do {
            let ledger = try open()
            for number in 0..<200 { try ledger.insert(id: "\(number)", name: "name of drop \(number)", path: "/a") }
            try ledger.close()
        }
        var bytes = try scratch.read("ledger.sqlite")
        // The file's head stays, so SQLite opens it; what is damaged is behind it.
        for index in stride(from: 8192, to: bytes.count, by: 7) { bytes[index] ^= 0x55 }
        try scratch.write(bytes, "ledger.sqlite")
        let error = #expect(throws: DropError.self) { try open() }
        guard case .damagedLedger(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try scratch.read("ledger.sqlite") == bytes)
    }

    @Test func aLedgerWhoseMakingWasInterruptedIsFinished() throws {
        // A transaction that outgrows the cache is half in the file, half in its journal; the copies are what a kill leaves.
        let other = scratch.path + "/other.sqlite"
        let queue = try DatabaseQueue(path: other)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "CREATE TABLE t (x); DROP TABLE t; PRAGMA cache_size = 1; BEGIN IMMEDIATE; CREATE TABLE drops (x)")
            for _ in 0..<50 { try database.execute(sql: "INSERT INTO drops VALUES (randomblob(4096))") }
            for suffix in ["", "-journal"] { try scratch.write(try scratch.read("other.sqlite" + suffix), "ledger.sqlite" + suffix) }
            try database.execute(sql: "ROLLBACK")
        }
        let looking = #expect(throws: DropError.self) { try Ledger.existing(at: path, clock: clock) }
        #expect("\(String(describing: looking))".contains("engram run finishes that"))
        let ledger = try open()
        try ledger.insert(id: "1", name: "a", path: "/a")
        #expect(try ledger.row("1")?.name == "a")
        #expect(try !scratch.exists("ledger.sqlite-journal"))
    }

    /// The first release's tables, written by its own words.
    @Test func aLedgerOfTheFirstVersionIsBroughtUpToDateWithItsRows() throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            try database.execute(
                sql: """
                    PRAGMA application_id = 1162757970;
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    INSERT INTO grdb_migrations VALUES ('1: drops and transitions');
                    CREATE TABLE drops (
                        id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL,
                        contentSHA256 TEXT, settingsSHA256 TEXT, attempt INTEGER NOT NULL, failureCount INTEGER NOT NULL, token TEXT,
                        workerProcess INTEGER, workerStart INTEGER, notBefore REAL, resultPath TEXT, reusedFrom TEXT REFERENCES drops (id),
                        createdAt REAL NOT NULL, updatedAt REAL NOT NULL) STRICT;
                    CREATE TABLE transitions (
                        number INTEGER PRIMARY KEY AUTOINCREMENT, dropID TEXT NOT NULL REFERENCES drops (id), fromState TEXT,
                        toState TEXT NOT NULL, at REAL NOT NULL, reason TEXT NOT NULL) STRICT;
                    INSERT INTO drops (id, name, path, state, reason, attempt, failureCount, createdAt, updatedAt)
                        VALUES ('1', 'old', '/old', 'retrying', 'r', 2, 1, 1, 2);
                    """)
        }
        try queue.close()
        let before = try scratch.read("ledger.sqlite")
        for isWritable in [false, true] {
            let refusal = #expect(throws: DropError.self) { try Ledger.existing(at: path, clock: clock, isWritable: isWritable) }
            #expect(refusal?.description.contains("an older engram wrote it") == true)
        }
        // A newer program that starts beside the daemon whose ledger it is: the lock comes first.
        let folders = DropFolders(inbox: scratch.path + "/in", outbox: scratch.path + "/out", state: scratch.path)
        let lock = try InstanceLock(path: folders.lockPath)
        let second = #expect(throws: DropError.self) { try StateHold(folders, clock: clock) }
        guard case .alreadyRunning = second else { throw try #require(second) }
        #expect(try scratch.read("ledger.sqlite") == before)
        lock.release()
        let row = try #require(try open().row("1"))
        #expect(row.name == "old" && row.attempt == 2 && row.failureCode == nil && row.failureIsRetryable == nil)
        #expect(try Ledger.existing(at: path, clock: clock).row("1") == row)
    }
}
