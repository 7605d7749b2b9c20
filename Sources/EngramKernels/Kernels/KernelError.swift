public import EngramNumerics

/// What can be wrong with a kernel that is read from a file or given a metric.
public enum KernelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No kernel has this name.
    case unknownKernel(name: String, known: [String])
    /// No nonlinearity has this name.
    case unknownActivation(name: String, known: [String])
    /// A parameter is missing.
    case missingParameter(kernel: String, parameter: String)
    /// A parameter's text or value cannot be used.
    case badParameter(kernel: String, parameter: String, text: String, expected: String)
    /// A metric came with a kernel that has none.
    case unexpectedMetric(kernel: String)
    /// A metric is not square.
    case metricNotSquare(rowCount: Int, columnCount: Int)
    /// A metric is not symmetric; its largest difference to its mirror and its largest entry.
    case metricNotSymmetric(difference: Double, largest: Double)
    /// A metric has a negative eigenvalue; its largest eigenvalue beside it.
    case metricNotPositive(eigenvalue: Double, largest: Double)
    /// A factorization failed.
    case numerics(NumericsError)

    /// Where, what was expected and found, and what to do.
    public var description: String {
        switch self {
        case .unknownKernel(let name, let known):
            "No kernel is called \"\(name)\"; known are \(known.joined(separator: ", "))."
        case .unknownActivation(let name, let known):
            "No kernel nonlinearity is called \"\(name)\"; known are \(known.joined(separator: ", "))."
        case .missingParameter(let kernel, let parameter):
            "The kernel \"\(kernel)\" needs the parameter \"\(parameter)\", which is not there; store the memory again."
        case .badParameter(let kernel, let parameter, let text, let expected):
            "The kernel \"\(kernel)\" needs \(expected) as \"\(parameter)\", found \"\(text)\"."
        case .unexpectedMetric(let kernel):
            "The kernel \"\(kernel)\" has no metric, but one was given; use \"laplace\" or \"gaussian\", or leave it out."
        case .metricNotSquare(let rowCount, let columnCount):
            "A metric must be square, found \(rowCount)×\(columnCount)."
        case .metricNotSymmetric(let difference, let largest):
            "A metric must be symmetric; entries differ from their mirrors by \(difference), the largest entry is \(largest)."
        case .metricNotPositive(let eigenvalue, let largest):
            "A metric must have no negative eigenvalue, found \(eigenvalue) beside \(largest); use the matrix that gave it, or clip it."
        case .numerics(let error):
            "The metric of a kernel could not be factored. \(error)"
        }
    }
}
