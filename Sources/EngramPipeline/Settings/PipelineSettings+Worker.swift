package import EngramMemories
internal import EngramSystem

extension PipelineSettings {
    /// Keys under `worker:`: what one worker may take and see, set before it reads the drop.
    package struct Worker: Equatable, Sendable {
        /// Whether workers are fenced off from what is not their drop's.
        package enum Sandbox: String, Sendable, CaseIterable {
            /// As far as the kernel can.
            case auto
            /// Wholly, or `engram run` refuses to start.
            case require
            /// Not at all.
            case off
        }

        /// Bytes beyond what the program takes at its start.
        package var memoryByteCount: AutoOr<Int> = .auto
        /// Processor time of all threads together.
        package var cpuTime: AutoOr<Duration> = .auto
        /// From start to end. A day is the longest training that a preset allows by itself; analysis and writing come after it.
        package var wallTime: Duration = .seconds(129_600)
        /// Open files. A worker has about a dozen; libraries and Landlock rules need no more than 60 while it starts.
        package var openFileCount = 256
        /// Bytes of the longest file. The largest is the network in float32, and a machine holds it several times over in memory.
        package var largestFileByteCount = 17_179_869_184
        /// The fence.
        package var sandbox: Sandbox = .auto

        /// Seconds of processor time, `auto` being what all threads can take within the wall time.
        package func cpuSeconds(threadCount: Int) -> Int {
            switch cpuTime {
            case .auto: Int(saturating: wallTime.seconds.rounded(.up)) * threadCount
            case .value(let time): max(1, Int(saturating: time.seconds.rounded(.up)))
            }
        }
    }

    static let workerSection = (
        name: "worker", summary: "What each worker may take and see; one that goes beyond it is ended and its drop rejected."
    )

    static let workerFields: [SettingsField<PipelineSettings>] = [
        .init(
            "worker.memory", \.worker.memoryByteCount, .integer(67_108_864...Int.max).orAuto,
            "Bytes beyond the program's own; auto shares nine tenths of the machine's among the jobs"),
        .init(
            "worker.cpu_time", \.worker.cpuTime, .duration(.seconds(1)...(.seconds(31_536_000))).orAuto,
            "Processor time of all threads together; auto is wall_time for each thread"),
        .init(
            "worker.wall_time", \.worker.wallTime, .duration(.seconds(1)...(.seconds(31_536_000))),
            "Time from start to end; then it is asked to stop, and killed 30 seconds later"),
        .init("worker.open_files", \.worker.openFileCount, .integer(64...1_048_576), "Files open at once"),
        .init(
            "worker.largest_file", \.worker.largestFileByteCount, .integer(1_048_576...Int.max), "Bytes of the longest file it may write"),
        .init(
            "worker.sandbox", \.worker.sandbox, .choice(Worker.Sandbox.self),
            "Fence it off (Landlock, seccomp): auto as far as the kernel can, require wholly or not at all"),
    ]
}

extension PipelineSettings.Worker.Sandbox: SettingChoice {}
