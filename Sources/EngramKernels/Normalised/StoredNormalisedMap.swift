public import EngramDynamics
public import EngramNumerics

/// A normalised machine as it is stored.
///
/// Tensors: `items` `[n, d]` float32, `whitening` `[n, n]`, `mixing` `[n, n]` and `offset` `[n]` float64. Metadata: `steepness` (β),
/// `noise_variance` (v), and where brightness is looked at `brightness` and `constant`. With X' the contrasts of the items, x' that of the
/// state, u(x) = x' - X'ᵀ (whitening X' x') and ẑ = u/‖u‖: h = softmax(-β/2 ‖ẑ(x) - ẑ(x_i)‖²), F(x) = itemsᵀ (offset + mixing·h).
public struct StoredNormalisedMap: StoredMap {
    /// x_i, shape `[n, d]`.
    public let items: Matrix<Float>
    /// Z, shape `[n, n]`.
    public let whitening: Matrix<Double>
    /// A, shape `[n, n]`.
    public let mixing: Matrix<Double>
    /// o, shape `[n]`.
    public let offset: [Double]
    /// β.
    public let steepness: Double
    /// v.
    public let noiseVariance: Double
    /// Brightness and constant as features; nil for contrast alone.
    let lift: LiftedFeatures?

    init(
        items: Matrix<Float>, whitening: Matrix<Double>, mixing: Matrix<Double>, offset: [Double], steepness: Double, noiseVariance: Double,
        lift: LiftedFeatures?
    ) {
        self.items = items
        self.whitening = whitening
        self.mixing = mixing
        self.offset = offset
        self.steepness = steepness
        self.noiseVariance = noiseVariance
        self.lift = lift
    }

    /// L with β = 1/L², of all such L the one nearest to β^-½ that gives back β's bits, where there is one.
    public var bandwidth: Double {
        let root = 1 / steepness.squareRoot()
        return [root, root.nextUp, root.nextDown].first { 1 / ($0 * $0) == steepness } ?? root
    }

    /// `normalised`.
    public static var familyName: String { "normalised" }
    /// d.
    public var inputDimension: Int { items.columnCount }
    /// d.
    public var outputDimension: Int { items.columnCount }

    /// The map in float64.
    public func iterable() -> any IterableMap {
        let examples = items.converted(to: Double.self)
        return KernelMap(
            kernel: GaussianKernel(bandwidth: 1 / steepness.squareRoot()), rows: .normalized, norm: 1,
            features: WhitenedFeatures(contrasts: ContrastItems.contrasts(of: examples), whitening: whitening, lift: lift),
            items: examples, mixing: mixing, offset: offset)
    }

    /// The layer of exponential units.
    public var facts: MapFacts {
        MapFacts(
            depth: 1, width: items.rowCount, activation: "softmax",
            parameterCount: items.elements.count + whitening.elements.count + mixing.elements.count + offset.count,
            properties: [
                "steepness": "\(steepness)", "noise variance": "\(noiseVariance)", "features": lift == nil ? "contrast" : "lifted",
            ])
    }

    /// Tensors and metadata.
    public func safetensors() -> Safetensors {
        var metadata = ["steepness": "\(steepness)", "noise_variance": "\(noiseVariance)"]
        if let lift { (metadata["brightness"], metadata["constant"]) = ("\(lift.brightness)", "\(lift.constant)") }
        return Safetensors(
            tensors: [
                .init(name: "items", matrix: items), .init(name: "whitening", matrix: whitening), .init(name: "mixing", matrix: mixing),
                .init(name: "offset", vector: offset),
            ], metadata: metadata)
    }

    /// The map of a file.
    /// - Throws: `SafetensorsError.wrongTensor` for shapes that do not fit each other; `.unsupported` for numbers that are none.
    public init(from file: Safetensors) throws(SafetensorsError) {
        let (values, shape) = try file.float32("items", rank: 2)
        let count = shape[0]
        func square(_ name: String) throws(SafetensorsError) -> Matrix<Double> {
            let (elements, found) = try file.float64(name, rank: 2)
            guard found == [count, count] else { throw .wrongTensor(name: name, reason: "shape \(found) for \(count) items") }
            return Matrix(rowCount: count, columnCount: count, elements: elements)
        }
        let (offset, _) = try file.float64("offset", rank: 1)
        guard count >= 1, offset.count == count else {
            throw .wrongTensor(name: "offset", reason: "\(offset.count) entries for \(count) items")
        }
        func number(_ key: String, isPositive: Bool = true) throws(SafetensorsError) -> Double {
            let text = try file.entry(key)
            guard let value = Double(text), value.isFinite, value > 0 || !isPositive else { throw .unsupported(entry: key, found: text) }
            return value
        }
        var lift: LiftedFeatures?
        if file.metadata["constant"] != nil {
            lift = LiftedFeatures(
                inputDimension: shape[1], brightness: try number("brightness", isPositive: false), constant: try number("constant"))
        }
        self.init(
            items: Matrix(rowCount: count, columnCount: shape[1], elements: values), whitening: try square("whitening"),
            mixing: try square("mixing"), offset: offset, steepness: try number("steepness"), noiseVariance: try number("noise_variance"),
            lift: lift)
    }
}
