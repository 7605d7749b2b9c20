internal import Glibc
internal import GRDB

/// What happened to every file ever seen, in SQLite: one row a drop, one row a transition, durable before anything depends on it.
///
/// WAL with `synchronous = FULL`: a transition that was written survives the loss of power. Other processes (`engram status`) may read
/// while the daemon writes.
package final class Ledger: Sendable {
    /// "ENGR", so that another program's database is not mistaken for a ledger.
    static let applicationID = 0x454e_4752

    /// The database's file.
    package let path: String
    let pool: DatabasePool
    let clock: any DropClock
    private let files: FileSystem

    /// Opens the ledger, or creates it, and brings an older one up to date.
    /// - Throws: `DropError.foreignLedger`, `.newerLedger`, `.damagedLedger`, or `.ledger` when the file cannot be used.
    package convenience init(path: String, clock: any DropClock, files: FileSystem = FileSystem()) throws(DropError) {
        try self.init(path: path, clock: clock, files: files, access: .owner)
    }

    private enum Access {
        /// Nothing is written.
        case reading
        /// Steps of drops are added; the tables stay as they are.
        case writing
        /// Everything; for who holds the state folder's lock.
        case owner
    }

    /// Opens the ledger of a daemon that may be running. It is not made, and not brought up to date: its tables are those of who holds the
    /// state folder's lock.
    /// - Parameter isWritable: Whether steps of drops are added; else nothing is written.
    /// - Throws: `DropError.ledger` if there is none yet or it is of an older version, else as `init`.
    package static func existing(at path: String, clock: any DropClock, isWritable: Bool = false) throws(DropError) -> Ledger {
        guard try FileSystem().exists(path) else {
            throw .ledger(path: path, reason: "there is none yet; engram run creates it")
        }
        return try Ledger(path: path, clock: clock, files: FileSystem(), access: isWritable ? .writing : .reading)
    }

    private init(path: String, clock: any DropClock, files: FileSystem, access: Access) throws(DropError) {
        self.path = path
        self.clock = clock
        self.files = files
        do {
            var configuration = Configuration()
            configuration.label = "engram.ledger"
            configuration.busyMode = .timeout(10)
            configuration.readonly = true
            // Looked at first without the right to write: making a pool writes, and what is damaged or another's stays as it is.
            if try files.facts(of: path).map({ $0.byteCount > 0 }) ?? false {
                do {
                    try Self.inspect(try DatabaseQueue(path: path, configuration: configuration), path: path, access: access)
                } catch let error as DatabaseError where error.resultCode == .SQLITE_READONLY && access == .owner {
                    // Whoever made it was killed in its first transaction, before there was a write-ahead log: a journal beside it has to be
                    // rolled back before anything can be read, and that takes the right to write.
                    configuration.readonly = false
                    try Self.inspect(try DatabaseQueue(path: path, configuration: configuration), path: path, access: .owner)
                }
            } else if access != .owner {
                throw DropError.ledger(path: path, reason: "it is empty; engram run fills it")
            }
            configuration.readonly = access == .reading
            pool = try DatabasePool(path: path, configuration: configuration)
            if access != .reading {
                // The pool sets NORMAL for WAL, which may lose the last transitions with the power.
                try pool.writeWithoutTransaction { database in
                    try database.execute(sql: "PRAGMA synchronous = FULL")
                    // Before the first table: whoever is killed while it makes them must find its own database at the next start. `inspect`
                    // saw that it is ours or new.
                    if try Int.fetchOne(database, sql: "PRAGMA application_id") == 0 {
                        try database.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
                    }
                }
                if access == .owner { try Self.migrator.migrate(pool) }
            }
        } catch {
            throw Self.dropError(error, path: path)
        }
    }

    /// Refuses what is no ledger of ours, or not a whole one.
    private static func inspect(_ queue: DatabaseQueue, path: String, access: Access) throws {
        try queue.read { database in
            let found = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let tableCount = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            guard found == applicationID || (found == 0 && tableCount == 0) else {
                throw DropError.foreignLedger(path: path, applicationID: found)
            }
            if access == .owner, let verdict = try String.fetchOne(database, sql: "PRAGMA quick_check(1)"), verdict != "ok" {
                throw DropError.damagedLedger(path: path, reason: verdict)
            }
            guard try !migrator.hasBeenSuperseded(database) else { throw DropError.newerLedger(path: path) }
            guard try access == .owner || migrator.hasCompletedMigrations(database) else {
                throw DropError.ledger(path: path, reason: "an older engram wrote it; engram run brings it up to date")
            }
        }
        try queue.close()
    }

    /// Writes everything into the one file and closes it.
    func close() throws(DropError) {
        try wrapped {
            try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
            try pool.close()
        }
    }

    private static func isDiskFull(_ path: String) -> Bool {
        let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        // The log's index alone takes 32 KiB.
        return (DiskAdmission.room(of: folder)?.freeByteCount ?? .max) < 128 << 10
    }

    private static func dropError(_ error: any Error, path: String) -> DropError {
        switch error {
        case let error as DropError: error
        case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
            .damagedLedger(path: path, reason: error.message ?? "\(error)")
        case let error as DatabaseError where [.SQLITE_FULL, .SQLITE_IOERR].contains(error.resultCode) && isDiskFull(path):
            // SQLite says "disk I/O error" when it finds no room for its own files.
            .system(operation: "writing", path: path, code: ENOSPC)
        case let error as DatabaseError where error.resultCode == .SQLITE_READONLY:
            .ledger(path: path, reason: "it was left in the middle of a change; engram run finishes that")
        default: .ledger(path: path, reason: "\(error)")
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: drops and transitions") { database in
            let states = DropState.inInbox.map { "'\($0.rawValue)'" }.sorted().joined(separator: ", ")
            try database.execute(
                sql: """
                    CREATE TABLE drops (
                        id TEXT PRIMARY KEY NOT NULL,
                        name TEXT NOT NULL,
                        path TEXT NOT NULL,
                        state TEXT NOT NULL,
                        reason TEXT NOT NULL,
                        contentSHA256 TEXT,
                        settingsSHA256 TEXT,
                        attempt INTEGER NOT NULL,
                        failureCount INTEGER NOT NULL,
                        token TEXT,
                        workerProcess INTEGER,
                        workerStart INTEGER,
                        notBefore REAL,
                        resultPath TEXT,
                        reusedFrom TEXT REFERENCES drops (id),
                        createdAt REAL NOT NULL,
                        updatedAt REAL NOT NULL
                    ) STRICT;
                    -- One entry of the inbox is one row.
                    CREATE UNIQUE INDEX dropsInInbox ON drops (name) WHERE state IN (\(states));
                    CREATE INDEX dropsByState ON drops (state);
                    CREATE INDEX dropsByName ON drops (name);
                    CREATE INDEX dropsByContent ON drops (contentSHA256, settingsSHA256);
                    CREATE TABLE transitions (
                        number INTEGER PRIMARY KEY AUTOINCREMENT,
                        dropID TEXT NOT NULL REFERENCES drops (id),
                        fromState TEXT,
                        toState TEXT NOT NULL,
                        at REAL NOT NULL,
                        reason TEXT NOT NULL
                    ) STRICT;
                    CREATE INDEX transitionsByDrop ON transitions (dropID, number);
                    """)
        }
        migrator.registerMigration("2: kinds of failures") { database in
            try database.execute(
                sql: """
                    -- A word for programs, and whether the failure may pass by itself; NULL for a drop that never failed.
                    ALTER TABLE drops ADD COLUMN failureCode TEXT;
                    ALTER TABLE drops ADD COLUMN failureIsRetryable INTEGER;
                    """)
        }
        migrator.registerMigration("3: jobs") { database in
            try database.execute(
                sql: """
                    -- What is done with a drop; what lies in recall/MEMORY/ is asked of that memory.
                    ALTER TABLE drops ADD COLUMN job TEXT NOT NULL DEFAULT 'memorize';
                    UPDATE drops SET job = 'recall' WHERE name GLOB 'recall/*/*';
                    """)
        }
        return migrator
    }

    // MARK: Writing

    /// Adds the row of an entry seen for the first time.
    @discardableResult
    func insert(id: String, name: String, path: String, reason: String = "found in the inbox") throws(DropError) -> DropRow {
        let now = clock.secondsSinceEpoch()
        let row = DropRow(
            id: id, name: name, path: path, state: .seen, reason: reason, attempt: 0, failureCount: 0, createdAt: now, updatedAt: now)
        try write { database in
            try row.insert(database)
            try Self.log(DropTransition(dropID: id, from: nil, to: .seen, at: now, reason: reason), database)
        }
        return row
    }

    /// Brings the rows of the inbox's entries up to date with what a scan found, in one transaction; none if nothing changed.
    ///
    /// Entries without a row get one, rows without an entry become `vanished`.
    /// - Parameters:
    ///   - entries: Every entry of the inbox.
    ///   - identifier: Makes the identifiers of new rows.
    /// - Returns: The rows in the inbox, in the order of `entries`.
    func recordInbox(_ entries: [InboxObservation], identifier: () -> String) throws(DropError) -> [DropRow] {
        let now = clock.secondsSinceEpoch()
        let known = try rows(in: DropState.inInbox)
        let names = Set(known.map { Array($0.name.utf8) })
        var identifiers: [[UInt8]: String] = [:]
        for entry in entries where !names.contains(Array(entry.name.utf8)) { identifiers[Array(entry.name.utf8)] = identifier() }
        let changes = InboxChanges(from: known, to: entries, identifiers: identifiers, at: now)
        guard !changes.transitions.isEmpty else { return changes.rows }
        return try write { [identifiers] database in
            // Read again: `engram requeue` may have put a row back into the inbox since.
            let inInbox = Self.selection(of: DropState.inInbox)
            let known = try DropRow.fetch(database, sql: inInbox.sql, inInbox.arguments)
            let changes = InboxChanges(from: known, to: entries, identifiers: identifiers, at: now)
            for row in changes.updated { try row.update(database) }
            for row in changes.inserted { try row.insert(database) }
            for transition in changes.transitions { try Self.log(transition, database) }
            return changes.rows
        }
    }

    /// Moves a drop to another state; the row and its transition are one transaction.
    /// - Parameters:
    ///   - id: The drop.
    ///   - state: The new state.
    ///   - allowed: The states it may come from.
    ///   - token: If given, the row must still carry it: this is what stops a late worker of an old attempt.
    ///   - reason: Why, for `explain`.
    ///   - change: Other columns that change with it.
    /// - Returns: The new row.
    /// - Throws: `DropError.staleAttempt` if the row is in another state or has another token; nothing is written then.
    @discardableResult
    func move(
        _ id: String, to state: DropState, from allowed: Set<DropState>, token: String? = nil, reason: String,
        change: @escaping @Sendable (inout DropRow) -> Void = { _ in }
    ) throws(DropError) -> DropRow {
        let now = clock.secondsSinceEpoch()
        return try write { database in
            guard var row = try DropRow.fetch(database, sql: "SELECT * FROM drops WHERE id = ?", [id]).first else {
                throw DropError.staleAttempt(id: id, expected: "a row", found: "none")
            }
            guard allowed.contains(row.state) else {
                let expected = allowed.map(\.rawValue).sorted().joined(separator: " or ")
                throw DropError.staleAttempt(id: id, expected: "state \(expected)", found: "state \(row.state.rawValue)")
            }
            guard token == nil || token == row.token else {
                throw DropError.staleAttempt(id: id, expected: "token \(token ?? "")", found: "token \(row.token ?? "none")")
            }
            let transition = DropTransition(dropID: id, from: row.state, to: state, at: now, reason: reason)
            let isNews = row.state != state || row.reason != reason
            change(&row)
            row.state = state
            row.reason = reason
            row.updatedAt = now
            try row.update(database)
            if isNews { try Self.log(transition, database) }
            return row
        }
    }

    static func log(_ transition: DropTransition, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO transitions (dropID, fromState, toState, at, reason) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                transition.dropID, transition.from?.rawValue, transition.to.rawValue, transition.at, transition.reason,
            ])
    }

    /// Adds finished drops that are known from their files, in one transaction; owners of shared results come first.
    func restore(_ rows: [DropRow]) throws(DropError) {
        try write { database in
            for row in rows {
                try row.insert(database)
                try Self.log(DropTransition(dropID: row.id, from: nil, to: row.state, at: row.updatedAt, reason: row.reason), database)
            }
        }
    }

    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) throws(DropError) -> Value {
        try files.willPerform(.recordInLedger, path)
        return try wrapped { try pool.write(body) }
    }

    // MARK: Reading

    /// The row of a drop.
    package func row(_ id: String) throws(DropError) -> DropRow? { try rows(sql: "SELECT * FROM drops WHERE id = ?", [id]).first }

    /// All rows in the given states, oldest first.
    package func rows(in states: Set<DropState>) throws(DropError) -> [DropRow] {
        let selection = Self.selection(of: states)
        return try rows(sql: selection.sql, selection.arguments)
    }

    private static func selection(of states: Set<DropState>) -> (sql: String, arguments: [String]) {
        let marks = Array(repeating: "?", count: states.count).joined(separator: ", ")
        return ("SELECT * FROM drops WHERE state IN (\(marks)) ORDER BY id", states.map(\.rawValue))
    }

    /// The newest rows of any state, newest first.
    package func latest(_ count: Int) throws(DropError) -> [DropRow] {
        try rows(sql: "SELECT * FROM drops ORDER BY updatedAt DESC, id DESC LIMIT \(max(0, count))", [])
    }

    /// How many drops are in each state; states without one are left out.
    package func counts() throws(DropError) -> [DropState: Int] {
        try wrapped {
            try pool.read { database in
                var counts: [DropState: Int] = [:]
                for row in try Row.fetchAll(database, sql: "SELECT state, count(*) AS n FROM drops GROUP BY state") {
                    if let state = DropState(rawValue: row["state"]) { counts[state] = row["n"] }
                }
                return counts
            }
        }
    }

    /// The rows whose identifier, name, source or result is exactly this, newest first.
    package func find(exactly path: String) throws(DropError) -> [DropRow] {
        try rows(sql: "SELECT * FROM drops WHERE ? IN (id, name, path, resultPath) ORDER BY id DESC", [path])
    }

    /// The rows that `path` may mean, newest first: a path of a source or a result, a name, or an identifier.
    package func find(_ path: String) throws(DropError) -> [DropRow] {
        var name = path
        while name.count > 1, name.hasSuffix("/") { name.removeLast() }
        let last = name.split(separator: "/").last.map(String.init) ?? name
        let exact = try find(exactly: name)
        return exact.isEmpty
            ? try rows(
                // A cue is called recall/MEMORY/CUE, and asked for by its last part like everything else.
                sql: "SELECT * FROM drops WHERE name = ? OR (job = 'recall' AND substr(name, -length(?) - 1) = '/' || ?) ORDER BY id DESC",
                [last, last, last]) : exact
    }

    /// The steps of a drop's life, first to last.
    package func transitions(of id: String) throws(DropError) -> [DropTransition] {
        try wrapped {
            try pool.read { database in
                try Row.fetchAll(database, sql: "SELECT * FROM transitions WHERE dropID = ? ORDER BY number", arguments: [id]).map { row in
                    DropTransition(
                        dropID: row["dropID"], from: (row["fromState"] as String?).flatMap(DropState.init),
                        to: DropState(rawValue: row["toState"]) ?? .seen, at: row["at"], reason: row["reason"])
                }
            }
        }
    }

    /// The newest drop with a result of its own for these bytes and settings.
    /// - Parameter excluded: Identifiers of drops that are not meant.
    package func published(
        contentSHA256: String, settingsSHA256: String, besides excluded: Set<String> = []
    ) throws(DropError) -> DropRow? {
        try rows(
            sql: """
                SELECT * FROM drops WHERE contentSHA256 = ? AND settingsSHA256 = ? AND reusedFrom IS NULL
                    AND state IN ('published', 'archived') ORDER BY id DESC
                """, [contentSHA256, settingsSHA256]
        ).first { !excluded.contains($0.id) }
    }

    private func rows(sql: String, _ arguments: [String]) throws(DropError) -> [DropRow] {
        try wrapped { try pool.read { try DropRow.fetch($0, sql: sql, arguments) } }
    }

    private func wrapped<Value>(_ body: () throws -> Value) throws(DropError) -> Value {
        do {
            return try body()
        } catch {
            throw Self.dropError(error, path: path)
        }
    }
}
