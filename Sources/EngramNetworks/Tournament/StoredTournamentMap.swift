public import EngramDynamics
public import EngramNumerics

/// A tournament as it is stored.
///
/// Tensors: `scores.weight` `[n, d]` float32, `scores.bias` `[n]` float64, `targets` `[n, d]` float32, and with a shortlist
/// `shortlist.weight` `[n, d]` float32. Metadata: `margin` (δ) and `scores` (`matched` or `nearest`), for matched filters `noise_variance`,
/// with a shortlist `window` (θ) and `penalty` (c).
public struct StoredTournamentMap: StoredMap, Equatable {
    /// w_i, shape `[n, d]`.
    public let weights: Matrix<Float>
    /// b_i, shape `[n]`.
    public let offsets: [Double]
    /// δ.
    public let margin: Double
    /// y_i, shape `[n, d]`.
    public let targets: Matrix<Float>
    /// How the scores were made.
    public let scores: ItemScores.Kind
    /// The tournament before; nil for none.
    public let shortlist: Shortlist?

    /// A shortlist as it is stored; see `TournamentMap.Shortlist`.
    public struct Shortlist: Sendable, Equatable {
        /// Shape `[n, d]`.
        public let weights: Matrix<Float>
        /// θ.
        public let window: Double
        /// c.
        public let penalty: Double

        /// A shortlist from its parts.
        public init(weights: Matrix<Float>, window: Double, penalty: Double) {
            self.weights = weights
            self.window = window
            self.penalty = penalty
        }
    }

    /// A stored map from its parts, whose shapes must fit.
    public init(
        weights: Matrix<Float>, offsets: [Double], margin: Double, targets: Matrix<Float>, scores: ItemScores.Kind,
        shortlist: Shortlist? = nil
    ) {
        self.shortlist = shortlist
        self.weights = weights
        self.offsets = offsets
        self.margin = margin
        self.targets = targets
        self.scores = scores
    }

    /// `tournament`.
    public static var familyName: String { "tournament" }
    /// d.
    public var inputDimension: Int { weights.columnCount }
    /// d.
    public var outputDimension: Int { targets.columnCount }

    /// The map in float64.
    public func iterable() -> any IterableMap { map }

    /// The map in float64.
    public var map: TournamentMap {
        TournamentMap(
            weights: weights.converted(to: Double.self), offsets: offsets,
            shortlist: shortlist.map { .init(weights: $0.weights.converted(to: Double.self), window: $0.window, penalty: $0.penalty) },
            margin: margin, targets: targets.converted(to: Double.self))
    }

    /// The network that the layers make.
    public var facts: MapFacts {
        var properties = ["margin": "\(margin)", "scores": kindName]
        if case .matched(let variance) = scores { properties["noise variance"] = "\(variance)" }
        if let shortlist { properties["shortlist window"] = "\(shortlist.window)" }
        let n = weights.rowCount
        return MapFacts(
            depth: TournamentLayers.hiddenLayerCount(itemCount: n, hasShortlist: shortlist != nil), width: (shortlist == nil ? 2 : 4) * n,
            activation: "relu",
            parameterCount: weights.elements.count + offsets.count + targets.elements.count + (shortlist?.weights.elements.count ?? 0),
            properties: properties)
    }

    private var kindName: String { scores == .nearest ? "nearest" : "matched" }

    /// Tensors and metadata.
    public func safetensors() -> Safetensors {
        var metadata = ["margin": "\(margin)", "scores": kindName]
        if case .matched(let variance) = scores { metadata["noise_variance"] = "\(variance)" }
        var tensors: [Safetensors.Tensor] = [
            .init(name: "scores.weight", matrix: weights), .init(name: "scores.bias", vector: offsets),
            .init(name: "targets", matrix: targets),
        ]
        if let shortlist {
            (metadata["window"], metadata["penalty"]) = ("\(shortlist.window)", "\(shortlist.penalty)")
            tensors.append(.init(name: "shortlist.weight", matrix: shortlist.weights))
        }
        return Safetensors(tensors: tensors, metadata: metadata)
    }

    /// The map of a file.
    /// - Throws: `SafetensorsError.unsupported` for scores or a margin that are none; `.wrongTensor` for shapes that do not fit.
    public init(from file: Safetensors) throws(SafetensorsError) {
        let (weights, shape) = try file.float32("scores.weight", rank: 2)
        let (offsets, _) = try file.float64("scores.bias", rank: 1)
        let (targets, targetShape) = try file.float32("targets", rank: 2)
        guard shape[0] >= 1, offsets.count == shape[0] else {
            throw .wrongTensor(name: "scores.bias", reason: "\(offsets.count) entries for \(shape[0]) items")
        }
        guard targetShape == shape else {
            throw .wrongTensor(name: "targets", reason: "shape \(targetShape) beside filters of shape \(shape)")
        }
        func number(_ key: String) throws(SafetensorsError) -> Double {
            let text = try file.entry(key)
            guard let value = Double(text), value.isFinite, value > 0 else { throw .unsupported(entry: key, found: text) }
            return value
        }
        let name = try file.entry("scores")
        let kind: ItemScores.Kind
        switch name {
        case "nearest": kind = .nearest
        case "matched": kind = .matched(noiseVariance: try number("noise_variance"))
        default: throw .unsupported(entry: "scores", found: name)
        }
        var shortlist: Shortlist?
        if file.tensors.contains(where: { $0.name == "shortlist.weight" }) {
            let (listed, listedShape) = try file.float32("shortlist.weight", rank: 2)
            guard listedShape == shape else {
                throw .wrongTensor(name: "shortlist.weight", reason: "shape \(listedShape) beside filters of shape \(shape)")
            }
            shortlist = Shortlist(
                weights: Matrix(rowCount: shape[0], columnCount: shape[1], elements: listed), window: try number("window"),
                penalty: try number("penalty"))
        }
        self.init(
            weights: Matrix(rowCount: shape[0], columnCount: shape[1], elements: weights), offsets: offsets,
            margin: try number("margin"), targets: Matrix(rowCount: shape[0], columnCount: shape[1], elements: targets), scores: kind,
            shortlist: shortlist)
    }
}
