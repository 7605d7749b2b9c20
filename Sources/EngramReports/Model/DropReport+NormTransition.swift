extension DropReport {
    /// How the eigenvalues of a kernel machine at its examples change with the common norm of the states.
    package struct NormTransition: ReportSection {
        package static let key: String? = "normTransition"

        /// One norm.
        package struct Point: Codable, Equatable, Sendable {
            /// r.
            package var norm: Double
            /// Largest modulus of an eigenvalue over the examples looked at.
            package var spectralRadius: Double
            /// Largest singular value over them.
            package var operatorNorm: Double
            /// Eigenvalues within 1e-2 of 1, the least over them.
            package var countNearOne: Int
            /// `linear`, `transition` or `saturated`.
            package var region: String

            /// Takes every value as given; nothing is computed or checked.
            package init(norm: Double, spectralRadius: Double, operatorNorm: Double, countNearOne: Int, region: String) {
                self.norm = norm
                self.spectralRadius = spectralRadius
                self.operatorNorm = operatorNorm
                self.countNearOne = countNearOne
                self.region = region
            }
        }

        /// r of this memory.
        package var norm: Double
        /// Examples that the machine stores.
        package var examples: Int
        /// Those at which the Jacobian was taken.
        package var evaluated: Int
        /// Eigenvalues that theory has at 1 for small norms: [JP20] Lemma 4.
        package var linearCount: Int
        /// What the operator norm tends to for large norms.
        package var limit: Double
        /// By ascending norm.
        package var points: [Point]

        /// Takes every value as given; nothing is computed or checked.
        package init(norm: Double, examples: Int, evaluated: Int, linearCount: Int, limit: Double, points: [Point]) {
            self.norm = norm
            self.examples = examples
            self.evaluated = evaluated
            self.linearCount = linearCount
            self.limit = limit
            self.points = points
        }
    }
}

extension DropReport {
    /// How eigenvalues change with the norm of the states; absent for families without such theory.
    package var normTransition: NormTransition? {
        get { sections[NormTransition.self] }
        set { sections[NormTransition.self] = newValue }
    }
}
