internal import EngramDynamics
internal import EngramKernels
internal import EngramNumerics
internal import EngramSystem
internal import Foundation

/// A model as `model.safetensors` keeps it: how examples are encoded, the examples, and the machine.
///
/// Metadata: `family` is `predictor`; `model` is `laplace`, `features` or `deep`; `description` is JSON with the encoding, the classes and the
/// names of the examples. Tensors: `points` and `coefficients` `[n, ·]`, for a metric `metric` `[d, d]`; of the deep model `points`, `shares`,
/// `lower` and `upper`. All are float64.
struct StoredPredictor: Sendable {
    /// What the header says in JSON.
    struct Description: Codable, Equatable, Sendable {
        var targetName: String
        /// Empty for a regression.
        var classes: [String]
        var encoding: ExampleEncoding
        var offset: Double
        var scale: Double
        /// L of a kernel machine.
        var bandwidth: Double?
        /// d of the infinitely deep classifier.
        var dimension: Double?
        /// Names of the examples, in the order of the points.
        var exampleNames: [String]
    }

    static let fileName = "model.safetensors"
    private static let family = "predictor"

    let description: Description
    let model: DropSettings.Predict.Model
    let predictor: Predictor
    /// Encoded examples, shape `[n, d]`, in the order of the names.
    let examples: Matrix<Double>

    /// The bytes of the file.
    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(description), as: UTF8.self)
        var tensors: [Safetensors.Tensor] = [.init(name: "examples", matrix: examples)]
        switch predictor.model {
        case .features(let machine):
            tensors.append(.init(name: "points", matrix: machine.points))
            tensors.append(.init(name: "coefficients", matrix: machine.coefficients))
            if let metric = machine.kernel.metric { tensors.append(.init(name: "metric", matrix: metric.matrix)) }
        case .deep(let classifier, let scaling):
            tensors.append(.init(name: "points", matrix: classifier.points))
            tensors.append(.init(name: "shares", matrix: classifier.shares))
            tensors.append(.init(name: "priors", vector: classifier.priors))
            tensors.append(.init(name: "lower", vector: scaling.lower))
            tensors.append(.init(name: "upper", vector: scaling.upper))
        }
        return Safetensors(
            tensors: tensors, metadata: ["family": Self.family, "model": model.rawValue, "description": text]
        ).encoded()
    }

    /// A model of its parts.
    init(
        description: Description, model: DropSettings.Predict.Model, predictor: Predictor, examples: Matrix<Double>
    ) {
        (self.description, self.model, self.predictor, self.examples) = (description, model, predictor, examples)
    }

    /// The model of a file.
    /// - Throws: `Failure` for what is no such model, or a damaged one.
    init(decoding bytes: [UInt8], file: String) throws(Failure) {
        func fault(_ found: String) -> Failure {
            Failure(
                stage: .recall, code: "damaged-model", file: file, expected: "a model that this program stored", found: found,
                remedy: "restore the whole folder from a copy, or make the model again")
        }
        do {
            let stored = try Safetensors(decoding: bytes)
            guard try stored.entry("family") == Self.family else { throw fault("another family of maps") }
            guard let model = DropSettings.Predict.Model(rawValue: try stored.entry("model")) else { throw fault("an unknown model") }
            let text = try stored.entry("description")
            let description = try JSONDecoder().decode(Description.self, from: Data(text.utf8))
            if let problem = description.encoding.problem { throw fault(problem) }
            self.description = description
            self.model = model
            examples = try Self.matrix("examples", in: stored)
            let width = description.encoding.width
            guard description.exampleNames.count == examples.rowCount, examples.columnCount == width else {
                throw fault("\(examples.rowCount) examples of \(examples.columnCount) values for \(description.exampleNames.count) names")
            }
            guard description.scale.isFinite, description.scale > 0, description.offset.isFinite else { throw fault("no scale") }
            let points = try Self.matrix("points", in: stored)
            guard examples.rowCount > 0, points.rowCount > 0 else { throw fault("no examples") }
            guard examples.firstNonFiniteEntry == nil, points.firstNonFiniteEntry == nil else {
                throw fault("examples that are not finite")
            }
            let expected = model == .deep ? width + 1 : width
            guard points.columnCount == expected else { throw fault("points of \(points.columnCount) values, expected \(expected)") }
            let outputCount = max(description.classes.count, 1)
            let kind: Predictor.Model
            if model == .deep {
                kind = try Self.deep(stored, points, description, outputCount, fault)
            } else {
                kind = try Self.machine(stored, points, description, outputCount, fault)
            }
            predictor = Predictor(model: kind, offset: description.offset, scale: description.scale)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw fault("\(error)")
        }
    }

    private static func machine(
        _ stored: Safetensors, _ points: Matrix<Double>, _ description: Description, _ outputCount: Int, _ fault: (String) -> Failure
    ) throws -> Predictor.Model {
        guard let bandwidth = description.bandwidth, bandwidth.isFinite, bandwidth > 0 else { throw fault("no bandwidth") }
        let coefficients = try matrix("coefficients", in: stored)
        guard coefficients.rowCount == points.rowCount, coefficients.columnCount == outputCount else {
            throw fault("coefficients of \(coefficients.rowCount)×\(coefficients.columnCount)")
        }
        guard coefficients.firstNonFiniteEntry == nil else { throw fault("coefficients that are not finite") }
        var metric: Metric?
        if stored.tensors.contains(where: { $0.name == "metric" }) {
            let values = try matrix("metric", in: stored)
            guard values.rowCount == points.columnCount else { throw fault("a metric of \(values.rowCount) rows") }
            metric = try Metric(values, clipping: 1e-6)
        }
        return .features(
            FeatureMachine(kernel: LaplaceKernel(bandwidth: bandwidth, metric: metric), points: points, coefficients: coefficients))
    }

    private static func deep(
        _ stored: Safetensors, _ points: Matrix<Double>, _ description: Description, _ outputCount: Int, _ fault: (String) -> Failure
    ) throws -> Predictor.Model {
        guard let dimension = description.dimension, description.classes.count > 1 else { throw fault("no dimension") }
        let shares = try matrix("shares", in: stored)
        let (priors, _) = try stored.float64("priors", rank: 1)
        let (lower, _) = try stored.float64("lower", rank: 1)
        let (upper, _) = try stored.float64("upper", rank: 1)
        guard lower.count + 1 == points.columnCount, upper.count == lower.count, priors.count == outputCount else {
            throw fault("bounds of \(lower.count) columns")
        }
        guard (lower + upper + priors).allSatisfy(\.isFinite) else { throw fault("bounds or shares that are not finite") }
        let classifier = try InfinitelyDeepClassifier(
            points: points, shares: shares, priors: priors, activation: ModelSearch.activation(dimension: dimension))
        return .deep(classifier, SphereScaling(lower: lower, upper: upper, keepsLength: true))
    }

    private static func matrix(_ name: String, in stored: Safetensors) throws(SafetensorsError) -> Matrix<Double> {
        let (values, shape) = try stored.float64(name, rank: 2)
        return Matrix(rowCount: shape[0], columnCount: shape[1], elements: values)
    }
}
