import EngramKernels
import EngramNumerics
import Foundation

/// Computes the kernel matrix of an infinitely wide network in turns, on points that a peer reads.
struct EntriesService {
    private let points: Matrix<Double>
    private let folder: URL

    /// Draws the points, normal with unit variance, and exports them as float64.
    init(_ options: inout Options) throws {
        let (count, dimension) = (try options.integer("count"), try options.integer("dimension"))
        folder = URL(fileURLWithPath: try options.text("folder"), isDirectory: true)
        var generator = CounterBasedGenerator(seed: UInt64(try options.integer("seed", 1)))
        try options.requireAllUsed()
        points = Matrix(rowCount: count, columnCount: dimension, elements: generator.normals(count: count * dimension))
        try write(points.elements, to: "points.f64")
    }

    /// Answers `run ACTIVATION DEPTH` until standard input ends: seconds. The entries go to `entries.f64`, after the clock has stopped.
    func serve() throws {
        try Reply.send(["kernels": .text(BLASLibrary.coreName)])
        while let line = readLine() {
            let words = line.split(separator: " ")
            guard words.count == 3, words[0] == "run", let depth = Int(words[2]), depth >= 1 else {
                throw BenchmarkError("Expected 'run ACTIVATION DEPTH', found '\(line)'.")
            }
            let kernel = try Self.kernel(String(words[1]), depth: depth, dimension: points.columnCount)
            var entries = Matrix<Double>(rowCount: 0, columnCount: 0)
            let took = seconds { entries = kernel.values(at: points, centers: points) }
            try write(entries.elements, to: "entries.f64")
            try Reply.send(["seconds": .number(took)])
        }
    }

    /// The tangent kernel with W² = 2 and b² = 0.01 for relu, 1 and 0.01 for erf.
    private static func kernel(_ activation: String, depth: Int, dimension: Int) throws -> FullyConnectedKernel {
        switch activation {
        case "relu":
            FullyConnectedKernel(
                kind: .ntk, activation: RectifierDual.relu, depth: depth,
                prior: NetworkPrior(inputScale: 2 / Double(dimension), weightVariance: 2, biasVariance: 0.01))
        case "erf":
            FullyConnectedKernel(
                kind: .ntk, activation: ErrorFunctionDual.erf, depth: depth,
                prior: NetworkPrior(inputScale: 1 / Double(dimension), weightVariance: 1, biasVariance: 0.01))
        default: throw BenchmarkError("There is no kernel of '\(activation)' here; there are relu and erf.")
        }
    }

    private func write(_ values: [Double], to name: String) throws {
        try values.withUnsafeBytes { Data($0) }.write(to: folder.appendingPathComponent(name))
    }
}
