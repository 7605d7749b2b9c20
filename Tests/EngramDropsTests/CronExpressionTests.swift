@testable import EngramDrops
import Foundation
import Testing

/// When cron lines come, where clocks change and elsewhere.
@Suite struct CronExpressionTests {
    private static let fixtures = Bundle.module.path(forResource: "Fixtures", ofType: nil) ?? ""

    /// One line of `cron-occurrences.json`, made by another program.
    struct Case: Sendable, CustomTestStringConvertible {
        var cron: String
        var zone: String
        var after: Int64
        var expected: [Int64]
        var testDescription: String { "\(cron) in \(zone) after \(Stamp.iso8601(Double(after)))" }
    }

    static func zone(_ name: String) throws -> TimeZoneRules { try TimeZoneRules(named: name) }

    static func cases() throws -> [Case] {
        let path = fixtures + "/cron-occurrences.json"
        guard case .array(let rows) = try JSONValue.parse(try FileSystem().read(path, count: 1 << 20), path: path) else { return [] }
        return rows.compactMap { row in
            guard let cron = row["cron"]?.string, let zone = row["zone"]?.string, let after = row["after"]?.integer,
                case .array(let moments) = row["expected"]
            else { return nil }
            return Case(cron: cron, zone: zone, after: after, expected: moments.compactMap(\.integer))
        }
    }

    @Test func theTableIsThere() throws {
        let cases = try Self.cases()
        #expect(cases.count == 38 && cases.allSatisfy { !$0.expected.isEmpty })
    }

    @Test(arguments: try cases())
    func occurrencesAreThoseOfAMinuteByMinuteSearch(_ row: Case) throws {
        let found = try CronExpression(row.cron).occurrences(after: row.after, count: row.expected.count, in: Self.zone(row.zone))
        #expect(found == row.expected, "\(found.map { Stamp.iso8601(Double($0)) })")
    }

    /// By hand: Berlin's clocks go from 02:00 to 03:00 on 2026-03-29 at 01:00 UTC, and from 03:00 to 02:00 on 2026-10-25 at 01:00 UTC.
    @Test func aSkippedTimeComesAtTheChangeAndADoubledOneOnce() throws {
        let (berlin, cron) = (try Self.zone("Europe/Berlin"), try CronExpression("30 2 * * *"))
        #expect(cron.occurrences(after: 1_774_692_000, count: 2, in: berlin) == [1_774_746_000, 1_774_830_600])
        #expect(cron.occurrences(after: 1_792_836_000, count: 2, in: berlin) == [1_792_888_200, 1_792_978_200])
    }

    /// 2096-02-29 and then 2104-02-29: 2100 is no leap year.
    @Test func theLeapDayIsFoundEightYearsAhead() throws {
        let found = try CronExpression("0 0 29 feb *").occurrences(after: 3_900_000_000, count: 3, in: .utc)
        #expect(found.map { Stamp.iso8601(Double($0)).prefix(10) } == ["2096-02-29", "2104-02-29", "2108-02-29"])
    }

    @Test func nicknamesMeanTheirFields() throws {
        for (name, fields) in [("@daily", "0 0 * * *"), ("@HOURLY", "0 * * * *"), ("@weekly", "0 0 * * 0"), ("@yearly", "0 0 1 1 *")] {
            let found = try CronExpression(name).occurrences(after: 1_000_000_000, count: 3, in: .utc)
            #expect(found == (try CronExpression(fields).occurrences(after: 1_000_000_000, count: 3, in: .utc)))
        }
    }

    @Test func rangesOfDaysMayEndOnSunday() throws {
        #expect(try CronExpression("0 0 * * fri-sun").weekdays == CronExpression("0 0 * * 0,5,6").weekdays)
        #expect(try CronExpression("0 0 * * 5-7").weekdays == CronExpression("0 0 * * 0,5,6").weekdays)
    }

