package import EngramMemories

extension PipelineSettings {
    /// Where workers run.
    package enum Executor: String, Sendable, CaseIterable {
        /// As children of the daemon.
        case local
        /// As jobs of Slurm's.
        case slurm
    }

    /// Keys under `slurm:`: what is asked of Slurm for the job of one drop, and how many jobs there may be.
    package struct Slurm: Equatable, Sendable {
        /// `auto`: the cluster's default.
        package var partition: AutoOr<String> = .auto
        /// `auto`: the user's default.
        package var account: AutoOr<String> = .auto
        /// `auto`: `worker.wall_time`.
        package var time: AutoOr<Duration> = .auto
        /// Bytes. `auto`: `worker.memory` where that is given, else the cluster's default.
        package var memoryByteCount: AutoOr<Int> = .auto
        /// `auto`: the threads of a worker on this machine, so that both give the same bytes.
        package var cpuCount: AutoOr<Int> = .auto
        /// `none` for none.
        package var gres = "none"
        /// Further options of `sbatch`, separated by spaces; `none` for none.
        package var extra = "none"
        /// `auto`: four times `memory`. An attempt that needs more gets twice as much at the next one, so this is two steps.
        package var largestMemoryByteCount: AutoOr<Int> = .auto
        /// `auto`: four times `time`, for the same reason.
        package var largestTime: AutoOr<Duration> = .auto
        /// The program on the nodes; `auto`: where the daemon's own is.
        package var program: AutoOr<String> = .auto
        /// Jobs in Slurm's hands at once. Clusters commonly allow a user a few hundred.
        package var jobs = 100
        /// Most drops that are submitted as one array. A cluster's own limit (MaxArraySize) is 1,001 by default.
        package var array = 100
        /// Between two questions to Slurm while something changes; up to twelve times as long while nothing does.
        package var poll: Duration = .seconds(5)
    }

    static let slurmSection = (
        name: "slurm",
        summary:
            "What is asked of Slurm where executor is slurm; a rule may have executor and slurm beside match (Documentation/Cluster.md)."
    )

    /// What a rule may say of a drop's place.
    static let placeFields: [SettingsField<PipelineSettings>] = [
        .init(
            "executor", \.executor, .choice(Executor.self),
            "Where workers run: local as processes of this machine, slurm as jobs of a cluster"
        ),
        .init("slurm.partition", \.slurm.partition, .text.orAuto, "Partition; auto is the cluster's default"),
        .init("slurm.account", \.slurm.account, .text.orAuto, "Account that is charged; auto is the user's default"),
        .init(
            "slurm.time", \.slurm.time, .duration(.seconds(60)...(.seconds(31_536_000))).orAuto,
            "Time limit of a job; auto is worker.wall_time. A partition may allow less"),
        .init(
            "slurm.memory", \.slurm.memoryByteCount, .integer(67_108_864...Int.max).orAuto,
            "Bytes of a job; auto is worker.memory where that is given, else the cluster's default"),
        .init("slurm.cpus", \.slurm.cpuCount, .integer(1...1_024).orAuto, "Processors of a job, which are its threads; auto is threads"),
        .init("slurm.gres", \.slurm.gres, .text, "Generic resources, such as gpu:1; none for none"),
        .init("slurm.extra", \.slurm.extra, .text, "Further options of sbatch, separated by spaces, such as --qos=night; none for none"),
        .init(
            "slurm.largest_memory", \.slurm.largestMemoryByteCount, .integer(67_108_864...Int.max).orAuto,
            "Most bytes that are asked for: after an attempt that needed more, the next one gets twice as much; auto is four times memory"),
        .init(
            "slurm.largest_time", \.slurm.largestTime, .duration(.seconds(60)...(.seconds(31_536_000))).orAuto,
            "The same for the time limit; auto is four times time"),
        .init("slurm.program", \.slurm.program, .path.orAuto, "The program on the nodes; auto is the path of the daemon's own"),
    ]

    /// The keys of `placeFields` and those that are the daemon's alone.
    static let slurmFields: [SettingsField<PipelineSettings>] =
        placeFields + [
            .init("slurm.jobs", \.slurm.jobs, .integer(1...100_000), "Jobs in Slurm's hands at once; jobs counts those of this machine"),
            .init("slurm.array", \.slurm.array, .integer(1...10_000), "Most drops that one sbatch submits as an array; 1 for no arrays"),
            .init(
                "slurm.poll", \.slurm.poll, .duration(.milliseconds(100)...(.seconds(3_600))),
                "Between two looks at the queue (one for all jobs) while something changes; longer while nothing does"),
        ]

    static let placeSchema = SettingsSchema<PipelineSettings>(sections: [slurmSection], fields: placeFields)

    /// Where the workers of a drop of this name run, and what is asked of Slurm for them: the settings with `executor` and `slurm` of the
    /// matching rules over them.
    package func placed(forDropNamed name: String) -> PipelineSettings {
        var placed = self
        for rule in rules where rule.pattern.matches(name) { rule.place.apply(to: &placed, schema: Self.placeSchema) }
        return placed
    }

    /// Whether any drop may go to Slurm.
    package var usesSlurm: Bool {
        executor == .slurm || rules.contains { $0.place.value(at: "executor") == .text(Executor.slurm.rawValue) }
    }

    /// `slurm.extra` as words.
    package var extraSlurmArguments: [String] { slurm.extra == "none" ? [] : slurm.extra.split(separator: " ").map(String.init) }
}

extension PipelineSettings.Executor: SettingChoice {}
