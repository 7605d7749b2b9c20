internal import GRDB

extension Ledger {
    /// When a drop last came into one of the states; nil if none ever did.
    package func latestMoment(in states: Set<DropState>) throws(DropError) -> Double? {
        try summary { database in
            let marks = databaseQuestionMarks(count: states.count)
            return try Double.fetchOne(
                database, sql: "SELECT max(at) FROM transitions WHERE toState IN (\(marks))",
                arguments: StatementArguments(states.map(\.rawValue)))
        }
    }

    /// Rows that came into one of the states since a moment, oldest first.
    package func rows(in states: Set<DropState>, since moment: Double) throws(DropError) -> [DropRow] {
        try rows(in: states).filter { $0.updatedAt >= moment }
    }

    private func summary<Value>(_ body: (Database) throws -> Value) throws(DropError) -> Value {
        do {
            return try pool.read(body)
        } catch {
            throw .ledger(path: path, reason: "\(error)")
        }
    }
}
