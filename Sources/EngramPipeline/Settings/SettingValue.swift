internal import EngramMemories

/// One value of a settings file after its type was checked, before it is stored in a typed property.
enum SettingValue: Equatable, Sendable {
    case auto
    case flag(Bool)
    case integer(Int)
    case real(Double)
    case duration(Duration)
    case text(String)

    /// The value as the YAML files write it; reading it back gives an equal value.
    var yamlText: String {
        switch self {
        case .auto: "auto"
        case .flag(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        // Swift prints the shortest text that reads back to the same bits; `1` reads as well as `1.0`.
        case .real(let value): "\(value)".hasSuffix(".0") ? String("\(value)".dropLast(2)) : "\(value)"
        case .duration(let value): DurationText.format(value)
        case .text(let value): Self.quotedIfNeeded(value)
        }
    }

    /// Plain where no reader could take the text for anything else, double-quoted otherwise.
    private static func quotedIfNeeded(_ text: String) -> String {
        let isPlain =
            text.unicodeScalars.first.map { $0.isASCII && ($0.properties.isAlphabetic || $0 == "." || $0 == "/") } ?? false
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || "._/-".unicodeScalars.contains($0))
            }
        if isPlain { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case let control where control.value < 0x20 || control.value == 0x7f:
                let digits = String(control.value, radix: 16)
                quoted += "\\x" + (digits.count == 1 ? "0" : "") + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}

/// A property type that a settings file can fill.
protocol SettingRepresentable: Sendable {
    /// Nil if the value is of another type.
    init?(_ value: SettingValue)
    /// The value in its untyped form.
    var settingValue: SettingValue { get }
}

extension Bool: SettingRepresentable {
    init?(_ value: SettingValue) {
        guard case .flag(let flag) = value else { return nil }
        self = flag
    }
    var settingValue: SettingValue { .flag(self) }
}

extension Int: SettingRepresentable {
    init?(_ value: SettingValue) {
        guard case .integer(let integer) = value else { return nil }
        self = integer
    }
    var settingValue: SettingValue { .integer(self) }
}

extension Double: SettingRepresentable {
    init?(_ value: SettingValue) {
        guard case .real(let real) = value else { return nil }
        self = real
    }
    var settingValue: SettingValue { .real(self) }
}

extension Duration: SettingRepresentable {
    init?(_ value: SettingValue) {
        guard case .duration(let duration) = value else { return nil }
        self = duration
    }
    var settingValue: SettingValue { .duration(self) }
}

extension String: SettingRepresentable {
    init?(_ value: SettingValue) {
        guard case .text(let text) = value else { return nil }
        self = text
    }
    var settingValue: SettingValue { .text(self) }
}

/// A closed list of words; the raw values are what the files say.
protocol SettingChoice: SettingRepresentable, RawRepresentable, CaseIterable where RawValue == String {}

extension SettingChoice {
    init?(_ value: SettingValue) {
        guard case .text(let text) = value else { return nil }
        self.init(rawValue: text)
    }
    var settingValue: SettingValue { .text(rawValue) }
}

extension AutoOr: SettingRepresentable where Value: SettingRepresentable {
    init?(_ value: SettingValue) {
        if value == .auto {
            self = .auto
        } else if let given = Value(value) {
            self = .value(given)
        } else {
            return nil
        }
    }
    var settingValue: SettingValue {
        switch self {
        case .auto: .auto
        case .value(let value): value.settingValue
        }
    }
}
