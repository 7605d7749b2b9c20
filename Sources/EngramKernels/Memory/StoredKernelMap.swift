public import EngramDynamics
public import EngramNumerics

/// A kernel machine as it is stored: the items, the coefficients, and what the kernel is.
///
/// Tensors: `items` `[n, d]` float32, `mixing` `[n, n]` and `offset` `[n]` float64, and for centred features `mean` `[d]` float64. Metadata:
/// `kernel`, `kernel.NAME` for each of its parameters, `rows`, `norm`, `features`, and for lifted features `brightness` and `constant`.
/// With z(x) = norm·u(x)/‖u(x)‖: F(x) = itemsᵀ (offset + mixing·p), p the kernel row of z(x), for normalized rows divided by its sum. Float64
/// coefficients reproduce 24-bit codes; float32 ones would miss half of one.
public struct StoredKernelMap: StoredMap {
    /// Features as they are stored.
    public enum Features: Sendable, Equatable {
        /// `LiftedFeatures`.
        case lifted(brightness: Double, constant: Double)
        /// `CentredFeatures`.
        case centred(mean: [Double])

        /// The features of states of `dimension` entries.
        func map(dimension: Int) -> any FeatureMap {
            switch self {
            case .lifted(let brightness, let constant):
                LiftedFeatures(inputDimension: dimension, brightness: brightness, constant: constant)
            case .centred(let mean): CentredFeatures(mean: mean)
            }
        }

        var name: String {
            switch self {
            case .lifted: "lifted"
            case .centred: "centred"
            }
        }
    }

    /// x_l, shape `[n, d]`.
    public let items: Matrix<Float>
    /// A, shape `[n, n]`.
    public let mixing: Matrix<Double>
    /// o, shape `[n]`.
    public let offset: [Double]
    /// What the kernel is.
    public let kernel: any Kernel
    /// What is done with its rows.
    public let rows: KernelMap.Rows
    /// r.
    public let norm: Double
    /// What the kernel sees.
    public let features: Features
    /// ‖û(x_i) - û(x_j)‖², shape `[n, n]`, where a machine was just solved with them; not stored.
    var squaredDistances: Matrix<Double>?

    /// A stored map from its parts, whose shapes must fit.
    public init(
        items: Matrix<Float>, mixing: Matrix<Double>, offset: [Double], kernel: any Kernel, rows: KernelMap.Rows, norm: Double,
        features: Features
    ) {
        self.items = items
        self.mixing = mixing
        self.offset = offset
        self.kernel = kernel
        self.rows = rows
        self.norm = norm
        self.features = features
    }

    /// `kernel`.
    public static var familyName: String { "kernel" }
    /// d.
    public var inputDimension: Int { items.columnCount }
    /// d.
    public var outputDimension: Int { items.columnCount }

    /// The map in float64.
    public func iterable() -> any IterableMap {
        var map = KernelMap(
            kernel: kernel, rows: rows, norm: norm, features: features.map(dimension: items.columnCount),
            items: items.converted(to: Double.self), mixing: mixing, offset: offset)
        map.knownSquares = squaredDistances
        return map
    }

    /// Kernel, its parameters, norm, rows and features.
    public var facts: MapFacts {
        let description = kernel.storedDescription
        var properties = ["kernel": description.name, "norm": "\(norm)", "rows": rows.rawValue, "features": features.name]
        for (name, value) in description.parameters where name != "activation" && name != "depth" { properties[name] = value }
        return MapFacts(
            depth: description.parameters["depth"].flatMap { Int($0) }, activation: description.parameters["activation"],
            parameterCount: items.elements.count + mixing.elements.count + offset.count, properties: properties)
    }

