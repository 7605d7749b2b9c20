internal import Glibc

/// Removes what an engram that was killed left under names that only engram uses, so that no such file stays for ever.
struct Leftovers: Sendable {
    /// The file that makes the trip in `DropFolders.prepared`; the number of its process follows.
    static let probePrefix = ".engram-probe-"
    /// A copy of `pipeline.yml`; the head of its hash follows.
    static let configurationPrefix = "configuration-"

    let folders: DropFolders
    let files: FileSystem
    /// The configuration that workers read from now on; earlier ones lie beside the drops that were claimed under them.
    var configPath: String?

    /// To be called with the instance lock held. A process that prepares these folders at this moment keeps its file.
    func remove() throws(DropError) {
        for folder in [folders.inbox, folders.outbox, folders.state] {
            for raw in try files.rawNames(in: folder) {
                guard let name = String(validating: raw, as: UTF8.self), name.hasPrefix(Self.probePrefix) else { continue }
                let digits = name.dropFirst(Self.probePrefix.utf8.count).prefix { $0.isASCII && $0.isNumber }
                guard let process = Int32(digits), kill(process, 0) != 0, errno == ESRCH else { continue }
                try files.removeTree(folder + "/" + name)
            }
        }
        for raw in try files.rawNames(in: folders.state) {
            guard let name = String(validating: raw, as: UTF8.self), isOfADaemon(name) else { continue }
            try files.removeTree(folders.state + "/" + name)
        }
    }

    /// Whether only a daemon that holds the lock makes such a file. Others write into the state folder as well, at this very moment too:
    /// `recheck` and `digest` what they found. They take the same names again, so what they leave does not grow.
    private func isOfADaemon(_ name: String) -> Bool {
        let temporary = FileSystem.temporarySuffix
        if [folders.statusPath, folders.schedulePath].contains(where: { $0 + temporary == folders.state + "/" + name }) { return true }
        guard name.hasPrefix(Self.configurationPrefix) else { return false }
        return name.hasSuffix(temporary) || (name.hasSuffix(".yml") && configPath != nil && folders.state + "/" + name != configPath)
    }
}
