internal import Glibc

extension InboxWatcher {
    /// A hidden name that only the self-test makes; no scan sees it.
    static let cookieName = ".engram-cookie"

    /// Makes a file in a watched folder and waits for its event.
    ///
    /// statfs knows which file systems are blind by nature; this finds those that are blind in fact (a user-space file system under
    /// another name, a sandbox, an emulated kernel).
    /// - Parameters:
    ///   - descriptor: An inotify instance that watches `folder`. Events before the cookie's are read and lost: a scan is due anyway.
    ///   - timeoutSeconds: Local file systems answer at once; the default of the caller is far above any queue.
    ///   - create: Makes the file and returns whether it could.
    /// - Returns: Why events cannot be relied on; nil when the event came.
    static func selfTest(
        of folder: String, descriptor: Int32, timeoutSeconds: Double, clock: any DropClock,
        create: (_ path: String) -> Bool = InboxWatcher.createCookie
    ) -> String? {
        let path = folder + "/" + cookieName
        defer { unlink(path) }
        // One that an earlier start left would be opened, not created, and give another event.
        unlink(path)
        guard create(path) else { return "no file could be made in the inbox to test its events" }
        let end = clock.monotonicSeconds() + timeoutSeconds
        while true {
            let left = end - clock.monotonicSeconds()
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = Glibc.poll(&waiting, 1, Int32(saturating: max(0, left * 1000).rounded(.up)))
            if count > 0, isCookieAmongEvents(of: descriptor) { return nil }
            if count == 0 || left <= 0 { return "a test file in the inbox gave no event within \(timeoutSeconds) s" }
        }
    }

    private static func createCookie(_ path: String) -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return false }
        close(file)
        return true
    }

    private static func isCookieAmongEvents(of descriptor: Int32) -> Bool {
        var isFound = false
        forEachEvent(of: descriptor) { event, name in
            if event.mask & UInt32(IN_CREATE) != 0, name == Array(cookieName.utf8) { isFound = true }
        }
        return isFound
    }

    /// Reads all events that wait.
    static func forEachEvent(of descriptor: Int32, _ body: (_ event: inotify_event, _ name: [UInt8]) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            buffer.withUnsafeBytes { bytes in
                var offset = 0
                while offset + MemoryLayout<inotify_event>.size <= count {
                    let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
                    let nameStart = offset + MemoryLayout<inotify_event>.size
                    let name = bytes[nameStart..<min(count, nameStart + Int(event.len))].prefix { $0 != 0 }
                    body(event, Array(name))
                    offset = nameStart + Int(event.len)
                }
            }
        }
    }
}
