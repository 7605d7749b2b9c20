/// `SERVICE key=value…`; every key must be asked for, so that a misspelt one is an error and not a default.
struct Options {
    let service: String
    private var values: [String: String] = [:]

    init(_ arguments: [String]) throws {
        guard let first = arguments.first else {
            throw BenchmarkError("Name a service: kernels, samples, step, machine, completion, train, spectra or entries.")
        }
        service = first
        for argument in arguments.dropFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw BenchmarkError("Expected key=value, found '\(argument)'.") }
            values[String(parts[0])] = String(parts[1])
        }
    }

    /// The text of a key; `standard` without it, an error without either.
    mutating func text(_ key: String, _ standard: String? = nil) throws -> String {
        guard let value = values.removeValue(forKey: key) ?? standard else { throw BenchmarkError("The option \(key)= is missing.") }
        return value
    }

    /// A whole number of 1 or more.
    mutating func integer(_ key: String, _ standard: Int? = nil) throws -> Int {
        let text = try text(key, standard.map { "\($0)" })
        guard let value = Int(text), value >= 1 else { throw BenchmarkError("\(key) is a whole number from 1, found '\(text)'.") }
        return value
    }

    /// A number of 0 or more.
    mutating func number(_ key: String, _ standard: Double) throws -> Double {
        let text = try text(key, "\(standard)")
        guard let value = Double(text), value >= 0 else { throw BenchmarkError("\(key) is a number from 0, found '\(text)'.") }
        return value
    }

    /// Refuses what nobody asked for.
    func requireAllUsed() throws {
        if let unknown = values.keys.min() { throw BenchmarkError("The service \(service) does not know \(unknown)=.") }
    }
}
