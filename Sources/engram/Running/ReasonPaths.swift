import EngramDrops

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

    /// The same for all texts of a rejection.
    func named(_ rejection: Rejection) -> Rejection {
        var named = rejection
        named.message = self.named(rejection.message)
        named.file = rejection.file.map(self.named)
        named.expected = rejection.expected.map(self.named)
        named.found = rejection.found.map(self.named)
        named.remedy = rejection.remedy.map(self.named)
        return named
    }
}
