import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramReports

/// `engram digest`: what the schedule's action of that name runs.
struct DigestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digest",
        abstract: "Write a summary of the latest results to the outbox.",
        discussion: """
            Writes digest-DATE.html, .json and .txt to the outbox: what was published, rejected and verified since the digest before, or in
            the last 24 hours, what waits, time and disk, and the last 30 nights. A second one on the same day is digest-DATE-2. The text is
            a mail with a subject.

            Examples:
              engram digest
              engram digest --hours 168           the last week
              engram digest --mail | /usr/sbin/sendmail -i operator@example.org
            """)

    @OptionGroup var configuration: ConfigurationOption
    @OptionGroup var places: PlaceOptions

    @Option(help: ArgumentHelp("How far back, instead of to the digest before.", valueName: "hours"))
    var hours: Double?

    @Flag(help: "Print the text, with its subject, in place of a line.")
    var mail = false

    @Flag(help: "Print the JSON in place of a line.")
    var json = false

    @Option(help: .hidden) var timeZone: String?

    func validate() throws {
        if let hours, !(hours > 0 && hours <= 87_600) {
            throw ValidationError("--hours must be above 0 and at most 87600, found \(hours).")
        }
        if mail, json { throw ValidationError("--mail and --json exclude each other.") }
    }

    func run() throws {
        let folders = try places.folders(configuration)
        let zone: TimeZoneRules
        if let timeZone {
            zone = timeZone == "local" ? try TimeZoneRules.local() : try TimeZoneRules(named: timeZone)
        } else {
            zone = try ScheduleOptions.schedule(try configuration.load().schedule).zone
        }
        let clock = SystemDropClock()
        let until = clock.secondsSinceEpoch()
        let files = FileSystem()
        let markPath = folders.state + "/digest.json"
        var since = until - 86_400
        if let hours {
            since = until - hours * 3600
        } else if let bytes = try? files.read(markPath, count: 4096),
            let last = (try? JSONValue.parse(bytes, path: markPath))?["until"]?.integer, Double(last) < until
        {
            since = Double(last)
        }
        let ledger = try Ledger.existing(at: folders.ledgerPath, clock: clock)
        let digest = try Digest(folders: folders, ledger: ledger, since: since, until: until, zone: zone)
        let path = try Self.write(digest, into: folders.outbox, files: files)
        try files.write(JSONValue.object([.init("until", .integer(Int64(saturating: until)))]).encoded(), to: markPath)
        try files.write(Array(digest.content.mail.utf8), to: folders.latestDigestPath)
        if mail {
            StandardStreams.printBytes(Array(digest.content.mail.utf8))
        } else if json {
            StandardStreams.printBytes(digest.json.encoded())
        } else {
            let damaged = digest.content.damaged.count
            StandardStreams.print(
                "\(path): \(digest.published.count) published, \(digest.rejected.count) rejected, \(digest.open.count) waiting"
                    + (damaged > 0 ? ", \(damaged) no longer verified" : ""))
        }
    }

    /// How long a digest takes at most, seconds, by far.
    private static let longestSeconds = 600.0

    /// Removes what a digest left that was killed while it wrote.
    private static func removeUnfinished(in outbox: String, before now: Double, files: FileSystem) throws(DropError) {
        for name in try files.textNames(in: outbox) where name.hasPrefix("digest-") && name.hasSuffix(FileSystem.temporarySuffix) {
            let path = outbox + "/" + name
            guard let facts = try files.facts(of: path), facts.kind == .file,
                Double(facts.modificationNanoseconds) / 1e9 < now - longestSeconds
            else { continue }
            try files.removeTree(path)
        }
    }

    /// Writes both files under the first free name of the day; returns the page's path.
    static func write(_ digest: Digest, into outbox: String, files: FileSystem) throws(DropError) -> String {
        try removeUnfinished(in: outbox, before: digest.until, files: files)
        var number = 1
        while true {
            let base = outbox + "/digest-\(digest.day)" + (number == 1 ? "" : "-\(number)")
            number += 1
            if try files.facts(of: base + ".html") != nil { continue }
            // A result may be called so. A file of the name is the first half of a digest that was killed.
            if let facts = try files.facts(of: base + ".json"), facts.kind != .file { continue }
            try files.write(digest.json.encoded(), to: base + ".json")
            try files.write(Array(digest.content.mail.utf8), to: base + ".txt")
            try files.write(Array(digest.content.html.utf8), to: base + ".html")
            return base + ".html"
        }
    }
}
