import EngramDynamics
import EngramMedia
import EngramNetworks
import EngramNumerics
import Foundation

/// A training problem of the `fast` recipe: a drop in span coordinates, and a network with its first weights.
///
/// The size and the recipe come as options, so that `Benchmarks/run` has them in one place for this program and its peers.
struct Problem {
    let samples: Matrix<Float>
    let targets: Matrix<Float>
    var network: FullyConnectedNetwork<Float>
    let maximumNoise: Double
    let seed: UInt64

    init(_ options: inout Options) throws {
        let drop = try Self.read(&options)
        let depth = try options.integer("depth", 3)
        let width = try options.integer("width", 1024)
        let activationName = try options.text("activation", "selu")
        guard let activation = Activation(rawValue: activationName) else {
            throw BenchmarkError("There is no activation '\(activationName)'.")
        }
        maximumNoise = try options.number("noise", 1)
        seed = UInt64(try options.integer("seed", 1))
        let precise = drop.samples.converted(to: Double.self)
        let coordinates = try SpanCoordinates(samples: precise, conditioning: try options.number("conditioning", 1))
        samples = coordinates.coordinates(of: precise).converted(to: Float.self)
        targets = samples.rows(at: drop.successors)
        var network = FullyConnectedNetwork<Float>(
            widths: [coordinates.rank] + Array(repeating: width, count: depth) + [coordinates.rank], activation: activation)
        var generator = SplitMix64(seed: seed)
        Initializer.standard.initialize(&network, using: &generator)
        self.network = network
    }

    /// The trainer that `FastTraining` has within.
    var trainer: EpochTrainer<FullyConnectedNetwork<Float>> {
        EpochTrainer(
            network: network, samples: samples, targets: targets, maximumNoise: maximumNoise, optimizer: .adam(), seed: seed)
    }

    /// Rows of one epoch's batch: the examples, or with noise a copy of each.
    var batchCount: Int { samples.rowCount }

    /// Floating-point operations of the matrix products of one epoch: forwards, weight gradients, and gradients of all inputs but the
    /// network's own.
    var operationCount: Double {
        let weights = network.layers.map { Double($0.inputCount * $0.outputCount) }
        let products = 3 * weights.reduce(0, +) - (weights.first ?? 0)
        return 2 * Double(batchCount) * products
    }

    private static func read(_ options: inout Options) throws -> (samples: Matrix<Float>, successors: [Int]) {
        var reading = MediaReadOptions()
        let kind = try options.text("kind", "auto")
        guard let chosen = MediaKind(rawValue: kind) else { throw BenchmarkError("There is no kind '\(kind)' of drop.") }
        reading.kind = chosen
        let set = try MediaReader.read(path: try options.text("drop"), options: reading)
        let count = min(try options.integer("items", set.count), set.count)
        let samples = Matrix(
            rowCount: count, columnCount: set.dimension, elements: Array(set.values.prefix(count * set.dimension)))
        // One cycle through what is read: a film cut short closes where it is cut.
        let successors = set.sequences == nil ? Array(0..<count) : (0..<count).map { ($0 + 1) % count }
        return (samples, successors)
    }
}

extension Problem {
    /// Writes samples, targets and first weights for a peer, float32 in the machine's byte order, one file each.
    func export(to folder: String) throws {
        let url = URL(fileURLWithPath: folder, isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try Self.write(samples.elements, to: url.appendingPathComponent("samples.f32"))
        try Self.write(targets.elements, to: url.appendingPathComponent("targets.f32"))
        for (index, layer) in network.layers.enumerated() {
            try Self.write(layer.weights.elements, to: url.appendingPathComponent("weight-\(index).f32"))
            try Self.write(layer.biases, to: url.appendingPathComponent("bias-\(index).f32"))
        }
        let shape: [String: Reply.Value] = [
            "count": .count(samples.rowCount), "rank": .count(samples.columnCount), "width": .count(network.width),
            "depth": .count(network.depth), "activation": .text(network.activation.rawValue), "noise": .number(maximumNoise),
        ]
        try JSONEncoder().encode(shape).write(to: url.appendingPathComponent("problem.json"))
    }

    /// Writes the values of a drop as they are, for recipes that work on them directly, and tells their shape.
    static func exportSamples(_ options: inout Options) throws {
        let samples = try read(&options).samples
        let file = try options.text("file")
        try options.requireAllUsed()
        try write(samples.elements, to: URL(fileURLWithPath: file))
        try Reply.send(["count": .count(samples.rowCount), "dimension": .count(samples.columnCount)])
    }

    private static func write(_ values: [Float], to url: URL) throws {
        try values.withUnsafeBytes { Data($0) }.write(to: url)
    }
}