    /// Tensors and metadata.
    public func safetensors() -> Safetensors {
        let description = kernel.storedDescription
        var metadata = ["kernel": description.name, "rows": rows.rawValue, "norm": "\(norm)", "features": features.name]
        for (name, value) in description.parameters { metadata["kernel.\(name)"] = value }
        var tensors = [
            Safetensors.Tensor(name: "items", matrix: items), .init(name: "mixing", matrix: mixing), .init(name: "offset", vector: offset),
        ]
        switch features {
        case .lifted(let brightness, let constant):
            (metadata["brightness"], metadata["constant"]) = ("\(brightness)", "\(constant)")
        case .centred(let mean): tensors.append(.init(name: "mean", vector: mean))
        }
        if let metric = description.metric { tensors.append(.init(name: "metric", matrix: metric)) }
        return Safetensors(tensors: tensors, metadata: metadata)
    }

    /// The map of a file.
    /// - Throws: `SafetensorsError.unsupported` for a kernel, rows or features that are not known; `.wrongTensor` for shapes that do not
    ///   fit each other.
    public init(from file: Safetensors) throws(SafetensorsError) {
        let (values, shape) = try file.float32("items", rank: 2)
        let (mixing, mixingShape) = try file.float64("mixing", rank: 2)
        let (offset, _) = try file.float64("offset", rank: 1)
        let count = shape[0]
        guard mixingShape == [count, count] else {
            throw .wrongTensor(name: "mixing", reason: "shape \(mixingShape) for \(count) items")
        }
        guard offset.count == count else { throw .wrongTensor(name: "offset", reason: "\(offset.count) entries for \(count) items") }
        let norm = try Self.number("norm", in: file)
        guard norm > 0 else { throw .unsupported(entry: "norm", found: "\(norm)") }
        let rowsName = try file.entry("rows")
        guard let rows = KernelMap.Rows(rawValue: rowsName) else { throw .unsupported(entry: "rows", found: rowsName) }
        self.init(
            items: Matrix(rowCount: count, columnCount: shape[1], elements: values),
            mixing: Matrix(rowCount: count, columnCount: count, elements: mixing), offset: offset, kernel: try Self.kernel(of: file),
            rows: rows, norm: norm, features: try Self.features(of: file, dimension: shape[1]))
    }

    private static func kernel(of file: Safetensors) throws(SafetensorsError) -> any Kernel {
        let prefix = "kernel."
        let parameters = Dictionary(
            uniqueKeysWithValues: file.metadata.filter { $0.key.hasPrefix(prefix) }.map {
                (String($0.key.dropFirst(prefix.count)), $0.value)
            })
        let name = try file.entry("kernel")
        var metric: Matrix<Double>?
        if file.tensors.contains(where: { $0.name == "metric" }) {
            let (elements, shape) = try file.float64("metric", rank: 2)
            metric = Matrix(rowCount: shape[0], columnCount: shape[1], elements: elements)
        }
        do {
            return try KernelRegistry.kernel(KernelDescription(name: name, parameters: parameters, metric: metric))
        } catch {
            throw .unsupported(entry: "kernel", found: "\(name): \(error)")
        }
    }

    private static func features(of file: Safetensors, dimension: Int) throws(SafetensorsError) -> Features {
        let name = try file.entry("features")
        switch name {
        case "lifted":
            let (brightness, constant) = (try number("brightness", in: file), try number("constant", in: file))
            guard constant > 0 else { throw .unsupported(entry: "constant", found: "\(constant)") }
            return .lifted(brightness: brightness, constant: constant)
        case "centred":
            let (mean, _) = try file.float64("mean", rank: 1)
            guard mean.count == dimension else {
                throw .wrongTensor(name: "mean", reason: "\(mean.count) entries for items of \(dimension)")
            }
            return .centred(mean: mean)
        default: throw .unsupported(entry: "features", found: name)
        }
    }

    private static func number(_ key: String, in file: Safetensors) throws(SafetensorsError) -> Double {
        let text = try file.entry(key)
        guard let value = Double(text), value.isFinite else { throw .unsupported(entry: key, found: text) }
        return value
    }
}
