extension DropReport {
    /// The trained map f: R^d → R^d.
    public struct Network: Codable, Equatable, Sendable {
        /// Network family, such as `fully-connected`.
        public var family: String
        /// Number of hidden layers; absent for families that have none to count.
        public var depth: Int?
        /// Units in each hidden layer; absent for families without a width.
        public var width: Int?
        /// Activation function, such as `selu`; absent for families that have none.
        public var activation: String?
        /// Stored numbers, such as weights and biases.
        public var parameters: Int
        /// Further facts of the family, such as a kernel's; absent where there are none.
        public var properties: [String: String]?
        /// Name of the safetensors file beside the report.
        public var file: String

        /// Takes every value as given; nothing is computed or checked.
        public init(
            family: String, depth: Int?, width: Int?, activation: String?, parameters: Int, properties: [String: String] = [:],
            file: String = "network.safetensors"
        ) {
            self.family = family
            self.depth = depth
            self.width = width
            self.activation = activation
            self.parameters = parameters
            self.properties = properties.isEmpty ? nil : properties
            self.file = file
        }
    }
}
