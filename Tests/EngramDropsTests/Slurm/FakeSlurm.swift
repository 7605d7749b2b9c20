@testable import EngramDrops
import EngramSystem
import Glibc

/// A stand-in for Slurm's programs whose jobs are processes of this machine. What it does is said by files that a test makes.
final class FakeSlurm: Sendable {
    /// - `down`: nothing answers.
    /// - `refusal`: `sbatch` refuses with this text.
    /// - `mute`: `sbatch` takes the job and says that it timed out.
    /// - `hang`: `sbatch` takes the job and does not end.
    /// - `hold`: jobs stay in the queue.
    private static let program = #"""
        #!/bin/sh
        here=$(dirname "$(dirname "$0")") name=${0##*/}
        cd "$here" || exit 1
        echo "$*" >> "$name.calls"
        stand() { printf '%s|%s|%s|%s|%s\n' "$2" "$1" "$3" "$4" "$5" > "jobs/$1.new" && mv "jobs/$1.new" "jobs/$1"; }
        if [ "$name" != work ] && [ -e down ]; then
            echo "$name: error: Batch job submission failed: Unable to contact slurm controller (connect failure)" >&2
            exit 1
        fi
        case $name in
        sbatch)
            last=
            for word; do
                case $word in --job-name=*) job=${word#*=} ;; --array=0-*) last=${word#--array=0-} ;; esac
                script=$word
            done
            if [ -e refusal ]; then echo "sbatch: error: Batch job submission failed: $(cat refusal)" >&2; exit 1; fi
            while ! mkdir lock 2> /dev/null; do sleep 0.01; done
            id=$(($(cat last 2> /dev/null || echo 0) + 1))
            echo $id > last
            rmdir lock
            cp "$script" "script-$id"
            keys=$id
            if [ -n "$last" ]; then keys= n=0; while [ $n -le "$last" ]; do keys="$keys ${id}_$n"; n=$((n + 1)); done; fi
            for key in $keys; do
                stand "$key" "$job" PENDING "" Priority
                [ -e hold ] && continue
                setsid "$here/bin/work" "$key" > /dev/null 2>&1 < /dev/null &
                # Whoever called this ends what is left of it, and a job is to have left by then.
                while [ ! -e "begun-$key" ]; do sleep 0.01; done
            done
            if [ -e hang ]; then exec sleep 1000; fi
            if [ -e mute ]; then echo "sbatch: error: Batch job submission failed: Socket timed out on send/recv operation" >&2; exit 1; fi
            echo $id
            ;;
        work)
            : > "begun-$1"
            key=$1 id=${1%_*} job=$(cut -d'|' -f1 "jobs/$1")
            SLURM_JOB_ID=$id
            export SLURM_JOB_ID
            if [ "$id" != "$key" ]; then SLURM_ARRAY_JOB_ID=$id SLURM_ARRAY_TASK_ID=${key#*_}; export SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID; fi
            stand "$key" "$job" RUNNING n1 None
            /bin/sh "script-$id" &
            echo "$$ $!" > "pid-$key"
            wait $!; code=$?
            echo $code > "code-$key"
            if [ $code = 0 ]; then state=COMPLETED; else state=FAILED; fi
            stand "$key" "$job" $state n1 None
            ;;
        squeue) cat jobs/* 2> /dev/null; exit 0 ;;
        scontrol) for key; do :; done; echo "JobId=$key JobState=FAILED ExitCode=$(cat "code-$key"):0" ;;
        sacct) echo "Slurm accounting storage is disabled" >&2; exit 1 ;;
        scancel)
            signal=
            for word; do
                case $word in
                --signal=*) signal=${word#*=} ;;
                -*) ;;
                *)
                    [ -e "jobs/$word" ] || continue
                    job=$(cut -d'|' -f1 "jobs/$word")
                    if [ -n "$signal" ]; then
                        read -r group shell < "pid-$word" && kill -s "$signal" "$shell"
                    else
                        if [ -e "pid-$word" ]; then read -r group shell < "pid-$word" && kill -s KILL -- "-$group" 2> /dev/null; fi
                        stand "$word" "$job" CANCELLED n1 None
                    fi
                    ;;
                esac
            done
            ;;
        esac
        """#

    let scratch: Scratch
    private let root: String

    init(in scratch: Scratch) throws {
        self.scratch = scratch
        root = scratch.path + "/slurm"
        for folder in ["", "/bin", "/jobs"] { mkdir(root + folder, 0o755) }
        try scratch.write(Self.program, "slurm/bin/sbatch")
        chmod(root + "/bin/sbatch", 0o755)
        for name in ["squeue", "scancel", "scontrol", "sacct", "work"] { link(root + "/bin/sbatch", root + "/bin/" + name) }
    }

    var environment: [String: String] { ["PATH": "\(root)/bin:/usr/bin:/bin"] }

    /// Makes one of the files that say what it does.
    func set(_ name: String, _ text: String = "") throws { try scratch.write(text, "slurm/" + name) }
    func unset(_ name: String) { unlink(root + "/" + name) }

    /// The words that a program was called with, a line each call.
    func calls(_ name: String) -> [String] {
        ((try? scratch.text("slurm/\(name).calls")) ?? "").split(separator: "\n").map(String.init)
    }

    /// The lines of `squeue`.
    var jobs: [SlurmSighting] {
        let names = (try? FileSystem().names(in: root + "/jobs")) ?? []
        return SlurmListing.jobs(
            in: names.compactMap { try? scratch.text("slurm/jobs/" + $0) }.map { String($0.dropLast()) }, prefix: "engram-")
    }

    /// Starts what is held.
    func release() throws {
        unset("hold")
        for job in jobs where job.state == .waits {
            _ = try WorkerProcess(
                .init(
                    executable: "/bin/sh",
                    arguments: [
                        "-c", #"setsid "$0" "$1" > /dev/null 2>&1 & while [ ! -e "begun-$1" ]; do sleep 0.01; done"#, root + "/bin/work",
                        job.id,
                    ],
                    environment: environment, workingFolder: root, logPath: root + "/release.log")
            ) { _ in }
        }
    }

    /// Ends a job from outside, as a time limit or a lost node does.
    func end(_ id: String, as state: String) throws {
        if let text = try? scratch.text("slurm/pid-" + id), let group = text.split(separator: " ").first.flatMap({ Int32($0) }) {
            kill(-group, SIGKILL)
        }
        guard let job = jobs.first(where: { $0.id == id }) else { return }
        try scratch.write("\(job.name)|\(id)|\(state)|n1|None\n", "slurm/jobs/" + id)
    }

    /// Lets Slurm forget a job.
    func forget(_ id: String) { unlink(root + "/jobs/" + id) }

    /// A queue with short pauses.
    func queue(_ configure: (inout SlurmSettings) -> Void = { _ in }) throws -> SlurmQueue {
        var settings = SlurmSettings()
        (settings.pollSeconds, settings.lookSeconds, settings.visibilitySeconds, settings.commandSeconds) = (0.04, 0.02, 0.3, 20)
        configure(&settings)
        return try SlurmQueue(folders: try scratch.folders(), environment: environment, settings: settings, logger: quiet)
    }

    /// A daemon whose drops all go to Slurm.
    func scheduler(
        _ worker: WorkerCommand = clusterWorker, queue: SlurmQueue, request: SlurmRequest = SlurmRequest(seconds: 600),
        clock: HandClock = HandClock(),
        observer: @escaping @Sendable (DropEvent) -> Void = { _ in }, configure: (inout DropSchedulerSettings) -> Void = { _ in }
    ) throws -> DropScheduler {
        var environment = DropScheduler.Environment(clock: clock, logger: quiet, observer: observer)
        environment.makeExecutor = { command, folders, files in
            PlacedExecutor(
                local: LocalExecutor(command: command, folders: folders, files: files),
                slurm: SlurmExecutor(command: command, folders: folders, queue: queue, files: files), choose: command.place)
        }
        var command = worker
        command.place = { _ in .slurm(request) }
        var settings = DropSchedulerSettings(
            settle: SettleRule(giveUpSeconds: .infinity, isSinglePass: true), versions: ["engram": "test"])
        configure(&settings)
        return try DropScheduler(
            folders: try scratch.folders(), command: command, settings: settings, environment: environment,
            settingsFingerprint: { _, _, _ in "defaults" })
    }

    /// Waits until something is so; time passes for real, as jobs are processes.
    func wait(_ what: String, _ condition: () throws -> Bool) async throws {
        for _ in 0..<1000 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw FakeSlurmError(what: what)
    }
}

/// Something that did not happen.
struct FakeSlurmError: Error, CustomStringConvertible {
    let what: String
    var description: String { "\(what) did not happen" }
}

/// Copies the source, and counts how often it was run.
let clusterWorker = shellWorker(#"echo $$ >> "$checkpoint/../../../ran"; echo '{"epoch":1}'; cp -r -- "$input" "$output/copy""#)
