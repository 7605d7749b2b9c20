import EngramService

extension VerificationRecord {
    /// What lists of memories say of each check, by the folder's path.
    var checks: [String: MemoryList.Check] {
        Dictionary(entries.values.map { ($0.path, MemoryList.Check(at: $0.at, state: $0.state)) }) { first, _ in first }
    }
}
