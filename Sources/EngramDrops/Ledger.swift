internal import Glibc
internal import GRDB

/// What happened to every file ever seen, in SQLite: one row a drop, one row a transition, durable before anything depends on it.
///
/// WAL with `synchronous = FULL`: a transition that was written survives the loss of power. Other processes (`engram status`) may read
/// while the daemon writes.
public final class Ledger: Sendable {
    /// "ENGR", so that another program's database is not mistaken for a ledger.
    static let applicationID = 0x454e_4752

    /// The database's file.
    public let path: String
    let pool: DatabasePool
    private let clock: any DropClock
    private let files: FileSystem

    /// Opens the ledger, or creates it.
    /// - Throws: `DropError.foreignLedger`, `.newerLedger`, or `.ledger` when the file is damaged or cannot be used.
    public init(path: String, clock: any DropClock, files: FileSystem = FileSystem()) throws(DropError) {
        self.path = path
        self.clock = clock
        self.files = files
        do {
            var configuration = Configuration()
            configuration.label = "engram.ledger"
            configuration.busyMode = .timeout(10)
            pool = try DatabasePool(path: path, configuration: configuration)
            // The pool sets NORMAL for WAL, which may lose the last transitions with the power.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            let (found, tableCount) = try pool.read { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                    try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
                )
            }
            guard found == Self.applicationID || (found == 0 && tableCount == 0) else {
                throw DropError.foreignLedger(path: path, applicationID: found)
            }
            // Before the first table: a daemon that is killed while it makes them must find its own database at the next start.
            if found == 0 { try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA application_id = \(Self.applicationID)") } }
            guard try !pool.read({ try Self.migrator.hasBeenSuperseded($0) }) else { throw DropError.newerLedger(path: path) }
            try Self.migrator.migrate(pool)
        } catch let error as DropError {
            throw error
        } catch {
            throw .ledger(path: path, reason: "\(error)")
        }
    }

    /// Opens the ledger of a daemon that may be running, to look at it.
    /// - Throws: `DropError.ledger` if there is none yet.
    public static func existing(at path: String, clock: any DropClock) throws(DropError) -> Ledger {
        guard try FileSystem().exists(path) else {
            throw .ledger(path: path, reason: "there is none yet; engram run creates it")
        }
        return try Ledger(path: path, clock: clock)
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
        // Keyed by bytes: as `String`, two names that differ only in Unicode normalization would be one.
        var known: [[UInt8]: DropRow] = [:]
        for row in try rows(in: DropState.inInbox) { known[Array(row.name.utf8)] = row }
        var result: [DropRow] = []
        var inserted: [DropRow] = []
        var updated: [DropRow] = []
        var transitions: [DropTransition] = []
        for entry in entries {
            let old = known.removeValue(forKey: Array(entry.name.utf8))
            var row =
                old
                ?? DropRow(
                    id: identifier(), name: entry.name, path: entry.path, state: .seen, reason: "", attempt: 0, failureCount: 0,
                    createdAt: now, updatedAt: now)
            if row.state != entry.state || row.reason != entry.reason {
                transitions.append(DropTransition(dropID: row.id, from: old?.state, to: entry.state, at: now, reason: entry.reason))
                row.state = entry.state
                row.reason = entry.reason
                row.updatedAt = now
                if old == nil { inserted.append(row) } else { updated.append(row) }
            }
            result.append(row)
        }
        for var row in known.values {
            transitions.append(DropTransition(dropID: row.id, from: row.state, to: .vanished, at: now, reason: "it left the inbox"))
            row.state = .vanished
            row.reason = "it left the inbox"
            row.updatedAt = now
            updated.append(row)
        }
        guard !transitions.isEmpty else { return result }
        try write { [inserted, updated, transitions] database in
            for row in updated { try row.update(database) }
            for row in inserted { try row.insert(database) }
            for transition in transitions { try Self.log(transition, database) }
        }
        return result
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

    private static func log(_ transition: DropTransition, _ database: Database) throws {
        try database.execute(
            sql: "INSERT INTO transitions (dropID, fromState, toState, at, reason) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                transition.dropID, transition.from?.rawValue, transition.to.rawValue, transition.at, transition.reason,
            ])
    }

    private func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) throws(DropError) -> Value {
        try files.willPerform(.recordInLedger, path)
        return try wrapped { try pool.write(body) }
    }

    // MARK: Reading

    /// The row of a drop.
    public func row(_ id: String) throws(DropError) -> DropRow? { try rows(sql: "SELECT * FROM drops WHERE id = ?", [id]).first }

    /// All rows in the given states, oldest first.
    public func rows(in states: Set<DropState>) throws(DropError) -> [DropRow] {
        let marks = Array(repeating: "?", count: states.count).joined(separator: ", ")
        return try rows(sql: "SELECT * FROM drops WHERE state IN (\(marks)) ORDER BY id", states.map(\.rawValue))
    }

    /// The newest rows of any state, newest first.
    public func latest(_ count: Int) throws(DropError) -> [DropRow] {
        try rows(sql: "SELECT * FROM drops ORDER BY updatedAt DESC, id DESC LIMIT \(max(0, count))", [])
    }

    /// How many drops are in each state; states without one are left out.
    public func counts() throws(DropError) -> [DropState: Int] {
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

    /// The rows that `path` may mean, newest first: a path of a source or a result, a name, or an identifier.
    public func find(_ path: String) throws(DropError) -> [DropRow] {
        var name = path
        while name.count > 1, name.hasSuffix("/") { name.removeLast() }
        let last = name.split(separator: "/").last.map(String.init) ?? name
        let exact = try rows(sql: "SELECT * FROM drops WHERE ? IN (id, name, path, resultPath) ORDER BY id DESC", [name])
        return exact.isEmpty ? try rows(sql: "SELECT * FROM drops WHERE name = ? ORDER BY id DESC", [last]) : exact
    }

    /// The steps of a drop's life, first to last.
    public func transitions(of id: String) throws(DropError) -> [DropTransition] {
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
    public func published(contentSHA256: String, settingsSHA256: String) throws(DropError) -> DropRow? {
        try rows(
            sql: """
                SELECT * FROM drops WHERE contentSHA256 = ? AND settingsSHA256 = ? AND reusedFrom IS NULL
                    AND state IN ('published', 'archived') ORDER BY id DESC LIMIT 1
                """, [contentSHA256, settingsSHA256]
        ).first
    }

    private func rows(sql: String, _ arguments: [String]) throws(DropError) -> [DropRow] {
        try wrapped { try pool.read { try DropRow.fetch($0, sql: sql, arguments) } }
    }

    private func wrapped<Value>(_ body: () throws -> Value) throws(DropError) -> Value {
        do {
            return try body()
        } catch let error as DropError {
            throw error
        } catch {
            throw .ledger(path: path, reason: "\(error)")
        }
    }
}

extension DropRow {
    fileprivate static func fetch(_ database: Database, sql: String, _ arguments: [String]) throws -> [DropRow] {
        try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments)).map(DropRow.init)
    }

    private init(_ row: Row) throws {
        let text: String = row["state"]
        guard let state = DropState(rawValue: text) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a drop is in the unknown state \(text)")
        }
        self.init(
            id: row["id"], name: row["name"], path: row["path"], state: state, reason: row["reason"],
            contentSHA256: row["contentSHA256"], settingsSHA256: row["settingsSHA256"], attempt: row["attempt"],
            failureCount: row["failureCount"], token: row["token"], workerProcess: row["workerProcess"], workerStart: row["workerStart"],
            notBefore: row["notBefore"], resultPath: row["resultPath"], reusedFrom: row["reusedFrom"], createdAt: row["createdAt"],
            updatedAt: row["updatedAt"])
    }

    private var columns: [(name: String, value: (any DatabaseValueConvertible)?)] {
        [
            ("name", name), ("path", path), ("state", state.rawValue), ("reason", reason), ("contentSHA256", contentSHA256),
            ("settingsSHA256", settingsSHA256), ("attempt", attempt), ("failureCount", failureCount), ("token", token),
            ("workerProcess", workerProcess), ("workerStart", workerStart), ("notBefore", notBefore), ("resultPath", resultPath),
            ("reusedFrom", reusedFrom), ("createdAt", createdAt), ("updatedAt", updatedAt),
        ]
    }

    fileprivate func insert(_ database: Database) throws {
        let all = [("id", id as (any DatabaseValueConvertible)?)] + columns.map { ($0.name, $0.value) }
        let marks = Array(repeating: "?", count: all.count).joined(separator: ", ")
        try database.execute(
            sql: "INSERT INTO drops (\(all.map(\.0).joined(separator: ", "))) VALUES (\(marks))",
            arguments: StatementArguments(all.map(\.1)))
    }

    fileprivate func update(_ database: Database) throws {
        let assignments = columns.map { "\($0.name) = ?" }.joined(separator: ", ")
        try database.execute(
            sql: "UPDATE drops SET \(assignments) WHERE id = ?", arguments: StatementArguments(columns.map(\.value) + [id]))
    }
}
