@testable import EngramDrops
import EngramSystem
import Glibc
import Testing

/// What Slurm says, and what that means.
struct SlurmTextTests {
    @Test func theQueueIsReadByName() {
        let lines = [
            "engram-0a1b2c3d-1-ff|12|RUNNING|n1|None", "engram-0a1b2c3d-array-ee|13_7|PENDING||(Resources)",
            "engram-0a1b2c3d-1-dd|14|PENDING||ReqNodeNotAvail, UnavailableNodes:n[1-2]|x", "other|15|RUNNING|n1|None",
            "engram-0a1b2c3d-1-cc|JOBID|STATE|NODELIST|REASON", "engram-0a1b2c3d-1-bb|16", "",
        ]
        #expect(
            SlurmListing.jobs(in: lines, prefix: "engram-0a1b2c3d-") == [
                SlurmSighting(name: "engram-0a1b2c3d-1-ff", index: nil, id: "12", stateName: "RUNNING", nodes: "n1", reason: "None"),
                SlurmSighting(
                    name: "engram-0a1b2c3d-array-ee", index: 7, id: "13_7", stateName: "PENDING", nodes: "", reason: "(Resources)"),
                SlurmSighting(
                    name: "engram-0a1b2c3d-1-dd", index: nil, id: "14", stateName: "PENDING", nodes: "",
                    reason: "ReqNodeNotAvail, UnavailableNodes:n[1-2]|x"),
            ])
    }

    @Test(arguments: [("12", "12"), ("12;cluster", "12"), ("Submitted batch job 12", nil), ("", nil)])
    func theNumberOfASubmittedJobIsRead(line: String, id: String?) {
        #expect(SlurmListing.submitted([line]) == id)
        #expect(SlurmListing.submitted([]) == nil)
    }

    @Test func theExitCodeOfAJobIsRead() {
        #expect(SlurmListing.exitCode(in: ["JobId=3 JobState=FAILED", "ExitCode=93:0 Reason=x"]) == 93)
        #expect(SlurmListing.exitCode(in: ["slurm_load_jobs error: Invalid job id specified"]) == nil)
    }

    /// Each state of squeue's manual (22.05), and some of later ones.
    @Test(arguments: [
        ("PENDING", SlurmState.waits), ("CONFIGURING", .waits), ("REQUEUED", .waits), ("REQUEUE_FED", .waits), ("REQUEUE_HOLD", .waits),
        ("RESV_DEL_HOLD", .waits), ("SPECIAL_EXIT", .waits), ("POWER_UP_NODE", .waits), ("RUNNING", .works), ("COMPLETING", .works),
        ("SUSPENDED", .works), ("STOPPED", .works), ("SIGNALING", .works), ("STAGE_OUT", .works), ("RESIZING", .works), ("REVOKED", .works),
        ("A_STATE_OF_2030", .works), ("COMPLETED", .ended(.completed)), ("FAILED", .ended(.failed)), ("CANCELLED", .ended(.cancelled)),
        ("CANCELLED by 1000", .ended(.cancelled)), ("CANCELLED+", .ended(.cancelled)), ("TIMEOUT", .ended(.timeout)),
        ("NODE_FAIL", .ended(.nodeFailure)), ("PREEMPTED", .ended(.preempted)), ("BOOT_FAIL", .ended(.bootFailure)),
        ("DEADLINE", .ended(.deadline)), ("OUT_OF_MEMORY", .ended(.outOfMemory)), ("LAUNCH_FAILED", .ended(.launchFailure)),
        ("RECONFIG_FAIL", .ended(.reconfigurationFailure)),
    ])
    func everyStateHasAMeaning(name: String, state: SlurmState) { #expect(SlurmState(named: name) == state) }

    /// Whether the drop is tried again, whether that counts as an attempt of its own, and whether more is asked for.
    @Test(arguments: [
        (SlurmState.Cause.timeout, true, false, true), (.outOfMemory, true, false, true), (.nodeFailure, true, false, false),
        (.preempted, true, true, false), (.bootFailure, true, true, false), (.reconfigurationFailure, true, true, false),
        (.cancelled, true, false, false), (.deadline, true, false, false), (.completed, true, false, false), (.failed, true, false, false),
        (.launchFailure, true, false, false),
    ])
    func everyEndWithoutARecordHasAVerdict(cause: SlurmState.Cause, isRetryable: Bool, isWaiting: Bool, isLarger: Bool) throws {
        let job = SlurmSighting(name: "engram-a", index: nil, id: "12", stateName: cause.rawValue, nodes: "n3", reason: "None")
        let request = SlurmRequest(seconds: 600, memoryByteCount: 1 << 30, bounds: .init(memoryByteCount: 3 << 30, seconds: 900))
        let verdict = SlurmVerdict(cause: cause, sighting: job, request: request)
        let failure = try #require(verdict.failure)
        #expect(verdict.exit == .unseen && failure.isRetryable == isRetryable && failure.isWaiting == isWaiting)
        #expect((verdict.larger != nil) == isLarger)
        #expect(failure.message.contains("12") && failure.remedy?.isEmpty != true)
    }

    @Test func everyCauseIsInTheTableAbove() { #expect(SlurmState.Cause.allCases.count == 11) }

    @Test func moreIsAskedForUpToTheBounds() throws {
        var request = SlurmRequest(seconds: 600, memoryByteCount: 2 << 30, bounds: .init(memoryByteCount: 7 << 30, seconds: 1000))
        request = try #require(request.withMoreMemory)
        #expect(request.memoryByteCount == 4 << 30 && request.seconds == 600)
        request = try #require(request.withMoreMemory)
        #expect(request.memoryByteCount == 7 << 30 && request.withMoreMemory == nil)
        request = try #require(request.withMoreTime)
        #expect(request.seconds == 1000 && request.withMoreTime == nil)
        #expect(SlurmRequest(seconds: 60).withMoreMemory == nil && SlurmRequest(seconds: 60).withMoreTime == nil)
        #expect(SlurmRequest(seconds: 60, memoryByteCount: .max, bounds: .init(memoryByteCount: .max)).withMoreMemory == nil)
        #expect(
            SlurmRequest(seconds: 60, memoryByteCount: .max - 1, bounds: .init(memoryByteCount: .max)).withMoreMemory?.memoryByteCount
                == .max)
    }

    @Test func withoutRoomToGrowMemoryEndsTheDropAndTimeDoesNot() throws {
        let job = SlurmSighting(name: "engram-a", index: nil, id: "12", stateName: "x", nodes: "", reason: "")
        let request = SlurmRequest(seconds: 600, memoryByteCount: 1 << 30)
        #expect(SlurmVerdict(cause: .outOfMemory, sighting: job, request: request).failure?.isRetryable == false)
        // It goes on from its checkpoint.
        #expect(SlurmVerdict(cause: .timeout, sighting: job, request: request).failure?.isRetryable == true)
    }

    @Test func aWorkersOwnWordCountsAndWantOfMemoryAsksForMore() throws {
        let request = SlurmRequest(seconds: 600, memoryByteCount: 1 << 30, bounds: .init(memoryByteCount: 4 << 30))
        func verdict(_ code: Int, isOutOfTime: Bool = false, left: Failure? = nil) -> SlurmVerdict {
            SlurmVerdict(end: .init(code: code, isOutOfTime: isOutOfTime, fileCount: 1), request: request, left: left, id: "12")
        }
        #expect(verdict(0) == verdict(0, isOutOfTime: true) && verdict(0).failure == nil && verdict(0).exit == .exited(code: 0))
        #expect(verdict(65).failure == nil && verdict(65).exit == .exited(code: 65))
        #expect(verdict(137).failure == nil && verdict(137).exit == .signalled(number: SIGKILL))
        #expect(verdict(71).larger?.memoryByteCount == 2 << 30)
        #expect(verdict(75, isOutOfTime: true).failure?.code == "wall-time")
        let refusal = Failure(stage: .train, code: "memory", message: "it needs more")
        #expect(verdict(65, left: refusal).larger?.memoryByteCount == 2 << 30)
        let other = Failure(stage: .decode, code: "truncated", message: "it is cut short")
        #expect(verdict(65, left: other).failure == nil)
    }

    @Test(arguments: [
        ("sbatch: error: Batch job submission failed: Invalid partition name specified", "Invalid partition name specified"),
        (
            "sbatch: error: Memory specification can not be satisfied; sbatch: error: Batch job submission failed: Requested node configuration is not available",
            "Requested node configuration is not available"
        ),
    ])
    func aRefusalIsToldFromSilence(complaint: String, reason: String) {
        #expect(SlurmCommands.isRefusal(complaint) && SlurmCommands.reason(in: complaint) == reason)
    }

    @Test(arguments: [
        "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)",
        "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation", "sbatch: error: something else", "",
        "sbatch: error: Batch job submission failed: Zero Bytes were transmitted or received",
    ])
    func whatMayHaveBeenAcceptedIsNoRefusal(complaint: String) { #expect(!SlurmCommands.isRefusal(complaint)) }

    @Test func reasonsAreExplained() {
        #expect(SlurmReason.text("Priority") == "Priority: other jobs come first")
        #expect(SlurmReason.text("ReqNodeNotAvail, UnavailableNodes:n1").hasSuffix("down, drained or reserved"))
        #expect(SlurmReason.text("AssocGrpCpuLimit").contains("limit of the account"))
        #expect(SlurmReason.text("SomethingNew") == "SomethingNew" && SlurmReason.text("") == "Slurm gives no reason")
        #expect(SlurmReason.isLasting("JobHeldUser") && !SlurmReason.isLasting("Resources"))
    }

    @Test func theOptionsSayWhatIsAskedFor() {
        var request = SlurmRequest(seconds: 601, memoryByteCount: 3 << 30, cpuCount: 4)
        #expect(request.arguments == ["--ntasks=1", "--cpus-per-task=4", "--time=11", "--mem=3072M", "--signal=B:USR1@120"])
        (request.partition, request.account, request.gres, request.extraArguments) = ("long", "lab", "gpu:1", ["--qos=night"])
        #expect(request.arguments.contains("--partition=long") && request.arguments.contains("--account=lab"))
        #expect(request.arguments.contains("--gres=gpu:1") && request.arguments.last == "--qos=night")
        #expect(SlurmRequest(request.json) == request)
        #expect(SlurmRequest(.null) == nil)
    }

    @Test func aQuotedWordIsOneWord() async throws {
        let scratch = Scratch()
        let word = "it's $HOME `x` \"q\" \\ \n é"
        let launch = WorkerProcess.Launch(
            executable: "/bin/sh", arguments: ["-c", "printf %s \(SlurmScript.quoted(word)) > out"], environment: [:],
            workingFolder: scratch.path,
            logPath: scratch.path + "/log")
        #expect(try await WorkerProcess(launch) { _ in }.waitUntilExit() == .exited(code: 0))
        #expect(try scratch.text("out") == word)
    }
}

/// When Slurm is asked.
struct SlurmPaceTests {
    @Test func quietMakesThePauseLongerAndNewsShortens() {
        var pace = SlurmPace(shortestSeconds: 4)
        #expect(pace.pause(jitter: 0.5) == 4)
        pace.noteAnswer(hasNews: false)
        #expect(pace.pause(jitter: 0.5) == 6)
        for _ in 0..<100 { pace.noteAnswer(hasNews: false) }
        #expect(pace.pause(jitter: 0.5) == 48)
        pace.noteAnswer(hasNews: true)
        #expect(pace.pause(jitter: 0.5) == 4)
    }

    @Test func silenceDoublesThePauseUpToABound() {
        var pace = SlurmPace(shortestSeconds: 5)
        let pauses = (0..<9).map { _ in
            pace.noteFailure()
            return pace.pause(jitter: 0.5)
        }
        #expect(pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300])
        pace.noteAnswer(hasNews: false)
        #expect(pace.pause(jitter: 0.5) < 10)
    }

    @Test func jitterIsAQuarterToEitherSide() {
        let pace = SlurmPace(shortestSeconds: 8)
        #expect(pace.pause(jitter: 0) == 6 && pace.pause(jitter: 1) == 10)
    }
}
