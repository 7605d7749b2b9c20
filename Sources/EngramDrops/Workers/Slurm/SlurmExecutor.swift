internal import EngramSystem
internal import Glibc

/// Workers as jobs of Slurm's, on nodes that see the state folder at its path.
package struct SlurmExecutor: WorkerExecutor {
    private let command: WorkerCommand
    private let folders: DropFolders
    private let files: FileSystem
    private let queue: SlurmQueue

    /// - Parameter queue: Talks to Slurm; one for each daemon, whatever its settings become.
    package init(command: WorkerCommand, folders: DropFolders, queue: SlurmQueue, files: FileSystem = FileSystem()) {
        self.command = command
        self.folders = folders
        self.queue = queue
        self.files = files
    }

    package func start(_ job: WorkerJob, onLine: @escaping @Sendable ([UInt8]) -> Void) throws(DropError) -> any WorkerHandle {
        guard case .slurm(let asked) = command.place(job.name) else {
            throw .workerNotStarted(executable: command.executable, code: ENOTSUP)
        }
        try files.willPerform(.startWorker, command.executable)
        let attempt = SlurmAttempt(id: job.id, token: job.token, folders: folders, files: files)
        let (request, hasGrown) = grown(asked, of: attempt)
        var granted = job
        granted.checkpointPath = attempt.checkpoint
        granted.grant = WorkerGrant(
            threadCount: request.cpuCount, memoryByteCount: request.memoryByteCount, wallSeconds: request.seconds)
        let script = SlurmScript(
            attempt: attempt, output: job.outputPath, program: request.program ?? command.executable, arguments: command.arguments(granted),
            environment: command.remoteEnvironment(request.cpuCount))
        try attempt.prepare(script: script.text, ticket: .init(request: request))
        let worker = SlurmWorker(attempt, onLine: onLine)
        queue.add(SlurmQueue.Entry(worker: worker, ticket: .init(request: request), hasGrown: hasGrown))
        return worker
    }

    package func attach(to attempt: WorkerAttempt, onLine: @escaping @Sendable ([UInt8]) -> Void) -> (any WorkerHandle)? {
        let files = SlurmAttempt(id: attempt.id, token: attempt.token, folders: folders, files: files)
        // One that was taken back is over; its job, if there is one, cannot begin.
        guard let ticket = files.ticket(), !files.isTakenBack || files.end() != nil else { return nil }
        let worker = SlurmWorker(files, onLine: onLine)
        var entry = SlurmQueue.Entry(worker: worker, ticket: ticket, hasGrown: (try? self.files.exists(files.work.nextRequest)) == true)
        // What it wrote so far was told to the daemon before.
        let facts = try? self.files.facts(of: files.output)
        entry.output = SlurmOutput(path: files.output, offset: facts.flatMap { $0 }?.byteCount ?? 0)
        // A name without a job may be one that was killed before it was submitted, or one whose submission was not heard of.
        entry.phase = ticket.name == nil ? .unsubmitted : .unclear(since: -.infinity)
        queue.add(entry, isLeft: true)
        return worker
    }

    package func endWorkers(ofDrop id: String) {
        // A job that has yet to start finds no folder. What runs is no job of this daemon's, and is cancelled when Slurm is asked next.
        let slurm = folders.work(for: id).slurm
        for token in (try? files.textNames(in: slurm)) ?? [] {
            _ = SlurmAttempt(id: id, token: token, folders: folders, files: files).takeBack()
        }
        if (try? files.exists(slurm)) == true { queue.clean() }
    }

    package func place(ofDropNamed name: String) -> WorkerPlace { command.place(name) }

    package var remoteLimit: Int { queue.settings.jobCount }

    /// What the drop's last attempt found that it needs, over what the settings say.
    private func grown(_ asked: SlurmRequest, of attempt: SlurmAttempt) -> (SlurmRequest, hasGrown: Bool) {
        let path = attempt.work.nextRequest
        guard let bytes = try? files.read(path, count: 64 << 10), let json = try? JSONValue.parse(bytes, path: path),
            let found = SlurmRequest(json)
        else { return (asked, false) }
        var request = asked
        // Never more than the settings allow now, which may be others than then.
        if let memory = found.memoryByteCount, let own = asked.memoryByteCount {
            request.memoryByteCount = max(own, min(memory, asked.bounds.memoryByteCount ?? own))
        }
        request.seconds = max(asked.seconds, min(found.seconds, asked.bounds.seconds ?? asked.seconds))
        return (request, request != asked)
    }
}

/// Workers on this machine or by Slurm, as the settings say for each drop.
package struct PlacedExecutor: WorkerExecutor {
    private let local: any WorkerExecutor
    private let slurm: any WorkerExecutor
    private let choose: @Sendable (String) -> WorkerPlace

    /// - Parameter choose: Says from a drop's name where its workers run.
    package init(local: any WorkerExecutor, slurm: any WorkerExecutor, choose: @escaping @Sendable (String) -> WorkerPlace) {
        self.local = local
        self.slurm = slurm
        self.choose = choose
    }

    package func start(_ job: WorkerJob, onLine: @escaping @Sendable ([UInt8]) -> Void) throws(DropError) -> any WorkerHandle {
        switch choose(job.name) {
        case .machine: try local.start(job, onLine: onLine)
        case .slurm: try slurm.start(job, onLine: onLine)
        }
    }

    /// Where the attempt was begun is where it goes on, whatever the settings say by now.
    package func attach(to attempt: WorkerAttempt, onLine: @escaping @Sendable ([UInt8]) -> Void) -> (any WorkerHandle)? {
        slurm.attach(to: attempt, onLine: onLine) ?? local.attach(to: attempt, onLine: onLine)
    }

    package func endWorkers(ofDrop id: String) {
        local.endWorkers(ofDrop: id)
        slurm.endWorkers(ofDrop: id)
    }

    package func place(ofDropNamed name: String) -> WorkerPlace { choose(name) }

    package var remoteLimit: Int { slurm.remoteLimit }
}
