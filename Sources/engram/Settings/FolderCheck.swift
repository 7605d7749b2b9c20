import EngramDrops
import Glibc

/// Looks whether the folders of a configuration can be used, without making or changing anything.
enum FolderCheck {
    /// What is wrong with the folders, one sentence each; empty if they will do.
    static func problems(inbox: String, outbox: String, state: String, files: FileSystem = FileSystem()) -> [String] {
        var problems: [String] = []
        var devices: [(path: String, device: UInt64)] = []
        for (role, path) in [("inbox", inbox), ("outbox", outbox), ("state", state)] {
            do {
                let place = try existingPart(of: path, files: files)
                guard access(place, W_OK | X_OK) == 0 else {
                    let reason = SystemMessage.text(of: errno)
                    problems.append("\(role): \(place) cannot be written to (\(reason)); give yourself the right to (chmod u+rwx).")
                    continue
                }
                // Following a link, as the daemon will.
                guard let facts = try files.facts(of: place + "/.") else {
                    problems.append("\(role): \(place) must be a folder and is something else; move it away or name another place.")
                    continue
                }
                devices.append((path, facts.device))
            } catch {
                problems.append("\(role): \(error)")
            }
        }
        if let first = devices.first, let other = devices.first(where: { $0.device != first.device }) {
            problems.append("\(DropError.differentFileSystems(first: first.path, second: other.path))")
        }
        return problems
    }

    /// The nearest folder above `path`, or itself, that exists: what is missing is made there.
    private static func existingPart(of path: String, files: FileSystem) throws(DropError) -> String {
        var place = path
        while try files.facts(of: place) == nil {
            let parent = FolderCreation.parent(of: place)
            if parent == place { return parent }
            place = parent
        }
        return place
    }
}
