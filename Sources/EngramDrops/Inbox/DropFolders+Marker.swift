extension DropFolders {
    /// Checks, without making anything, that the inbox is the one that `prepared` would take.
    /// - Throws: `DropError.inboxGone`, or `.system` where it cannot be looked at.
    package func checkInboxMarker(policy: InboxMarker.Policy, files: FileSystem = FileSystem()) throws(DropError) {
        let known = try InboxMarker.read(markerPath, files: files)
        if known != nil || policy == .require { try InboxMarker.check(inbox, against: known, files: files) }
    }
}
