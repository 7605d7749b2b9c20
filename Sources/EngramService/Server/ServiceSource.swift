package import EngramDrops
internal import EngramSystem

/// What the page shows, and where from: nothing of it is computed here.
package struct ServiceSource: Sendable {
    /// The folders, by absolute paths.
    package var folders: DropFolders
    /// What the configuration says of times, as it is now.
    package var schedule: @Sendable () -> Schedule
    /// How workers are fenced off.
    package var sandbox: StatusReport.Sandbox?
    /// What the last checks of memories found, by the folder's path.
    package var checks: @Sendable () -> [String: MemoryList.Check] = { [:] }
    /// The figures of the daemon, where it is this process; nil elsewhere.
    package var metrics: MetricsFile?
    /// The release.
    package var version: String
    /// Seconds since the epoch.
    package var now: @Sendable () -> Double = { SystemDropClock().secondsSinceEpoch() }

    /// Names what every page needs.
    package init(folders: DropFolders, version: String, schedule: @escaping @Sendable () -> Schedule = { Schedule() }) {
        self.folders = folders
        self.version = version
        self.schedule = schedule
    }
}

/// Where the page is, and who may see it.
package struct PageSettings: Sendable {
    /// The host to listen on.
    package var host: String
    /// The port; 0 for any that is free.
    package var port: Int
    /// What a visitor has to know; nil where everybody on this machine may see the page.
    package var token: String?
    /// Host names that the page is reached by, besides addresses and `localhost`.
    package var hostNames: Set<String> = []
    /// Bytes of all files of one upload.
    package var uploadByteLimit: Int64 = 1 << 30
    /// Bytes that stay free; nil for the rule of `min_free_space: auto`.
    package var floorByteCount: Int64?
    /// Connections at once.
    package var connectionLimit = 256
    /// Seconds after which a silent connection is closed.
    package var idleSeconds: Int64 = 30

    /// Names the address.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether nobody else's machine can reach it.
    package var isLoopback: Bool { Self.isLoopback(host) }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && HostName(host) == .address)
    }

    /// Reads `8080`, `127.0.0.1:8080`, `[::1]:8080` or `name:8080`; nil for anything else.
    package static func address(_ text: String) -> (host: String, port: Int)? {
        if let port = port(text[...]) { return ("127.0.0.1", port) }
        guard let colon = text.lastIndex(of: ":"), let port = port(text[text.index(after: colon)...]) else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        return host.isEmpty ? nil : (host, port)
    }

    private static func port(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), port <= 65_535 else { return nil }
        return port
    }
}
