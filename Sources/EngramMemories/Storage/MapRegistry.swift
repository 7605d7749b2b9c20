public import EngramDynamics
internal import EngramKernels
internal import EngramNetworks

/// Every family of maps that can be read back, by the name in its file.
///
/// A new family is a folder in `EngramNetworks` or beside it, and one line here.
public enum MapRegistry {
    /// The families.
    static let families: [any StoredMap.Type] = [
        FullyConnectedNetwork<Float>.self, StoredKernelMap.self, StoredTournamentMap.self, StoredNormalisedMap.self,
        StoredRecurrentMap.self,
        UNet<Float>.self,
    ]

    /// The names of all families that this version reads.
    public static var familyNames: [String] { families.map { $0.familyName } }

    /// The map of a `network.safetensors`.
    ///
    /// - Throws: `SafetensorsError.foreignFormat` for another layout; `.unsupported` for a family that this version does not know, by
    ///   its name; further cases for damaged files.
    public static func map(decoding bytes: [UInt8]) throws(SafetensorsError) -> any StoredMap {
        // What the file is comes first: a family of a later version may have tensors that this one cannot read.
        let metadata = try Safetensors.metadata(of: bytes)
        let format = metadata["format"] ?? "(none)"
        guard format == StoredMapFormat.name else { throw .foreignFormat(found: format) }
        let name = metadata["family"] ?? "(none)"
        guard let family = families.first(where: { $0.familyName == name }) else { throw .unsupported(entry: "family", found: name) }
        return try family.init(from: Safetensors(decoding: bytes))
    }
}
