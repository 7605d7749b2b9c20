import EngramNumerics
import Foundation

/// What `Benchmarks/run` starts and talks to: measures this project's own code, and hands the same problems to its peers.
///
/// `engram-bench SERVICE key=value…` answers in JSON, one object a line. `kernels`, `samples`, `step`, `machine` and `completion` end after their answer; `train`,
/// `spectra` and `entries` go on to read commands, one a line, so that two programs can be measured in turns.
@main
struct EngramBench {
    static func main() {
        KernelRestart.restartIfBetter()
        do {
            var options = try Options(Array(CommandLine.arguments.dropFirst()))
            BLASLibrary.setThreadCount(try options.integer("threads", 2))
            switch options.service {
            case "kernels": try Reply.send(["kernels": .text(BLASLibrary.coreName), "library": .text(BLASLibrary.configuration)])
            case "samples": try Problem.exportSamples(&options)
            case "step": try StepBenchmark(&options).run()
            case "train": try TrainingService(&options).serve()
            case "spectra": try SpectraService(&options).serve()
            case "entries": try EntriesService(&options).serve()
            case "machine": try KernelMachineBenchmark(&options).run()
            case "completion": try CompletionBenchmark(&options).run()
            default:
                throw BenchmarkError(
                    "There is no service '\(options.service)'; there are kernels, samples, step, machine, completion, train, spectra and entries."
                )
            }
        } catch {
            FileHandle.standardError.write(Data("engram-bench: \(error)\n".utf8))
            exit(1)
        }
    }
}

/// A mistake of whoever called, in words.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
