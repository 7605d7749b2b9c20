import EngramSystem

/// The places of an attempt in the words of a drop's owner: work folders are gone when somebody reads of them.
struct ReasonPaths {
    /// What stands for which path; a path within another comes before it.
    private let names: [(path: String, name: String)]

    /// - Parameter names: What to write for each path.
    init(_ names: [(path: String?, name: String)]) {
        self.names = names.compactMap { entry in entry.path.map { ($0, entry.name) } }.sorted { $0.path.utf8.count > $1.path.utf8.count }
    }

    /// The text with names in place of paths.
    func named(_ text: String) -> String { names.reduce(text) { $0.replacing($1.path, with: $1.name) } }

    /// The same for all texts of a failure.
    func named(_ failure: Failure) -> Failure {
        var named = failure
        named.message = self.named(failure.message)
        named.file = failure.file.map(self.named)
        named.place = failure.place.map(self.named)
        named.expected = failure.expected.map(self.named)
        named.found = failure.found.map(self.named)
        named.remedy = failure.remedy.map(self.named)
        return named
    }
}
