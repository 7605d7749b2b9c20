public import EngramNumerics

/// A kernel as a file keeps it: a name, parameters as text, and for kernels with one a metric.
///
/// Numbers are written with as many digits as read back to the same value.
public struct KernelDescription: Sendable, Equatable {
    /// `ntk`, `nngp`, `laplace` or `gaussian`.
    public var name: String
    /// Parameters by name.
    public var parameters: [String: String]
    /// M of a radial kernel, shape `[d, d]`; nil is the identity.
    public var metric: Matrix<Double>?

    /// Creates a description.
    public init(name: String, parameters: [String: String], metric: Matrix<Double>? = nil) {
        self.name = name
        self.parameters = parameters
        self.metric = metric
    }

    /// The text of a parameter.
    /// - Throws: `KernelError.missingParameter`.
    public func text(_ parameter: String) throws(KernelError) -> String {
        guard let text = parameters[parameter] else { throw .missingParameter(kernel: name, parameter: parameter) }
        return text
    }

    /// A parameter as a finite number.
    ///
    /// - Parameters:
    ///   - parameter: Its name.
    ///   - range: What is allowed.
    /// - Throws: `KernelError.missingParameter`; `.badParameter`.
    public func number(_ parameter: String, in range: ClosedRange<Double> = -Double.infinity...Double.infinity) throws(KernelError)
        -> Double
    {
        let text = try text(parameter)
        guard let value = Double(text), value.isFinite, range.contains(value) else {
            throw .badParameter(kernel: name, parameter: parameter, text: text, expected: Self.text(of: range))
        }
        return value
    }

    /// A parameter as a whole number of this range.
    /// - Throws: `KernelError.missingParameter`; `.badParameter`.
    public func integer(_ parameter: String, in range: ClosedRange<Int>) throws(KernelError) -> Int {
        let text = try text(parameter)
        guard let value = Int(text), range.contains(value) else {
            throw .badParameter(
                kernel: name, parameter: parameter, text: text,
                expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func text(of range: ClosedRange<Double>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (-Double.infinity, Double.infinity): "a finite number"
        case (.leastNonzeroMagnitude, _): "a finite number above 0"
        case (let lower, .infinity): "a finite number, \(lower) or more"
        case (let lower, let upper): "a number from \(lower) to \(upper)"
        }
    }
}
