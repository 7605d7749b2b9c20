internal import Foundation
internal import Glibc

/// When the clocks of a place are how far from UTC.
///
/// The rules are Foundation's, which brings IANA's database along: a change of the law comes with a newer Foundation. Only the name of the
/// machine's own zone is asked of the system.
package struct TimeZoneRules: Equatable, Sendable {
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

    /// Coordinated universal time.
    package static let utc = TimeZoneRules(name: "UTC", zone: .gmt)

    /// IANA's name, such as `Europe/Berlin`.
    package let name: String
    private let zone: TimeZone

    private init(name: String, zone: TimeZone) {
        self.name = name
        self.zone = zone
    }

    /// Looks a zone up by IANA's name.
    /// - Throws: `TimeZoneError.unknown`.
    package init(named name: String) throws(TimeZoneError) {
        // Foundation also makes zones of texts such as GMT+3, which it calls otherwise; it calls UTC by its older name.
        guard let zone = TimeZone(identifier: name), zone.identifier == name || name == "UTC" else { throw .unknown(name: name) }
        self.init(name: name, zone: zone)
    }

    /// The machine's own zone; UTC where it has none.
    /// - Parameters:
    ///   - link: Names the zone by the file that it leads to.
    ///   - text: Names it where `link` is a copy of a zone's file (Debian's /etc/timezone).
    /// - Throws: `TimeZoneError.unknown`, or `.unnamed` where neither names the zone that there is.
    package static func local(link: String = "/etc/localtime", text: String = "/etc/timezone") throws(TimeZoneError) -> TimeZoneRules {
        let files = FileSystem()
        guard let facts = try? files.facts(of: link) else { return .utc }
        if facts.kind == .symlink, let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link),
            let folder = target.range(of: "/zoneinfo/")
        {
            return try TimeZoneRules(named: String(target[folder.upperBound...]))
        }
        let name = (try? files.read(text, count: 256)).map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } } ?? ""
        guard !name.isEmpty else { throw .unnamed(path: link) }
        return try TimeZoneRules(named: name)
    }

    /// Seconds east of UTC at a moment.
    package func offset(at instant: Int64) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant))))
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
    ///
    /// Found by halving, because Foundation lists only changes of daylight-saving time, and a place may also move to another zone.
    func changes(from start: Int64, to end: Int64) -> [Change] {
        // Shorter than the time between any two changes of any place.
        let step: Int64 = 3 * 3600
        var result: [Change] = []
        var (low, before) = (start - 1, offset(at: start - 1))
        while low < end {
            let high = min(low + step, end)
            let after = offset(at: high)
            if after != before {
                var (last, first) = (low, high)
                while first - last > 1 {
                    let middle = last + (first - last) / 2
                    if offset(at: middle) == before { last = middle } else { first = middle }
                }
                result.append(Change(instant: first, before: before, after: after))
            }
            (low, before) = (high, after)
        }
        return result
    }

    /// `2026-03-29 03:00 +02:00` for a moment in seconds since the epoch.
    package func text(_ secondsSinceEpoch: Double) -> String {
        let instant = Int64(saturating: secondsSinceEpoch.rounded(.down))
        let offset = offset(at: instant)
        let parts = Stamp.iso8601(Double(instant + offset)).prefix(16).split(separator: "T")
        let minutes = abs(offset) / 60
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(parts.joined(separator: " ")) \(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
    }
}

/// Why a time zone cannot be used.
package enum TimeZoneError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The database has no such zone.
    case unknown(name: String)
    /// The machine has a zone whose name nothing tells.
    case unnamed(path: String)

    /// The text for people.
    package var description: String {
        switch self {
        case .unknown(let name):
            "there is no time zone \(name.debugDescription) in the database; write a name such as Europe/Berlin or UTC."
        case .unnamed(let path):
            "\(path) is the file of a time zone and does not say of which; make it a link into zoneinfo, or name the zone in schedule.time_zone."
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
