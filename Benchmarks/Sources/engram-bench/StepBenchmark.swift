import EngramNetworks
import EngramNumerics

/// How much of the machine a training step uses: its arithmetic rate beside that of plain products, measured in turns.
///
/// Turns of a few tenths of a second, and a ratio for each: what else runs on the machine then slows both sides of a ratio alike.
struct StepBenchmark {
    private let problem: Problem
    private let roundCount: Int
    private let turnSeconds: Double

    init(_ options: inout Options) throws {
        problem = try Problem(&options)
        roundCount = try options.integer("rounds", 15)
        turnSeconds = try options.number("turn", 0.25)
        try options.requireAllUsed()
    }

    func run() throws {
        var square = SquareProduct(side: 1024)
        var products = StepProducts(problem)
        var passes = StepPasses(problem)
        var trainer = problem.trainer
        _ = try trainer.runEpoch(learningRate: 1e-3)

        var squareSeconds: [Double] = []
        var stepSeconds: [Double] = []
        var productSeconds: [Double] = []
        var passSeconds: [String: [Double]] = [:]
        for _ in 0..<roundCount {
            squareSeconds.append(perCall { square.run() })
            stepSeconds.append(try perCall { _ = try trainer.runEpoch(learningRate: 1e-3) })
            productSeconds.append(perCall { products.run() })
            for pass in StepPasses.Kind.allCases {
                passSeconds[pass.rawValue, default: []].append(perCall(share: 0.2) { passes.run(pass) })
            }
        }
        let squareRate = square.operationCount / median(squareSeconds)
        let fractions = zip(stepSeconds, squareSeconds).map { problem.operationCount / $0 / (square.operationCount / $1) }
        let ofProducts = zip(stepSeconds, productSeconds).map { $1 / $0 }
        var parts = passSeconds.mapValues { median($0) }
        parts["products"] = median(productSeconds)
        try Reply.send([
            "kernels": .text(BLASLibrary.coreName), "threads": .count(BLASLibrary.threadCount), "batch": .count(problem.batchCount),
            "rank": .count(problem.samples.columnCount), "parameters": .count(problem.network.parameterCount),
            "operations": .number(problem.operationCount), "sgemm_rate": .number(squareRate),
            "step_seconds": .number(median(stepSeconds)), "fraction_of_sgemm": .number(median(fractions)),
            "fraction_of_products": .number(median(ofProducts)), "parts": .parts(parts),
        ])
    }

    /// Seconds of one call, by as many as fit the turn; the fastest of the calls, since noise only ever adds.
    private func perCall(share: Double = 1, _ body: () throws -> Void) rethrows -> Double {
        var best = Double.infinity
        var total = 0.0
        repeat {
            let took = try seconds(body)
            best = min(best, took)
            total += took
        } while total < turnSeconds * share
        return best
    }
}

/// A square product in float32, the usual measure of a machine's matrix rate.
private struct SquareProduct {
    private var result: Matrix<Float>
    private let left: Matrix<Float>
    private let right: Matrix<Float>
    let operationCount: Double

    init(side: Int) {
        var generator = CounterBasedGenerator(seed: 1)
        left = Matrix(rowCount: side, columnCount: side, elements: generator.normals(count: side * side))
        right = Matrix(rowCount: side, columnCount: side, elements: generator.normals(count: side * side))
        result = Matrix(rowCount: side, columnCount: side)
        operationCount = 2 * Double(side) * Double(side) * Double(side)
    }

    mutating func run() { result.setToProduct(left, right) }
}
