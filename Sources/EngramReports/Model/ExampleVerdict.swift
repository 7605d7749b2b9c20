/// What happened to one example.
package struct ExampleVerdict: Equatable, Sendable {
    /// File name or item number.
    package var name: String
    /// max |λ| of the Jacobian at the example; nil in a sequence.
    package var spectralRadius: Double?
    /// ‖J(x_i)‖₂; nil in a sequence.
    package var operatorNorm: Double?
    /// ‖f(x_i) - y_i‖, Euclidean, y_i being the target.
    package var residual: Double?
    /// Whether it is a verified attractor; nil in a sequence, where the cycle is judged.
    package var isAttractor: Bool?
    /// A distance within which every state leads exactly where the example leads; nil where the family of the map has none.
    package var certifiedRadius: Double?
    /// Whether it came back from a start that was not the example itself.
    package var recovered: Bool
    /// Whether it came back equal in every stored code after rounding.
    package var exact: Bool
    /// Whether the start it came back from was noise and nothing else; false where it was a corrupted copy, or where it did not come back.
    package var fromNoise: Bool

    /// Takes every value as given; nothing is computed or checked.
    package init(
        name: String, spectralRadius: Double? = nil, operatorNorm: Double? = nil, residual: Double? = nil, isAttractor: Bool? = nil,
        certifiedRadius: Double? = nil, recovered: Bool, exact: Bool,
        fromNoise: Bool = false
    ) {
        self.name = name
        self.spectralRadius = spectralRadius
        self.operatorNorm = operatorNorm
        self.residual = residual
        self.isAttractor = isAttractor
        self.certifiedRadius = certifiedRadius
        self.recovered = recovered
        self.exact = exact
        self.fromNoise = fromNoise
    }
}
