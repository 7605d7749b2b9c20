/// What a daemon does beside its drops: keys at the top of `pipeline.yml`, and `hooks:`.
package struct ServiceSettings: Equatable, Sendable {
    /// How long workers have to write their checkpoints when the daemon is asked to end.
    package var stopTimeout: Duration = .seconds(60)
    /// A file for Prometheus; `none` for no file. Relative paths count from the folder of `pipeline.yml`.
    package var metricsFile = "none"
    /// The page.
    package var http = HTTPSettings()
    /// Programs that are told of drops.
    package var hooks = HookSettings()

    /// The built-in defaults.
    package init() {}
}

/// Where the page is, and who may see it.
package struct HTTPSettings: Equatable, Sendable {
    /// Where `engram run` and `engram serve` listen; `none` for no page of the daemon.
    package var address = "none"
    /// A file with what visitors have to know; `none` for nothing. Relative paths count from the folder of `pipeline.yml`.
    package var tokenFile = "none"
    /// Names that the page is reached by, with commas between; `none` for addresses alone.
    package var hostNames = "none"
    /// Bytes of one upload.
    package var uploadByteCount = 1 << 30

    /// The built-in defaults.
    package init() {}
}

/// What `hooks:` in `pipeline.yml` says.
package struct HookSettings: Equatable, Sendable {
    /// Asked before a drop is trained: the program and its arguments; empty for none.
    package var before: [String] = []
    /// Told after a result was published.
    package var after: [String] = []
    /// Told after a drop was rejected.
    package var failure: [String] = []
    /// Given the text of each digest of the schedule on standard input.
    package var digest: [String] = []
    /// The longest that one of them may run.
    package var timeout: Duration = .seconds(30)

    /// No hooks.
    package init() {}

    init(_ node: SettingsNode) throws(SettingsError) {
        for (key, location, value) in try node.pairs(title: "hooks") {
            switch key {
            case "before": before = try Self.command(value, key: "hooks.before")
            case "after": after = try Self.command(value, key: "hooks.after")
            case "failure": failure = try Self.command(value, key: "hooks.failure")
            case "digest": digest = try Self.command(value, key: "hooks.digest")
            case "timeout": timeout = try value.duration(key: "hooks.timeout", in: .seconds(1)...(.seconds(3600)))
            default: throw .unknown(location, key: key, in: "hooks", known: ["before", "after", "failure", "digest", "timeout"])
            }
        }
    }

    /// A list of words is a program and its arguments; a text is for the shell.
    private static func command(_ node: SettingsNode, key: String) throws(SettingsError) -> [String] {
        let expected = "a list such as [/usr/local/bin/notify, --quiet], or a line for /bin/sh"
        switch node.content {
        case .nothing: return []
        case .scalar: return ["/bin/sh", "-c", try node.text(key: key, expected: expected)]
        case .mapping: throw .wrongType(node.location, key: key, expected: expected, found: node.found)
        case .list(let items):
            var words: [String] = []
            for item in items { words.append(try item.text(key: key, expected: expected)) }
            guard let program = words.first else { return [] }
            guard program.hasPrefix("/") else {
                throw .wrongType(node.location, key: key, expected: "a program by its absolute path", found: "'\(program)'")
            }
            return words
        }
    }
}

extension PipelineSettings {
    /// Keys at the top of `pipeline.yml` that are about the daemon as a service.
    static let serviceFields: [SettingsField<PipelineSettings>] = [
        .init(
            "stop_timeout", \.service.stopTimeout, .duration(.seconds(1)...(.seconds(86_400))),
            "How long drops at work have to write their checkpoints when the daemon is asked to stop"),
        .init(
            "metrics_file", \.service.metricsFile, .path,
            "File for Prometheus's textfile collector, such as /var/lib/node_exporter/engram.prom; none for no file"),
        .init(
            "http_address", \.service.http.address, .text,
            "Where the daemon shows its page, such as 127.0.0.1:8080; none for no page (engram serve shows it without)"),
        .init(
            "http_token_file", \.service.http.tokenFile, .path,
            "File with the token that visitors of the page have to know; none is for addresses of this machine alone"),
        .init(
            "http_host_names", \.service.http.hostNames, .text,
            "Names that the page is reached by besides addresses and localhost, with commas between; none for no other"),
        .init("http_max_upload", \.service.http.uploadByteCount, .integer(1...Int.max), "Most bytes of one upload on the page"),
    ]

    /// The end of a new `pipeline.yml`.
    static let serviceTemplate = [
        "", "# When drops are taken and trained, and what else runs when; `engram schedule` shows the next times of each job.",
        "# schedule:",
        "#   time_zone: Europe/Berlin  # a name of the time zone database, or local", "#   jobs:",
        "#     - { cron: \"0 22 * * *\", action: train, duration: 8h, at_end: checkpoint }  # or intake; at_end: finish lets drops end",
        "#     - { cron: \"30 3 * * *\", action: verify, missed: once, limit: 1h }  # missed: none, once or all",
        "#     - { cron: \"@daily\", action: digest }",
        "#     - { cron: \"0 5 * * *\", action: clean }  # deletes sources as keep: says", "",
        "# Programs that are told of drops by JSON on standard input; Documentation/Operations.md has the fields.", "# hooks:",
        "#   before: [/usr/local/bin/scan-drop]  # exit code 0: go on, 75: ask again later, else: reject", "#   after: echo done",
        "#   failure: [/usr/local/bin/notify, --urgent]",
        "#   digest: /usr/sbin/sendmail -i operator@example.org  # gets the digest as a mail with a subject", "#   timeout: 30s",
    ]
}

extension PipelineSettings {
    /// Keys that a running daemon cannot take over: it holds these folders, and the watch on the inbox is set up once.
    package static let keysOfTheStart: Set<String> = [
        "inbox", "outbox", "state", "inbox_marker", "watch", "rescan", "poll", "http_address", "http_token_file", "http_host_names",
        "http_max_upload",
    ]

    /// The keys at the top of the file whose values are not those of `other`.
    package func differences(from other: PipelineSettings) -> [String] {
        var keys = Self.schema.fields.filter { $0.get(self) != $0.get(other) }.map(\.path)
        if !defaults.isEqual(to: other.defaults) { keys.append("defaults") }
        if rules.count != other.rules.count || zip(rules, other.rules).contains(where: { !$0.isEqual(to: $1) }) { keys.append("rules") }
        if schedule.isMeaningOther(than: other.schedule) { keys.append("schedule") }
        if service.hooks != other.service.hooks { keys.append("hooks") }
        return keys
    }
}

extension PipelineSettings.Rule {
    fileprivate func isEqual(to other: Self) -> Bool {
        pattern == other.pattern && layer.isEqual(to: other.layer) && place.isEqual(to: other.place)
    }
}

extension SettingsLayer {
    fileprivate func isEqual(to other: Self) -> Bool {
        entries.count == other.entries.count && zip(entries, other.entries).allSatisfy { $0.path == $1.path && $0.value == $1.value }
    }
}

extension ScheduleSettings {
    /// Whether something else is said, wherever it stands.
    fileprivate func isMeaningOther(than other: ScheduleSettings) -> Bool {
        func plain(_ schedule: ScheduleSettings) -> ScheduleSettings {
            let nowhere = SettingsLocation(source: "")
            var plain = schedule
            plain.timeZone?.location = nowhere
            for index in plain.jobs.indices { plain.jobs[index].cron.location = nowhere }
            return plain
        }
        return plain(self) != plain(other)
    }
}
