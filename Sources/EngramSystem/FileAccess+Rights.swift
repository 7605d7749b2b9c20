internal import Glibc

extension FileAccess {
    /// Checks that this process may read a file or list a folder.
    package func checkReadable(_ path: String) throws(Fault) {
        try willPerform(.checkRights, path)
        guard faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) != 0 else { return }
        throw .fromErrno("opening", path)
    }

    /// Checks that this process may move a folder to another one. That changes the folder's `..`, so Linux asks for the right to write in it
    /// as well as in those that it leaves and enters.
    /// - Throws: `FileFailure.immovableFolder`.
    package func checkMovable(_ folder: String) throws(Fault) {
        try willPerform(.checkRights, folder)
        guard faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) != 0 else { return }
        guard errno == EACCES else { throw .fromErrno("moving", folder) }
        var status = stat()
        guard lstat(folder, &status) == 0 else { throw .fromErrno("looking at", folder) }
        throw .immovableFolder(path: folder, mode: status.st_mode & 0o7777, needed: Self.missingWriteMode(status))
    }

    private static func missingWriteMode(_ status: stat) -> String {
        if status.st_uid == geteuid() { return "u+w" }
        var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        let count = getgroups(Int32(groups.count), &groups)
        let isMember = status.st_gid == getegid() || groups.prefix(Int(max(0, count))).contains(status.st_gid)
        return isMember ? "g+w" : "g+w in a group of its own"
    }
}
