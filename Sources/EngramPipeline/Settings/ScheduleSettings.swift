internal import EngramMemories

/// What `schedule:` in `pipeline.yml` says. What a cron expression or a time zone means is not known here: texts keep their places, so that
/// whoever reads them can say where a mistake is.
package struct ScheduleSettings: Equatable, Sendable {
    /// A text and where it stands.
    package struct Text: Equatable, Sendable {
        /// The text.
        package var value: String
        /// Its place.
        package var location: SettingsLocation
    }

    /// What happens at the times of a job.
    package enum Action: String, CaseIterable, Sendable {
        /// Drops are taken from the inbox for `duration`, and at no other time.
        case intake
        /// Drops are trained for `duration`, and at no other time.
        case train
        /// Published memories are checked again.
        case verify
        /// A summary is written to the outbox.
        case digest
        /// Sources are deleted as `keep:` says.
        case clean

        var isWindow: Bool { self == .intake || self == .train }
    }

    /// What happens to workers when the training windows close.
    package enum AtEnd: String, CaseIterable, Sendable {
        case checkpoint, finish
    }

    /// What happens with times that passed while nothing ran.
    package enum Missed: String, CaseIterable, Sendable {
        case none, once, all
    }

    /// One entry of `jobs:`.
    package struct Job: Equatable, Sendable {
        /// When.
        package var cron: Text
        /// What.
        package var action: Action
        /// Unique; the action, and for its second job `verify-2` and so on.
        package var name: String
        /// Length of a window.
        package var duration: Duration = .zero
        /// For training windows.
        package var atEnd = AtEnd.checkpoint
        /// For what runs.
        package var missed = Missed.once
        /// The longest that it may run.
        package var limit: Duration = .seconds(3600)
    }

    /// IANA's name, or `local` for the machine's own; nil where none is given, which means `local`.
    package var timeZone: Text?
    /// In the order of the file.
    package var jobs: [Job] = []

    /// No schedule.
    package init() {}

    init(_ node: SettingsNode) throws(SettingsError) {
        for (key, location, value) in try node.pairs(title: "schedule") {
            switch key {
            case "time_zone":
                timeZone = Text(value: try value.text(key: "schedule.time_zone", expected: "a name"), location: value.location)
            case "jobs": jobs = try Self.jobs(value)
            default: throw .unknown(location, key: key, in: "schedule", known: ["time_zone", "jobs"])
            }
        }
    }

    private static func jobs(_ node: SettingsNode) throws(SettingsError) -> [Job] {
        guard case .list(let items) = node.content else {
            if case .nothing = node.content { return [] }
            throw .wrongType(node.location, key: "schedule.jobs", expected: "a list of entries with cron and action", found: node.found)
        }
        var jobs: [Job] = []
        for item in items { jobs.append(try job(item, earlier: jobs)) }
        return jobs
    }

    private static func job(_ node: SettingsNode, earlier: [Job]) throws(SettingsError) -> Job {
        let pairs = try node.pairs(title: "schedule.jobs")
        func value(_ key: String) -> SettingsNode? { pairs.first { $0.key == key }?.value }
        guard let cron = value("cron") else {
            throw .missingKey(node.location, key: "cron", purpose: "when, such as cron: \"30 3 * * *\"")
        }
        guard let actionNode = value("action") else {
            throw .missingKey(node.location, key: "action", purpose: "what: \(Action.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let action = try actionNode.choice(Action.self, key: "schedule.jobs.action")
        let known =
            ["cron", "action", "name"]
            + (action == .train ? ["duration", "at_end"] : action == .intake ? ["duration"] : ["missed", "limit"])
        if let stranger = pairs.first(where: { !known.contains($0.key) }) {
            throw .unknown(stranger.location, key: stranger.key, in: "schedule.jobs", known: known)
        }
        var job = Job(
            cron: Text(value: try cron.text(key: "schedule.jobs.cron", expected: "five fields in quotes"), location: cron.location),
            action: action, name: action.rawValue)
        let isNamed = { (name: String) in earlier.contains { $0.name == name } }
        if let name = value("name") {
            job.name = try name.text(key: "schedule.jobs.name", expected: "a word")
            guard !isNamed(job.name) else {
                throw .wrongType(name.location, key: "schedule.jobs.name", expected: "different for each job", found: name.found)
            }
        } else {
            var number = 1
            while isNamed(job.name) {
                number += 1
                job.name = "\(action.rawValue)-\(number)"
            }
        }
        let week = Duration.seconds(1)...Duration.seconds(7 * 86_400)
        if let duration = value("duration") {
            job.duration = try duration.duration(key: "schedule.jobs.duration", in: week)
        } else if action.isWindow {
            throw .missingKey(node.location, key: "duration", purpose: "how long the window stays open, such as duration: 8h")
        }
        if let limit = value("limit") { job.limit = try limit.duration(key: "schedule.jobs.limit", in: week) }
        if let atEnd = value("at_end") { job.atEnd = try atEnd.choice(AtEnd.self, key: "schedule.jobs.at_end") }
        if let missed = value("missed") { job.missed = try missed.choice(Missed.self, key: "schedule.jobs.missed") }
        return job
    }
}

extension SettingsNode {
    /// The pairs of a mapping; none for nothing.
    func pairs(title: String) throws(SettingsError) -> [(key: String, location: SettingsLocation, value: SettingsNode)] {
        switch content {
        case .nothing: return []
        case .mapping(let pairs): return pairs
        case .scalar, .list: throw .wrongType(location, key: title, expected: "a mapping of keys to values", found: found)
        }
    }

    /// The text of a scalar.
    func text(key: String, expected: String) throws(SettingsError) -> String {
        guard case .scalar(let text, _) = content, !text.isEmpty, !text.utf8.contains(0) else {
            throw .wrongType(location, key: key, expected: expected, found: found)
        }
        return text
    }

    fileprivate func choice<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type, key: String) throws(SettingsError) -> Choice
    where Choice.RawValue == String {
        let words = "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", ")
        guard let choice = Choice(rawValue: try text(key: key, expected: words)) else {
            throw .wrongType(location, key: key, expected: words, found: found)
        }
        return choice
    }

    func duration(key: String, in range: ClosedRange<Duration>) throws(SettingsError) -> Duration {
        let type = SettingType.duration(range)
        do throws(SettingType.Refusal) {
            if case .duration(let value) = try type.parse(try scalarText(), isQuoted: false) { return value }
        } catch .outOfRange {
            throw .outOfRange(location, key: key, expected: type.expectation, found: found)
        } catch {}
        throw .wrongType(location, key: key, expected: type.expectation, found: found)
    }

    private func scalarText() throws(SettingType.Refusal) -> String {
        guard case .scalar(let text, _) = content else { throw .wrongType }
        return text
    }
}

extension SettingsError {
    /// An unknown key with the nearest known one.
    static func unknown(_ location: SettingsLocation, key: String, in section: String, known: [String]) -> SettingsError {
        .unknownKey(
            location, key: SettingsNode.shortened("\(section).\(key)"), suggestion: NearestWord.nearest(to: key, among: known), known: known
        )
    }
}
