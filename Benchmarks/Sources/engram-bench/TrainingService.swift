import EngramNetworks
import EngramNumerics

/// Trains in turns: reads a number of epochs, runs them, and tells how long they took.
struct TrainingService {
    private let problem: Problem
    private let plannedEpochCount: Int
    private let learningRate: Double

    init(_ options: inout Options) throws {
        problem = try Problem(&options)
        plannedEpochCount = try options.integer("epochs")
        learningRate = try options.number("rate", 1e-3)
        let folder = try options.text("export", "")
        try options.requireAllUsed()
        if !folder.isEmpty { try problem.export(to: folder) }
    }

    /// Answers `run N` until standard input ends: seconds of those epochs, loss of the last, and the error on clean examples.
    func serve() throws {
        try Reply.send([
            "kernels": .text(BLASLibrary.coreName), "threads": .count(BLASLibrary.threadCount),
            "operations": .number(problem.operationCount),
        ])
        var trainer = problem.trainer
        let schedule = LearningRateSchedule.cosine(peak: learningRate)
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0] == "run", let count = Int(words[1]), count >= 1 else {
                throw BenchmarkError("Expected 'run N', found '\(line)'.")
            }
            var loss = 0.0
            let took = try seconds {
                for _ in 0..<count {
                    let rate = schedule.rate(atStep: min(trainer.epochCount, plannedEpochCount - 1), of: plannedEpochCount)
                    loss = try trainer.runEpoch(learningRate: rate)
                }
            }
            let clean = trainer.network.outputs(of: problem.samples).meanSquaredDifference(to: problem.targets)
            try Reply.send([
                "epoch": .count(trainer.epochCount), "seconds": .number(took), "loss": .number(loss), "clean": .number(clean),
            ])
        }
    }
}
