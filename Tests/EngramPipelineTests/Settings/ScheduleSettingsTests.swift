import Testing

@testable import EngramPipeline

/// `schedule:` and `hooks:` of `pipeline.yml`.
@Suite struct ScheduleSettingsTests {
    private func settings(_ yaml: String) throws(SettingsError) -> PipelineSettings {
        try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: yaml))
    }

    @Test func jobsAreReadWithTheirPlacesAndDefaults() throws {
        let schedule = try settings(
            """
            schedule:
              time_zone: Europe/Berlin
              jobs:
                - cron: "0 22 * * *"
                  action: train
                  duration: 8h
                  at_end: finish
                - { cron: "@daily", action: verify, missed: all, limit: 2h }
                - { cron: "@weekly", action: verify }
                - { cron: "@daily", action: digest, name: summary }
            """
        ).schedule
        #expect(schedule.timeZone?.value == "Europe/Berlin" && schedule.timeZone?.location.line == 2)
        #expect(schedule.jobs.map(\.name) == ["train", "verify", "verify-2", "summary"])
        #expect(schedule.jobs[0].duration == .seconds(28_800) && schedule.jobs[0].atEnd == .finish)
        #expect(schedule.jobs[0].cron.location == SettingsLocation(source: "pipeline.yml", line: 4, column: 13))
        #expect(schedule.jobs[1].missed == .all && schedule.jobs[1].limit == .seconds(7200))
        #expect(schedule.jobs[2].missed == .once && schedule.jobs[2].limit == .seconds(3600))
    }

    @Test(arguments: [
        ("schedule: daily", "pipeline.yml:1:11: 'schedule' must be a mapping of keys to values, found 'daily'"),
        ("schedule: { jobs: [{ action: verify }] }", "pipeline.yml:1:20: key 'cron' is missing"),
        ("schedule: { jobs: [{ cron: \"@daily\" }] }", "key 'action' is missing"),
        ("schedule: { jobs: [{ cron: \"@daily\", action: verfy }] }", "must be one of intake, train, verify, digest, clean, found 'verfy'"),
        ("schedule: { jobs: [{ cron: \"@daily\", action: train }] }", "key 'duration' is missing"),
        ("schedule: { jobs: [{ cron: \"@daily\", action: train, duration: 8 }] }", "'schedule.jobs.duration' must be a duration from 1s"),
        (
            "schedule: { jobs: [{ cron: \"@daily\", action: train, duration: 8h, missed: all }] }",
            "unknown key 'schedule.jobs.missed'; expected one of cron, action, name, duration, at_end."
        ), ("schedule: { jobs: [{ cron: \"@daily\", action: digest, misssed: all }] }", "did you mean 'missed'?"),
        ("schedule: { timezone: UTC }", "did you mean 'time_zone'?"), ("shedule: { jobs: [] }", "did you mean 'schedule'?"),
        ("hooks: { befor: x }", "did you mean 'before'?"), ("hooks: { before: [scan] }", "must be a program by its absolute path"),
        ("hooks: { after: { a: b } }", "'hooks.after' must be a list such as"),
        ("hooks: { timeout: 0s }", "must be a duration from 1s to 1h"),
    ])
    func mistakesAreNamedWithTheirPlace(yaml: String, message: String) {
        let error = #expect(throws: SettingsError.self) { try settings(yaml) }
        #expect(error?.description.contains(message) == true, "\(error?.description ?? "no error")")
    }

    @Test func aHookIsAListOfWordsOrALineForTheShell() throws {
        let hooks = try settings("hooks: { before: [/bin/true, -x], after: \"a | b\", timeout: 5s }").service.hooks
        #expect(hooks.before == ["/bin/true", "-x"] && hooks.after == ["/bin/sh", "-c", "a | b"] && hooks.failure.isEmpty)
        #expect(hooks.timeout == .seconds(5))
    }
}
