import EngramDynamics
import EngramMedia
import EngramMemories
import EngramNumerics
import Foundation

/// Learns and verifies one large kernel machine: photographs, each mirrored and moved round its edges until there are as many as asked for.
struct KernelMachineBenchmark {
    private let set: TrainingSet
    private let threadCount: Int

    init(_ options: inout Options) throws {
        let count = try options.integer("items", 5000)
        threadCount = BLASLibrary.threadCount
        let drop = try options.text("drop")
        try options.requireAllUsed()
        var reading = MediaReadOptions()
        reading.kind = .autoencoder
        let photographs = try MediaReader.read(path: drop, options: reading)
        set = TrainingSet(examples: try Self.varied(photographs, count: count), valueRange: 0...1)
    }

    /// Answers once: how long it took, on the clock and of the processors, and what was found.
    func run() throws {
        var settings = MemorySettings()
        settings.network.family = .value(.kernel)
        let context = LearningContext(threadCount: threadCount, monotonicSeconds: { ProcessInfo.processInfo.systemUptime })
        let (clock, processor) = (ContinuousClock.now, processorSeconds())
        let learned = try Learner(settings: settings, context: context).learn(set)
        let verification = learned.verification
        try Reply.send([
            "seconds": .number((ContinuousClock.now - clock) / .seconds(1)),
            "processor_seconds": .number(processorSeconds() - processor),
            "learning_seconds": .number(learned.trainSeconds), "analysis_seconds": .number(learned.analyseSeconds),
            "items": .count(set.trainingExamples.count), "dimension": .count(set.examples.columnCount),
            "attractors": .count(verification.verdicts.count { $0 }), "verdicts": .count(verification.verdicts.count),
            "recalled": .count(verification.recalls.reduce(0) { $0 + $1.isRecovered.count { $0 } }),
            "starts": .count(verification.recalls.reduce(0) { $0 + $1.isRecovered.count }),
            "log10_radius": .number(verification.spectra.map(\.log10SpectralRadius).max() ?? 0),
            "mean_squared_error": .number(learned.memory.meanSquaredError),
        ])
    }

    /// Picture k of photograph k mod n: every second round mirrored, and rolled by 7 rows and 5 columns more each round.
    private static func varied(_ photographs: SampleSet, count: Int) throws -> Matrix<Float> {
        guard let format = photographs.format.image else {
            throw BenchmarkError("A large kernel machine is made of pictures; these are none.")
        }
        let (width, height) = (format.width, format.height)
        let channels = photographs.dimension / (width * height)
        var values: [Float] = []
        values.reserveCapacity(count * photographs.dimension)
        for index in 0..<count {
            let (round, picture) = (index / photographs.count, index % photographs.count * photographs.dimension)
            for y in 0..<height {
                for x in 0..<width {
                    let column = round.isMultiple(of: 2) ? x : width - 1 - x
                    let place = (y + 7 * round) % height * width + (column + 5 * round) % width
                    for channel in 0..<channels { values.append(photographs.values[picture + place * channels + channel]) }
                }
            }
        }
        return Matrix(rowCount: count, columnCount: photographs.dimension, elements: values)
    }
}

/// Seconds that all threads of this process have used of the processors.
private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
