extension DropReport {
    /// What theory says of networks that store the one example of this drop, beside what training them came to.
    public struct Theory: Codable, Equatable, Sendable {
        /// One network.
        public struct Case: Codable, Equatable, Sendable {
            /// Nonlinearity, widths and start, in words.
            public var name: String
            /// Units of each hidden layer.
            public var hiddenWidths: [Int]
            /// λ₁ that the source's formula gives without solving anything; null where it has none.
            @NullIfNotFinite public var closedForm: Double?
            /// λ₁ of the solution of gradient flow.
            public var theory: Double
            /// λ₁ of the trained matrices; null where it is not finite.
            @NullIfNotFinite public var measured: Double?
            /// Steps of gradient descent.
            public var steps: Int
            /// Whether theory says that the example is an attractor: |λ₁| < 1.
            public var attractor: Bool

            /// Takes every value as given; nothing is computed or checked.
            public init(
                name: String, hiddenWidths: [Int], closedForm: Double?, theory: Double, measured: Double?, steps: Int, attractor: Bool
            ) {
                self.name = name
                self.hiddenWidths = hiddenWidths
                self.closedForm = closedForm
                self.theory = theory
                self.measured = measured
                self.steps = steps
                self.attractor = attractor
            }
        }

        /// Of gradient descent.
        public var learningRate: Double
        /// Where descent ended, and what is compared, in words.
        public var criterion: String
        /// The networks.
        public var cases: [Case]

        /// Takes every value as given; nothing is computed or checked.
        public init(learningRate: Double, criterion: String, cases: [Case]) {
            self.learningRate = learningRate
            self.criterion = criterion
            self.cases = cases
        }
    }
}
