extension DropReport {
    /// How the eigenvalues of a kernel machine at its examples change with the common norm of the states.
    public struct NormTransition: Codable, Equatable, Sendable {
        /// One norm.
        public struct Point: Codable, Equatable, Sendable {
            /// r.
            public var norm: Double
            /// Largest modulus of an eigenvalue over the examples looked at.
            public var spectralRadius: Double
            /// Largest singular value over them.
            public var operatorNorm: Double
            /// Eigenvalues within 1e-2 of 1, the least over them.
            public var countNearOne: Int
            /// `linear`, `transition` or `saturated`.
            public var region: String

            /// Takes every value as given; nothing is computed or checked.
            public init(norm: Double, spectralRadius: Double, operatorNorm: Double, countNearOne: Int, region: String) {
                self.norm = norm
                self.spectralRadius = spectralRadius
                self.operatorNorm = operatorNorm
                self.countNearOne = countNearOne
                self.region = region
            }
        }

        /// r of this memory.
        public var norm: Double
        /// Examples that the machine stores.
        public var examples: Int
        /// Those at which the Jacobian was taken.
        public var evaluated: Int
        /// Eigenvalues that theory has at 1 for small norms: [JP20] Lemma 4.
        public var linearCount: Int
        /// What the operator norm tends to for large norms.
        public var limit: Double
        /// By ascending norm.
        public var points: [Point]

        /// Takes every value as given; nothing is computed or checked.
        public init(norm: Double, examples: Int, evaluated: Int, linearCount: Int, limit: Double, points: [Point]) {
            self.norm = norm
            self.examples = examples
            self.evaluated = evaluated
            self.linearCount = linearCount
            self.limit = limit
            self.points = points
        }
    }
}