    @Test(arguments: [
        ("* * * *", "expected five fields (minute, hour, day of the month, month, day of the week), found 4"),
        ("60 * * * *", #"the minute has "60", expected 0 to 59."#), ("* 24 * * *", #"the hour has "24", expected 0 to 23."#),
        ("* * 0 * *", #"the day of the month has "0", expected 1 to 31."#),
        ("* * * foo *", #"the month has "foo", expected 1 to 12 or jan to dec, a range, a list or *."#),
        ("* * * * 8", #"the day of the week has "8", expected 0 to 7 or sun to sat."#),
        ("0 22-4 * * *", #"the hour has "22-4", which ends before it begins; write two ranges with a comma between them."#),
        ("*/0 * * * *", #"the minute has "*/0", expected a step of 1 or more after the /."#),
        ("5/15 * * * *", #"the minute has "5/15", expected a range before the step, such as 5-59/15."#),
        ("1,,2 * * * *", #"the minute has "", expected 0 to 59"#), ("-1 * * * *", #"the minute has "-1", expected 0 to 59"#),
        ("@reboot", "expected five fields or one of @annually, @daily"), ("0 0 30 2 *", "never comes: no such month has such a day."),
        ("0 0 31 4,6 *", "never comes"), ("99999999999999999999 * * * *", "expected 0 to 59"), ("", "found 0"),
    ])
    func mistakesAreNamedWithTheirField(text: String, message: String) throws {
        let error = #expect(throws: CronError.self) { try CronExpression(text) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "no error")")
    }
}

/// Offsets, changes and names of time zones.
@Suite struct TimeZoneRulesTests {
    @Test(arguments: ["../etc/passwd", "/etc/passwd", "", "GMT+3", "europe/berlin", "Europe//Berlin", "Europe/Atlantis", ".", "Europe/.."])
    func aNameThatIsNoZoneIsRefused(name: String) throws {
        #expect(throws: TimeZoneError.self) { try CronExpressionTests.zone(name) }
    }

    @Test func utcIsZero() throws {
        #expect(try TimeZoneRules(named: "UTC").offset(at: 0) == 0)
    }

    /// Every change that the files of another release of IANA's database list from 2000 to 2037.
    @Test(arguments: [
        "Africa/Cairo", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Europe/Berlin", "Europe/Dublin", "Pacific/Apia",
    ])
    func changesAreThoseOfIANAsFiles(name: String) throws {
        let expected = try CronExpressionTests.changes(of: name).filter { (946_684_800..<2_145_916_800).contains($0.instant) }
        #expect(!expected.isEmpty)
        let zone = try CronExpressionTests.zone(name)
        for change in expected {
            #expect(zone.offset(at: change.instant - 1) == change.before && zone.offset(at: change.instant) == change.after, "\(change)")
            #expect(zone.changes(from: change.instant - 100_000, to: change.instant + 100_000) == [change])
        }
    }

    @Test func theMachinesZoneIsNamedByALinkOrAText() throws {
        let scratch = Scratch()
        let (link, text) = (scratch.path + "/localtime", scratch.path + "/timezone")
        #expect(try TimeZoneRules.local(link: link, text: text) == .utc)
        symlink("/usr/share/zoneinfo/Europe/Berlin", link)
        #expect(try TimeZoneRules.local(link: link, text: text).name == "Europe/Berlin")
        unlink(link)
        try scratch.write("TZif2", "localtime")
        #expect(throws: TimeZoneError.unnamed(path: link)) { try TimeZoneRules.local(link: link, text: text) }
        try scratch.write("Pacific/Apia\n", "timezone")
        #expect(try TimeZoneRules.local(link: link, text: text).name == "Pacific/Apia")
        try scratch.write("Mars/Olympus\n", "timezone")
        #expect(throws: TimeZoneError.unknown(name: "Mars/Olympus")) { try TimeZoneRules.local(link: link, text: text) }
    }

    @Test func momentsAreWrittenWithTheirOffset() throws {
        #expect(try CronExpressionTests.zone("Europe/Berlin").text(1_774_746_000) == "2026-03-29 03:00 +02:00")
        #expect(try CronExpressionTests.zone("America/St_Johns").text(1_770_000_000) == "2026-02-01 23:10 -03:30")
    }
}

extension CronExpressionTests {
    /// The changes that a file of IANA's database lists (RFC 9636: 64-bit data after the second header), read as simply as possible.
    static func changes(of name: String) throws -> [TimeZoneRules.Change] {
        let bytes = try FileSystem().read(fixtures + "/zoneinfo/" + name, count: 1 << 20)
        func integer(_ offset: Int, _ count: Int) -> Int64 {
            bytes[offset..<offset + count].reduce(bytes[offset] >= 0x80 ? -1 : 0) { $0 << 8 | Int64($1) }
        }
        func counts(_ header: Int) -> [Int] { (0..<6).map { Int(integer(header + 20 + 4 * $0, 4)) } }
        let first = counts(0)
        let header = 44 + first[3] * 5 + first[4] * 6 + first[5] + first[2] * 8 + first[1] + first[0]
        let (changeCount, data) = (counts(header)[3], header + 44)
        let offsets = (0..<counts(header)[4]).map { integer(data + 9 * changeCount + 6 * $0, 4) }
        var before = offsets[0]
        var changes: [TimeZoneRules.Change] = []
        for index in 0..<changeCount {
            let after = offsets[Int(bytes[data + 8 * changeCount + index])]
            // Some entries change only the zone's abbreviation.
            if after != before { changes.append(.init(instant: integer(data + 8 * index, 8), before: before, after: after)) }
            before = after
        }
        return changes
    }
}
