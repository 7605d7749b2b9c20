import ArgumentParser
import EngramDrops
import EngramPipeline
import EngramService
import EngramSystem
import Glibc
import Synchronization

/// A job in the foreground: its result appears whole or not at all, Ctrl-C ends it at the next step, and twice at once.
final class ForegroundRun: Sendable {
    /// Where the result appears.
    let output: String
    /// The drop's name.
    let name: String
    /// The terminal.
    let display: LiveDisplay
    /// How long each step took, once it is done.
    let times = Mutex(StageTimes())

    init(output: String, name: String, display: LiveDisplay) {
        (self.output, self.name, self.display) = (output, name, display)
    }

    /// Does `work` in a folder beside `output`, seals what it wrote, and moves it there.
    /// - Parameter work: Writes into the folder that it is given, and says what the result was made from.
    /// - Returns: What `work` returned besides.
    func run<Value: Sendable>(
        _ work: (
            _ folder: String, _ interruption: Interruption, _ onProgress: @escaping @Sendable (PipelineProgress) -> Void
        ) async throws -> (origin: ResultManifest.Origin, value: Value)
    ) async throws -> Value {
        let result = ResultFolder()
        try result.checkFree(output)
        let staging = try StagingFolder(for: output)
        let interruption = Interruption()
        let (name, display) = (name, display)
        let listening = await interruption.listen(discarding: staging, display)
        defer { listening.cancel() }
        do {
            let made = try await display.ticking {
                try await work(staging.path, interruption) { progress in
                    display.update(id: name, name: name, message: ProgressMessage(progress))
                }
            }
            try result.publish(staging.path, to: output, origin: made.origin)
            times.withLock { $0 = display.times(of: name) }
            display.remove(id: name)
            return made.value
        } catch {
            display.remove(id: name)
            staging.remove()
            if error is CancellationError, let signal = interruption.signal { Interruption.endProcess(by: signal) }
            throw error
        }
    }

    /// Prints the report of a result on standard output.
    static func printReport(of output: String) throws {
        // 256 MiB: the report of a hundred thousand examples has a line for each.
        StandardStreams.printBytes(try FileSystem().read(output + "/report.json", count: 256 << 20))
    }

    /// Runs a command's work; with `json`, an error is printed on standard output as `error.json` has it.
    /// - Parameter name: The drop's name in that.
    static func reporting(json: Bool, named name: String, _ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let code as ExitCode {
            throw code
        } catch {
            let failure = CommandFailure(any: error)
            guard json else { throw failure }
            let moment = SystemDropClock().secondsSinceEpoch()
            StandardStreams.printBytes(ErrorFile.json(failure.failure, of: name, at: moment).encoded())
            throw failure.status.exitCode
        }
    }
}

extension Interruption {
    /// Listens while a command makes a result: the first signal asks for the end, the second removes what was begun and ends at once.
    func listen(discarding staging: StagingFolder, _ display: LiveDisplay) async -> Task<Void, Never> {
        await listen { [self] count in
            guard count > 1, let signal else {
                display.show("ending at the next step; once more to end at once")
                return
            }
            staging.remove()
            Self.endProcess(by: signal)
        }
    }
}
