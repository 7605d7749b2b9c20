/// A map as it is stored in `network.safetensors`: the file alone is the map.
///
/// A family conforms in its own folder, and stands in the registry of families by its name.
public protocol StoredMap: Sendable {
    /// What `family` says in the file's metadata and in report.json.
    static var familyName: String { get }

    /// Reads the map from a file's content, whose `format` and `family` are known to fit.
    /// - Throws: `SafetensorsError`, case by case.
    init(from file: Safetensors) throws(SafetensorsError)

    /// The tensors and what else the family needs to know, without `format` and `family`.
    func safetensors() -> Safetensors

    /// The stored values in float64, in which everything reported is computed.
    func iterable() -> any IterableMap

    /// Length of x.
    var inputDimension: Int { get }
    /// Length of f(x).
    var outputDimension: Int { get }
    /// What reports say of it.
    var facts: MapFacts { get }
}

/// What a report says of a map.
public struct MapFacts: Sendable, Equatable {
    /// Number of hidden layers; nil where there are none to count.
    public var depth: Int?
    /// Units of the widest hidden layer; nil where it has no width.
    public var width: Int?
    /// Nonlinearity of the hidden layers; nil where there is none.
    public var activation: String?
    /// Stored numbers.
    public var parameterCount: Int
    /// Further facts by name, such as a kernel's; empty for families that have none.
    public var properties: [String: String]

    /// Facts of a map; what a family does not have is left out.
    public init(
        depth: Int? = nil, width: Int? = nil, activation: String? = nil, parameterCount: Int, properties: [String: String] = [:]
    ) {
        self.depth = depth
        self.width = width
        self.activation = activation
        self.parameterCount = parameterCount
        self.properties = properties
    }
}

/// The layout of `network.safetensors`.
public enum StoredMapFormat {
    /// The value of `format` in files of this version.
    public static let name = "engram-network/1"
}

extension StoredMap {
    /// The bytes of `network.safetensors`; the same map and metadata give the same bytes.
    /// - Parameter metadata: Further text entries.
    public func encoded(metadata: [String: String] = [:]) -> [UInt8] {
        var file = safetensors()
        file.metadata.merge(metadata) { own, _ in own }
        file.metadata["format"] = StoredMapFormat.name
        file.metadata["family"] = Self.familyName
        return file.encoded()
    }

    /// The name of this map's family.
    public var familyName: String { Self.familyName }
}
