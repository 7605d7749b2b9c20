/// A setting that is either left to the program (`auto`) or given.
public enum AutoOr<Value> {
    /// The program chooses from the data; the choice is written into the report.
    case auto
    /// The user's value, already checked against the schema's range.
    case value(Value)

    /// The given value, or nil for `auto`.
    public var given: Value? {
        switch self {
        case .auto: nil
        case .value(let value): value
        }
    }
}

extension AutoOr: Equatable where Value: Equatable {}
extension AutoOr: Sendable where Value: Sendable {}

/// Encoded as the string `auto` or as the bare value, the way the YAML files write it.
extension AutoOr: Codable where Value: Codable {
    /// Reads the string `auto` or a bare value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let word = try? container.decode(String.self), word == "auto" {
            self = .auto
        } else {
            self = .value(try container.decode(Value.self))
        }
    }

    /// Writes the string `auto` or the bare value.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .auto: try container.encode("auto")
        case .value(let value): try container.encode(value)
        }
    }
}
