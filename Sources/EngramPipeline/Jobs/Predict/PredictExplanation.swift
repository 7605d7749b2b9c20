internal import EngramKernels
internal import EngramMedia
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// What a metric says of the columns, and a network's weights of its gradients, for the report.
struct PredictExplanation {
    private let encoding: ExampleEncoding
    private let metric: Matrix<Double>?
    private let rounds: Int
    private let found: NeuralFeatureAnsatz?

    /// Entries of the metric that the page draws.
    private static let drawnCount = 32
    /// Columns that the report lists.
    private static let rankedCount = 100
    /// Eigenvectors that are shown, and columns of each.
    private static let directionCount = 5
    private static let loadingCount = 8
    /// Columns of a metric that is drawn whole.
    private static let pictureWidth = 2048

    init(_ learned: LearnedPrediction) {
        encoding = learned.encoding
        metric = learned.explanation?.kernel.metric?.matrix
        rounds = learned.explanationRounds
        found = learned.ansatz
    }

    /// How the weights of a network compare with its gradients; nil for other models.
    var ansatz: PredictReport.Ansatz? {
        found.map { found in
            .init(
                layers: found.layers.enumerated().map { index, layer in
                    .init(
                        layer: index + 1, inputs: layer.inputCount, units: layer.outputCount, correlation: layer.correlation,
                        initial: layer.initialCorrelation)
                })
        }
    }

    /// Every column with its share of the trace.
    var weights: [PredictReport.Features.Column]? {
        guard let metric else { return nil }
        let trace = (0..<metric.rowCount).reduce(0) { $0 + metric[$1, $1] }
        return encoding.names.enumerated().map { .init(name: $1, weight: trace > 0 ? metric[$0, $0] / trace : 0) }
    }

    /// The section of the report.
    func features() throws -> PredictReport.Features? {
        guard let metric, let weights else { return nil }
        let order = weights.indices.sorted { (weights[$0].weight, $1) > (weights[$1].weight, $0) }
        let drawn = Array(order.prefix(Self.drawnCount))
        let top = drawn.first.map { metric[$0, $0] } ?? 1
        let part = metric.submatrix(rows: drawn, columns: drawn)
        let (ascending, vectors) = try metric.symmetricEigendecomposition()
        let values = Array(ascending.reversed())
        let trace = values.reduce(0, +)
        var features = PredictReport.Features(
            rounds: rounds, ranking: order.prefix(Self.rankedCount).map { weights[$0] },
            spectrum: values.prefix(10).map { max(0, $0 / trace) }, names: drawn.map { weights[$0].name },
            matrix: (0..<drawn.count).map { part.row($0).map { $0 / top } })
        features.directions = (0..<min(Self.directionCount, values.count)).map { index in
            let vector = Self.signed(vectors.column(values.count - 1 - index))
            let largest = vector.indices.sorted { (abs(vector[$0]), $1) > (abs(vector[$1]), $0) }.prefix(Self.loadingCount)
            return .init(
                share: max(0, values[index] / trace),
                columns: largest.map { .init(name: weights[$0].name, weight: vector[$0]) })
        }
        return features
    }

    /// The diagonal of M as a picture of the size of the examples.
    func diagonal() throws -> [UInt8]? {
        guard let metric, let shape = pictureShape else { return nil }
        let values = (0..<metric.rowCount).map { max(0, metric[$0, $0]) }
        let top = values.max() ?? 0
        guard top > 0 else { return nil }
        return try picture(values.map { UInt8(saturating: (255 * ($0 / top).squareRoot()).rounded()) }, shape, count: 1)
    }

    /// The first eigenvectors of M as pictures side by side, for pictures; gray is 0.
    func directions() throws -> [UInt8]? {
        guard let metric, let shape = pictureShape else { return nil }
        let vectors = try metric.symmetricEigendecomposition().eigenvectors
        let count = min(Self.directionCount, metric.rowCount)
        let shown = (0..<count).map { index -> [UInt8] in
            let vector = Self.signed(vectors.column(metric.rowCount - 1 - index))
            let top = vector.map(abs).max() ?? 1
            return vector.map { UInt8(saturating: (127.5 + 127.5 * $0 / max(top, .leastNormalMagnitude)).rounded()) }
        }
        // Rows of all pictures, one after the other.
        let width = shape.width * shape.channels
        let codes = (0..<shape.height).flatMap { row in shown.flatMap { $0[row * width..<(row + 1) * width] } }
        return try picture(codes, shape, count: count)
    }

    /// M itself as a picture, one square an entry: light for what counts together, dark for what counts against each other.
    func picture() throws -> [UInt8]? {
        guard let metric, (2...Self.pictureWidth).contains(metric.rowCount) else { return nil }
        let n = metric.rowCount
        let top = metric.elements.reduce(0) { max($0, abs($1)) }
        guard top > 0 else { return nil }
        let side = max(1, 512 / n)
        var codes: [UInt8] = []
        codes.reserveCapacity(n * n * side * side)
        for row in 0..<n {
            let line = metric.row(row).flatMap { value -> [UInt8] in
                let root = (abs(value) / top).squareRoot()
                return Array(repeating: UInt8(saturating: (127.5 + 127.5 * (value < 0 ? -root : root)).rounded()), count: side)
            }
            for _ in 0..<side { codes += line }
        }
        return try ImagePreview(format: ImageFormat(width: n * side, height: n * side, colorKind: .gray, bitDepth: 8), codes: codes).png()
    }

    /// The shape of pictures that can be drawn.
    private var pictureShape: PictureShape? {
        guard let metric, let shape = encoding.shape, shape.channels == 1 || shape.channels == 3,
            shape.height * shape.width * shape.channels == metric.rowCount
        else { return nil }
        return shape
    }

    private func picture(_ codes: [UInt8], _ shape: PictureShape, count: Int) throws -> [UInt8] {
        let format = ImageFormat(
            width: shape.width * count, height: shape.height, colorKind: shape.channels == 3 ? .rgb : .gray, bitDepth: 8)
        return try ImagePreview(format: format, codes: codes).png()
    }

    /// An eigenvector with the sign under which its largest entry is positive: either is one.
    private static func signed(_ vector: [Double]) -> [Double] {
        let largest = vector.max { abs($0) < abs($1) } ?? 0
        return largest < 0 ? vector.map(-) : vector
    }
}
