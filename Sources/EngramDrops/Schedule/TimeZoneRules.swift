internal import Glibc

/// When the clocks of a place are how far from UTC.
///
/// Read from the system's time zone database: `localtime_r` knows one zone in a process, that of the environment, and changing it is not
/// safe beside other threads; Foundation stays out of this target.
public struct TimeZoneRules: Equatable, Sendable {
    /// A moment at which the clocks were or will be changed.
    struct Change: Equatable, Sendable {
        /// Seconds since the epoch.
        var instant: Int64
        /// Seconds east of UTC until then.
        var before: Int64
        /// Seconds east of UTC from then on.
        var after: Int64
    }

    /// What a time on the clock face means.
    enum Meaning: Equatable, Sendable {
        /// One moment, in seconds since the epoch.
        case once(Int64)
        /// The clocks were put back and show it again.
        case twice(Int64, Int64)
        /// The clocks were put forward over it, at this moment.
        case skipped(Int64)
    }

    /// Where Debian and most others keep the database.
    public static let systemFolder = "/usr/share/zoneinfo"
    /// Coordinated universal time; needs no database.
    public static let utc = TimeZoneRules(name: "UTC", initialOffset: 0, changes: [], rule: nil)

    /// IANA's name, such as `Europe/Berlin`.
    public let name: String
    let initialOffset: Int64
    let changes: [Change]
    /// What holds after the last change, nil if nothing changes any more.
    let rule: DaylightRule?

    init(name: String, initialOffset: Int64, changes: [Change], rule: DaylightRule?) {
        self.name = name
        self.initialOffset = initialOffset
        self.changes = changes
        self.rule = rule
    }

    /// Reads a zone by IANA's name.
    /// - Throws: `TimeZoneError.unknown` or `.damaged`.
    public init(named name: String, folder: String = systemFolder) throws(TimeZoneError) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts.allSatisfy { part in
            part.first?.isLetter == true && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ".") }
        }
        guard isName else { throw .unknown(name: name, folder: folder) }
        do {
            try self.init(name: name, path: folder + "/" + name)
        } catch .unknown {
            guard ["UTC", "Etc/UTC"].contains(name) else { throw .unknown(name: name, folder: folder) }
            self = .utc
        }
    }

    /// The machine's own zone; UTC where it has none.
    public static func local(path: String = "/etc/localtime") throws(TimeZoneError) -> TimeZoneRules {
        do {
            return try TimeZoneRules(name: "local", path: path)
        } catch .unknown {
            return .utc
        }
    }

    private init(name: String, path: String) throws(TimeZoneError) {
        // Many zones are links to others.
        guard let resolved = realpath(path, nil) else { throw .unknown(name: name, folder: path) }
        defer { free(resolved) }
        // The largest zone has under 4 KiB.
        guard let bytes = try? FileSystem().read(String(cString: resolved), count: 1 << 20) else {
            throw .unknown(name: name, folder: path)
        }
        var file = ZoneInfoFile(bytes: bytes, path: path)
        try file.read()
        self.init(name: name, initialOffset: file.initialOffset, changes: file.changes, rule: file.rule)
    }

    /// Seconds east of UTC at a moment.
    public func offset(at instant: Int64) -> Int64 {
        let last = changes.last?.instant ?? .min
        if instant >= last, let rule {
            let year = CivilDate(dayNumber: Int(clamping: instant.floorDivided(by: 86_400))).year
            let latest = rule.changes(inYears: year - 1...year + 1).last { $0.instant <= instant && $0.instant > last }
            if let latest { return latest.after }
            if changes.isEmpty { return rule.standardOffset }
        }
        // The first change after the moment, by halving.
        var (low, high) = (0, changes.count)
        while low < high {
            let middle = (low + high) / 2
            if changes[middle].instant <= instant { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? initialOffset : changes[low - 1].after
    }

    /// Returns the moments at which the clocks show `local`, given as seconds since the epoch as if the clocks showed UTC.
    func meaning(ofLocal local: Int64) -> Meaning {
        // No place is more than 26 hours from any other, so what holds within 36 hours decides.
        let nearby = changes(from: local - 129_600, to: local + 129_600)
        var offsets = [offset(at: local - 129_600)]
        for change in nearby where !offsets.contains(change.after) { offsets.append(change.after) }
        let moments = offsets.map { local - $0 }.filter { offset(at: $0) == local - $0 }.sorted()
        if moments.count > 1 { return .twice(moments[0], moments[1]) }
        if let moment = moments.first { return .once(moment) }
        let jump = nearby.first { $0.instant + $0.before <= local && local < $0.instant + $0.after }
        return .skipped(jump?.instant ?? local - offsets[0])
    }

    /// The changes in a span of time, first to last.
    func changes(from start: Int64, to end: Int64) -> [Change] {
        var result = changes.filter { $0.instant >= start && $0.instant <= end }
        if let rule, end > changes.last?.instant ?? .min {
            let first = CivilDate(dayNumber: Int(clamping: start.floorDivided(by: 86_400))).year - 1
            let last = CivilDate(dayNumber: Int(clamping: end.floorDivided(by: 86_400))).year + 1
            result += rule.changes(inYears: first...last).filter {
                $0.instant > changes.last?.instant ?? .min && $0.instant >= start && $0.instant <= end
            }
        }
        return result
    }

    /// `2026-03-29 03:00 +02:00` for a moment in seconds since the epoch.
    public func text(_ secondsSinceEpoch: Double) -> String {
        let instant = Int64(secondsSinceEpoch.rounded(.down))
        let offset = offset(at: instant)
        let parts = Stamp.iso8601(Double(instant + offset)).prefix(16).split(separator: "T")
        let minutes = abs(offset) / 60
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(parts.joined(separator: " ")) \(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}

/// Why a time zone cannot be used.
public enum TimeZoneError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The database has no such zone, or there is no database.
    case unknown(name: String, folder: String)
    /// The zone's file is not what RFC 9636 describes.
    case damaged(path: String, reason: String)

    /// The text for people.
    public var description: String {
        switch self {
        case .unknown(let name, let folder):
            "there is no time zone \(name.debugDescription) in \(folder); write a name such as Europe/Berlin or UTC, and install tzdata."
        case .damaged(let path, let reason): "\(path) is not a time zone file: \(reason); install tzdata again."
        }
    }
}

extension Int64 {
    /// The quotient rounded down.
    func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
