/// A measured number that JSON can always hold: `nil`, NaN and the infinities are written as `null`, and `null` reads back as `nil`.
///
/// JSON has no spelling for NaN. Writing `null` keeps the key, so a reader can tell "measured, without a finite value" from a key that an older
/// schema did not have.
@propertyWrapper
package struct NullIfNotFinite: Codable, Equatable, Sendable {
    /// The number as it was given; only its encoding is restricted.
    package var wrappedValue: Double?

    /// Wraps `wrappedValue` unchanged.
    package init(wrappedValue: Double?) {
        self.wrappedValue = wrappedValue
    }

    /// Reads a number or `null`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Double.self)
    }

    /// Writes the number when it is finite, else `null`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue, wrappedValue.isFinite {
            try container.encode(wrappedValue)
        } else {
            try container.encodeNil()
        }
    }
}

extension KeyedDecodingContainer {
    /// Lets a key that is missing altogether read as `nil`, as it does for a plain optional.
    func decode(_ type: NullIfNotFinite.Type, forKey key: Key) throws -> NullIfNotFinite {
        try decodeIfPresent(type, forKey: key) ?? NullIfNotFinite(wrappedValue: nil)
    }
}
