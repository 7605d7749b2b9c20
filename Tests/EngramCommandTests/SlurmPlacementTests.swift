import EngramPipeline
import Testing

@testable import EngramDrops
@testable import EngramService
@testable import engram

/// What the settings ask Slurm for.
struct SlurmPlacementTests {
    private func request(_ text: String, threadCount: Int = 2) throws -> SlurmRequest {
        let pipeline = try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: "executor: slurm\n" + text))
        guard case .slurm(let request) = SlurmPlacement.place(forDropNamed: "a", pipeline, threadCount: threadCount) else {
            throw CommandFailure(.internalError, code: "test", message: "it is not for Slurm")
        }
        return request
    }

    @Test func aJobGetsTheThreadsOfAWorkerHereSoThatItsBytesAreTheSame() throws {
        let plain = try request("")
        #expect(plain.cpuCount == 2 && plain.memoryByteCount == nil && plain.partition == nil && plain.extraArguments.isEmpty)
        #expect(plain.seconds == 129_600 && plain.bounds == .init(memoryByteCount: nil, seconds: 518_400))
        #expect(try request("slurm: { cpus: 8 }").cpuCount == 8)
    }

    @Test func requestsGrowTwiceUnlessItIsSaid() throws {
        let request = try request("worker: { memory: 1073741824, wall_time: 2h }\nslurm: { largest_time: 3h }")
        #expect(request.memoryByteCount == 1 << 30 && request.bounds == .init(memoryByteCount: 4 << 30, seconds: 10_800))
    }

    @Test func aWorkerOfAJobIsLimitedByWhatTheJobGot() throws {
        let pipeline = try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: "executor: slurm"))
        var here = WorkerLimits()
        (here.memoryByteCount, here.cpuSeconds, here.threadCount) = (5, 6, 7)
        let grant = WorkerGrant(threadCount: 4, memoryByteCount: 1000, wallSeconds: 60)
        let limits = SlurmPlacement.limits(here, grant: grant, pipeline)
        #expect(limits.memoryByteCount == 900 && limits.cpuSeconds == 240 && limits.threadCount == WorkerLimits.threadCount(of: 4))
        // What this machine has is nothing that a node has.
        let open = SlurmPlacement.limits(here, grant: WorkerGrant(threadCount: 4, memoryByteCount: nil, wallSeconds: 60), pipeline)
        #expect(open.memoryByteCount == nil)
    }

    @Test func onThisMachineNothingIsAsked() throws {
        let pipeline = try PipelineSettings(file: SettingsFile(source: "pipeline.yml", text: "jobs: 2"))
        #expect(SlurmPlacement.place(forDropNamed: "a", pipeline, threadCount: 2) == .machine)
    }

    @Test func statusSaysWhereAJobStandsAndWhatWasAskedFor() throws {
        let news = try JSONValue.parse(
            Array(
                #"{"executor":"slurm","job":"12","text":"Slurm job 12 waits: Priority: other jobs come first","request":{"partition":"long","cpus":2,"memory_bytes":1073741824,"seconds":7200,"gres":null}}"#
                    .utf8))
        #expect(ClusterNews.text(news) == "Slurm job 12 waits: Priority: other jobs come first")
        #expect(ClusterNews.request(news) == "partition long, 2 processors, 1 GiB, at most 2:00:00")
        #expect(ClusterNews.text(nil) == nil && ClusterNews.request(nil) == nil)
        let row = DropBiography.text(
            .init(
                id: "1", name: "a", path: "/a", state: .running, reason: "attempt 1", attempt: 1, failureCount: 0, createdAt: 0,
                updatedAt: 0),
            transitions: [], cluster: news)
        #expect(row.contains("cluster Slurm job 12 waits") && row.contains("asked for partition long"))
    }

    @Test func statusSaysThatSlurmDoesNotAnswer() throws {
        let daemon = try JSONValue.parse(
            Array(#"{"slurm":{"answers":false,"complaint":"no contact","jobs":3,"states":{"PENDING":2,"RUNNING":1}}}"#.utf8))
        let lines = DaemonNews.lines(of: daemon)
        #expect(lines.contains("Jobs in Slurm: 2 PENDING, 1 RUNNING.") && lines.contains { $0.contains("does not answer (no contact)") })
    }
}
