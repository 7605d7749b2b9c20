/// The pieces that every step of a drop needs, and the checks they share.
struct DropPlace: Sendable {
    let folders: DropFolders
    let ledger: Ledger
    let files: FileSystem

    /// Checks that `name` is one entry of a folder: what came from a directory listing is, what came from a ledger or a file may not be.
    static func checkName(_ name: String) throws(DropError) {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0) else {
            throw .unusableName(name: name, reason: "it is not the name of one entry of a folder")
        }
    }

    /// Moves `source` to `parent/NAME`, or `NAME-2`, `NAME-3` …: the first that is free.
    ///
    /// The chosen place is in the ledger before the rename, so that after a crash the ledger names the place that was used.
    /// - Returns: The place.
    func moveToFreePlace(_ source: String, in parent: String, row: DropRow, state: DropState, token: String?) throws(DropError) -> String {
        try row.checkName()
        // A crash between reserving a place and filling it left an empty folder, where renames cannot refuse by themselves.
        if let reserved = row.resultPath { _ = try files.removeEmptyFolder(reserved) }
        var number = 1
        while true {
            let target = parent + "/" + ResultFolder.candidate(row.entryName, number: number)
            number += 1
            if try files.exists(target) { continue }
            try ledger.move(row.id, to: state, from: [state], token: token, reason: row.reason) { $0.resultPath = target }
            if try files.renameIfFree(source, to: target) { return target }
        }
    }

    /// Makes the folder of the inbox that drops of this job lie in, where somebody removed it meanwhile.
    func makeInboxFolder(of job: DropJob) throws(DropError) {
        guard let memory = job.memory else { return }
        try Self.checkName(memory)
        for folder in ["/" + job.kind.name, job.inboxFolder] { try files.createFolder(folders.inbox + folder) }
    }

    /// Removes the work folder of a drop whose source is safe elsewhere.
    func removeWork(of id: String) throws(DropError) {
        let work = folders.work(for: id)
        // A source is never deleted, whatever state the ledger believes in.
        if try files.exists(work.input), try !files.rawNames(in: work.input).isEmpty { return }
        try files.removeTree(work.root)
    }
}
