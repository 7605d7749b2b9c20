internal import EngramDynamics
internal import EngramNumerics
internal import EngramSystem
internal import Foundation

/// A model as `model.safetensors` keeps it: how examples are encoded, the examples, and the model's own tensors.
///
/// Metadata: `family` is `predictor`; `model` is the name of its kind; `description` is JSON with the encoding, the classes and the names of
/// the examples. Tensors: `examples`, and those of the model; all are float64, but for the weights of a network.
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
        /// φ of a network.
        var activation: String?
        /// What scores are multiplied by to become probabilities; absent for a number, and in files of earlier versions.
        var sharpness: Double?
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
        return Safetensors(
            tensors: [.init(name: "examples", matrix: examples)] + predictor.model.tensors,
            metadata: ["family": Self.family, "model": model.rawValue, "description": text]
        ).encoded()
    }

    /// A model of its parts; what the model says of itself is added to the description.
    init(
        description: Description, model: DropSettings.Predict.Model, predictor: Predictor, examples: Matrix<Double>
    ) {
        var description = description
        predictor.model.describe(in: &description)
        (self.description, self.model, self.predictor, self.examples) = (description, model, predictor, examples)
    }

    /// The model of a file.
    /// - Throws: `Failure` for what is no such model, or a damaged one.
    init(decoding bytes: [UInt8], file: String) throws(Failure) {
        func fault(_ found: String) -> Failure { Self.damage(found, file: file) }
        do {
            let stored = try Safetensors(decoding: bytes)
            guard try stored.entry("family") == Self.family else { throw fault("another family of maps") }
            guard let model = DropSettings.Predict.Model(rawValue: try stored.entry("model")), let type = LabelModels.type(of: model)
            else { throw fault("an unknown model") }
            let text = try stored.entry("description")
            let description = try JSONDecoder().decode(Description.self, from: Data(text.utf8))
            if let problem = description.encoding.problem { throw fault(problem) }
            let parts = StoredModelFile(tensors: stored, description: description, name: file)
            self.description = description
            self.model = model
            examples = try parts.matrix("examples")
            let width = description.encoding.width
            guard description.exampleNames.count == examples.rowCount, examples.columnCount == width else {
                throw fault("\(examples.rowCount) examples of \(examples.columnCount) values for \(description.exampleNames.count) names")
            }
            guard description.scale.isFinite, description.scale > 0, description.offset.isFinite else { throw fault("no scale") }
            guard examples.rowCount > 0 else { throw fault("no examples") }
            guard examples.firstNonFiniteEntry == nil else { throw fault("examples that are not finite") }
            if let sharpness = description.sharpness, !(sharpness >= 0 && sharpness.isFinite) {
                throw fault("probabilities by a factor of \(sharpness)")
            }
            predictor = Predictor(model: try type.init(from: parts), offset: description.offset, scale: description.scale)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw fault("\(error)")
        }
    }

    /// The failure of a file that is no such model, or a damaged one.
    static func damage(_ found: String, file: String) -> Failure {
        Failure(
            stage: .recall, code: "damaged-model", file: file, expected: "a model that this program stored", found: found,
            remedy: "restore the whole folder from a copy, or make the model again")
    }
}
