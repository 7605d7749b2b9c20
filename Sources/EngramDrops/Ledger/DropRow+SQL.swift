internal import GRDB

extension DropRow {
    static func fetch(_ database: Database, sql: String, _ arguments: [String]) throws -> [DropRow] {
        try Row.fetchAll(database, sql: sql, arguments: StatementArguments(arguments)).map(DropRow.init)
    }

    private init(_ row: Row) throws {
        let text: String = row["state"]
        guard let state = DropState(rawValue: text) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a drop is in the unknown state \(text)")
        }
        let (name, job): (String, String) = (row["name"], row["job"])
        let kind = JobKind.kind(named: job)
        self.init(
            id: row["id"], name: name, path: row["path"], state: state, reason: row["reason"],
            contentSHA256: row["contentSHA256"], settingsSHA256: row["settingsSHA256"], attempt: row["attempt"],
            failureCount: row["failureCount"], token: row["token"], workerProcess: row["workerProcess"], workerStart: row["workerStart"],
            notBefore: row["notBefore"], resultPath: row["resultPath"], reusedFrom: row["reusedFrom"], failureCode: row["failureCode"],
            failureIsRetryable: row["failureIsRetryable"], createdAt: row["createdAt"], updatedAt: row["updatedAt"],
            foundKind: kind == DropJob(ofEntryAt: name).kind ? nil : kind)
    }

    private var columns: [(name: String, value: (any DatabaseValueConvertible)?)] {
        [
            ("name", name), ("job", job.name), ("path", path), ("state", state.rawValue), ("reason", reason),
            ("contentSHA256", contentSHA256),
            ("settingsSHA256", settingsSHA256), ("attempt", attempt), ("failureCount", failureCount), ("token", token),
            ("workerProcess", workerProcess), ("workerStart", workerStart), ("notBefore", notBefore), ("resultPath", resultPath),
            ("reusedFrom", reusedFrom), ("failureCode", failureCode), ("failureIsRetryable", failureIsRetryable), ("createdAt", createdAt),
            ("updatedAt", updatedAt),
        ]
    }

    func insert(_ database: Database) throws {
        let all = [("id", id as (any DatabaseValueConvertible)?)] + columns.map { ($0.name, $0.value) }
        let marks = Array(repeating: "?", count: all.count).joined(separator: ", ")
        try database.execute(
            sql: "INSERT INTO drops (\(all.map(\.0).joined(separator: ", "))) VALUES (\(marks))",
            arguments: StatementArguments(all.map(\.1)))
    }

    func update(_ database: Database) throws {
        let assignments = columns.map { "\($0.name) = ?" }.joined(separator: ", ")
        try database.execute(
            sql: "UPDATE drops SET \(assignments) WHERE id = ?", arguments: StatementArguments(columns.map(\.value) + [id]))
    }
}
