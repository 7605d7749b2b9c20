internal import Glibc

/// Removes what an engram that was killed left under names that only engram uses, so that no such file stays for ever.
struct Leftovers: Sendable {
    /// The file that makes the trip in `DropFolders.prepared`; the number of its process follows.
    static let probePrefix = ".engram-probe-"

    let folders: DropFolders
    let files: FileSystem

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
        // Only the daemon that holds the lock writes into the state folder by itself.
        for raw in try files.rawNames(in: folders.state) {
            guard let name = String(validating: raw, as: UTF8.self), name.hasSuffix(FileSystem.temporarySuffix),
                !name.hasPrefix(Self.probePrefix)
            else { continue }
            try files.removeTree(folders.state + "/" + name)
        }
    }
}
