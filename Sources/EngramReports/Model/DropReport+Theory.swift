extension DropReport {
    /// What theory says of networks that store the one example of this drop, beside what training them came to.
    package struct Theory: ReportSection {
        package static let key: String? = "theory"

        /// One network.
        package struct Case: Codable, Equatable, Sendable {
            /// Nonlinearity, widths and start, in words.
            package var name: String
            /// Units of each hidden layer.
            package var hiddenWidths: [Int]
            /// λ₁ that the source's formula gives without solving anything; null where it has none.
            @NullIfNotFinite package var closedForm: Double?
            /// λ₁ of the solution of gradient flow.
            package var theory: Double
            /// λ₁ of the trained matrices; null where it is not finite.
            @NullIfNotFinite package var measured: Double?
            /// Steps of gradient descent.
            package var steps: Int
            /// Whether theory says that the example is an attractor: |λ₁| < 1.
            package var attractor: Bool

            /// Takes every value as given; nothing is computed or checked.
            package init(
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
        package var learningRate: Double
        /// Where descent ended, and what is compared, in words.
        package var criterion: String
        /// The networks.
        package var cases: [Case]

        /// Takes every value as given; nothing is computed or checked.
        package init(learningRate: Double, criterion: String, cases: [Case]) {
            self.learningRate = learningRate
            self.criterion = criterion
            self.cases = cases
        }
    }
}

extension DropReport {
    /// What theory says of a single example; absent for drops of more, and of sequences.
    package var theory: Theory? {
        get { sections[Theory.self] }
        set { sections[Theory.self] = newValue }
    }
}
