import EngramDynamics
import EngramNetworks
import EngramNumerics
import Foundation

/// Computes spectra in turns: reads a range of examples, and tells how long their eigenvalues took.
struct SpectraService {
    private let network: FullyConnectedNetwork<Double>
    private let points: Matrix<Double>

    /// Trains for a few epochs first: the Jacobians should be those of a network at work, not of random weights.
    init(_ options: inout Options) throws {
        var problem = try Problem(&options)
        let epochCount = try options.integer("epochs", 40)
        let folder = try options.text("export", "")
        try options.requireAllUsed()
        var trainer = problem.trainer
        for _ in 0..<epochCount { _ = try trainer.runEpoch(learningRate: 1e-3) }
        problem.network = trainer.network
        if !folder.isEmpty { try problem.export(to: folder) }
        network = trainer.network.converted(to: Double.self)
        points = problem.samples.converted(to: Double.self)
    }

    /// Answers `run FIRST COUNT` until standard input ends: seconds, and the spectral radius at each of these examples.
    func serve() throws {
        try Reply.send(["kernels": .text(BLASLibrary.coreName), "count": .count(points.rowCount), "side": .count(points.columnCount)])
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "run", let first = Int(words[1]), let count = Int(words[2]), first >= 0, count >= 1,
                first + count <= points.rowCount
            else { throw BenchmarkError("Expected 'run FIRST COUNT' within \(points.rowCount) examples, found '\(line)'.") }
            var radii: [Double] = []
            let chosen = points.rows(at: first..<first + count)
            let took = try seconds { radii = try network.spectra(at: chosen).map(\.spectralRadius) }
            try Reply.send(["seconds": .number(took), "radii": .numbers(radii)])
        }
    }
}
