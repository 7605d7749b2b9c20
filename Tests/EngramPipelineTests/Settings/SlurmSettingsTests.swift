import EngramMemories
import Testing

@testable import EngramPipeline

/// Where drops are worked on, as `pipeline.yml` says it.
struct SlurmSettingsTests {
    private func settings(_ text: String) throws(SettingsError) -> PipelineSettings {
        try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: text))
    }

    @Test func withoutAWordEveryDropStaysOnThisMachine() throws {
        let pipeline = try settings("jobs: 2")
        #expect(!pipeline.usesSlurm && pipeline.placed(forDropNamed: "a.png").executor == .local)
        #expect(pipeline.slurm == PipelineSettings.Slurm() && pipeline.extraSlurmArguments.isEmpty)
    }

    @Test func rulesChooseTheExecutorAndItsRequestByName() throws {
        let pipeline = try settings(
            """
            slurm: { partition: short, memory: 1073741824, extra: "--qos=night  --exclusive" }
            rules:
              - { match: "film-*", executor: slurm }
              - { match: "film-long*", slurm: { partition: long, time: 48h, gres: "gpu:1" } }
              - { match: "*.png", set: { seed: 7 } }
            """)
        #expect(pipeline.usesSlurm)
        #expect(pipeline.placed(forDropNamed: "a.png").executor == .local)
        let short = pipeline.placed(forDropNamed: "film-1")
        #expect(short.executor == .slurm && short.slurm.partition == .value("short") && short.slurm.time == .auto)
        let long = pipeline.placed(forDropNamed: "film-long-1.png")
        #expect(long.executor == .slurm && long.slurm.partition == .value("long") && long.slurm.time == .value(.seconds(172_800)))
        #expect(long.slurm.gres == "gpu:1" && long.slurm.memoryByteCount == .value(1 << 30))
        #expect(long.extraSlurmArguments == ["--qos=night", "--exclusive"])
        // What a drop is trained with says nothing of where.
        #expect(try pipeline.dropSettings(named: "film-long-1.png").seed == 7)
        #expect(try pipeline.dropSettings(named: "film-1") == settings("").dropSettings(named: "film-1"))
    }

    @Test func aRuleMaySendADropBackToThisMachine() throws {
        let pipeline = try settings("executor: slurm\nrules:\n  - { match: \"*.txt\", executor: local }")
        #expect(pipeline.usesSlurm)
        #expect(pipeline.placed(forDropNamed: "a.txt").executor == .local && pipeline.placed(forDropNamed: "a.png").executor == .slurm)
    }

    @Test(arguments: [
        ("executor: cluster", "pipeline.yml:1:11"), ("slurm: { memory: 12 }", "slurm.memory"), ("slurm: { time: 5s }", "slurm.time"),
        ("slurm: { partiton: x }", "partition"), ("rules:\n  - { match: \"a\", executer: slurm }", "executor"),
        ("rules:\n  - { match: \"a\", slurm: { jobs: 5 } }", "slurm.jobs"), ("rules:\n  - { match: \"a\" }", "set"),
    ])
    func mistakesAreSaidWithTheirPlace(text: String, said: String) throws {
        #expect { try settings(text) } throws: { "\($0)".contains(said) && "\($0)".contains("pipeline.yml:") }
    }

    @Test(arguments: ["executor: slurm", "slurm: { partition: long }"])
    func aDropsOwnSettingsSayNothingOfItsPlace(text: String) throws {
        let file = SettingsFile(source: "a.drop.yml", text: text)
        #expect(throws: SettingsError.self) { try settings("executor: slurm").dropSettings(named: "a", dropFile: file) }
    }

    @Test func aChangeOfPlacesIsNamed() throws {
        let (plain, other) = (try settings(""), try settings("executor: slurm\nslurm: { jobs: 7 }"))
        #expect(plain.differences(from: other) == ["executor", "slurm.jobs"])
        let rule = try settings("rules:\n  - { match: \"a\", executor: slurm }")
        #expect(rule.differences(from: try settings("rules:\n  - { match: \"a\", executor: local }")) == ["rules"])
    }
}
