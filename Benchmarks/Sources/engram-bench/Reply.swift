import Foundation

/// One line of JSON on standard output.
enum Reply {
    /// What a reply can hold.
    enum Value: Encodable {
        case number(Double)
        case count(Int)
        case numbers([Double])
        case text(String)
        case parts([String: Double])

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .number(let value): try container.encode(value)
            case .count(let value): try container.encode(value)
            case .numbers(let values): try container.encode(values)
            case .text(let text): try container.encode(text)
            case .parts(let parts): try container.encode(parts)
            }
        }
    }

    static func send(_ reply: [String: Value]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        // JSON has no NaN: a reader should see it rather than a failure to encode.
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        try FileHandle.standardOutput.write(contentsOf: try encoder.encode(reply) + Data("\n".utf8))
    }
}

/// Wall-clock seconds of `body`.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let took = try clock.measure(body)
    return Double(took.components.seconds) + Double(took.components.attoseconds) * 1e-18
}

/// The middle of `values`, the lower of two; 0 for none.
func median(_ values: [Double]) -> Double {
    values.isEmpty ? 0 : values.sorted()[(values.count - 1) / 2]
}
