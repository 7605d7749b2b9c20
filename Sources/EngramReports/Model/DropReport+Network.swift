extension DropReport {
    /// The trained map f: R^d → R^d.
    public struct Network: Codable, Equatable, Sendable {
        /// Network family, such as `fully-connected`.
        public var family: String
        /// Number of hidden layers.
        public var depth: Int
        /// Units in each hidden layer.
        public var width: Int
        /// Activation function, such as `selu`.
        public var activation: String
        /// Number of weights and biases.
        public var parameters: Int
        /// Name of the safetensors file beside the report.
        public var file: String

        /// Takes every value as given; nothing is computed or checked.
        public init(family: String, depth: Int, width: Int, activation: String, parameters: Int, file: String = "network.safetensors") {
            self.family = family
            self.depth = depth
            self.width = width
            self.activation = activation
            self.parameters = parameters
            self.file = file
        }
    }
}
