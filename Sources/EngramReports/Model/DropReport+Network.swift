extension DropReport {
    /// The trained map f: R^d → R^d.
    package struct Network: ReportSection {
        package static let key: String? = "network"
        package static let isRequired = true

        /// Network family, such as `fully-connected`.
        package var family: String
        /// Number of hidden layers; absent for families that have none to count.
        package var depth: Int?
        /// Units in each hidden layer; absent for families without a width.
        package var width: Int?
        /// Activation function, such as `selu`; absent for families that have none.
        package var activation: String?
        /// Stored numbers, such as weights and biases.
        package var parameters: Int
        /// Further facts of the family, such as a kernel's; absent where there are none.
        package var properties: [String: String]?
        /// Name of the safetensors file beside the report.
        package var file: String

        /// Takes every value as given; nothing is computed or checked.
        package init(
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

extension DropReport {
    /// The trained map.
    package var network: Network {
        get { required() }
        set { sections[Network.self] = newValue }
    }
}
