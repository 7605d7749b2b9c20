internal import EngramDynamics
internal import EngramKernels
internal import EngramNumerics

/// The infinitely deep classifier; its points are on the sphere.
struct DeepModel: LabelModel {
    static let kinds: [DropSettings.Predict.Model] = [.deep]

    let classifier: InfinitelyDeepClassifier
    let scaling: SphereScaling
    /// d, for which its activation is consistent.
    let dimension: Double

    /// Learns from encoded rows: they are brought to the sphere first.
    init(of rows: LearnableRows, dimension: Double) throws {
        scaling = SphereScaling(of: rows.rows, keepsLength: true)
        classifier = try InfinitelyDeepClassifier(
            points: scaling.scaled(rows.rows), labels: rows.labels, classCount: rows.classCount,
            activation: Self.activation(dimension: dimension))
        self.dimension = dimension
    }

    init(from file: StoredModelFile) throws {
        guard let dimension = file.description.dimension, file.description.classes.count > 1 else { throw file.fault("no dimension") }
        let points = try file.points(width: file.description.encoding.width + 1)
        let shares = try file.matrix("shares")
        let (priors, _) = try file.tensors.float64("priors", rank: 1)
        let (lower, _) = try file.tensors.float64("lower", rank: 1)
        let (upper, _) = try file.tensors.float64("upper", rank: 1)
        guard lower.count + 1 == points.columnCount, upper.count == lower.count, priors.count == file.outputCount else {
            throw file.fault("bounds of \(lower.count) columns")
        }
        guard (lower + upper + priors).allSatisfy(\.isFinite) else { throw file.fault("bounds or shares that are not finite") }
        classifier = try InfinitelyDeepClassifier(
            points: points, shares: shares, priors: priors, activation: Self.activation(dimension: dimension))
        scaling = SphereScaling(lower: lower, upper: upper, keepsLength: true)
        self.dimension = dimension
    }

    /// [R23] Corollary 1 where it has one, Corollary 2 between 1 and 2.
    static func activation(dimension: Double) throws -> any DualActivation {
        if dimension == 1 || dimension >= 2 { return try ConsistentActivation.polynomial(dimension: dimension) }
        return try ConsistentActivation.sine(dimension: max(dimension, 1.05))
    }

    func outputs(at rows: Matrix<Double>, onStep: (Int) throws -> Void) throws -> Matrix<Double> {
        try classifier.scores(at: scaling.scaled(rows), onStep: onStep)
    }

    func geometry(of rows: Matrix<Double>) throws -> Matrix<Double> { try scaling.scaled(rows) }

    var tensors: [Safetensors.Tensor] {
        [
            .init(name: "points", matrix: classifier.points), .init(name: "shares", matrix: classifier.shares),
            .init(name: "priors", vector: classifier.priors), .init(name: "lower", vector: scaling.lower),
            .init(name: "upper", vector: scaling.upper),
        ]
    }

    func describe(in description: inout StoredPredictor.Description) { description.dimension = dimension }
}
