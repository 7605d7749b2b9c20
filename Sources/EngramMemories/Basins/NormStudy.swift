/// How the eigenvalues of a kernel machine at its examples change with the norm on which states are kept, [JP20] Section 4.
///
/// It is the machine that maps each example to itself, whatever the set is a memory of. At small norms it is linear and stores nothing; at
/// large ones its Jacobian tends to half an identity, and every example is an attractor.
public struct NormStudy: Sendable, Equatable {
    /// One norm.
    public struct Point: Sendable, Equatable {
        /// r.
        public let norm: Double
        /// Largest modulus of an eigenvalue over the examples looked at.
        public let spectralRadius: Double
        /// Largest singular value over them.
        public let operatorNorm: Double
        /// Eigenvalues within 1e-2 of 1: the least over them.
        public let countNearOne: Int
        /// `linear`, `transition` or `saturated`.
        public let region: String
    }

    /// By ascending norm; the memory's own is among them.
    public let points: [Point]
    /// r of the memory.
    public let ownNorm: Double
    /// Examples that the machine stores, and at how many the Jacobian was taken.
    public let exampleCount: Int
    /// See `exampleCount`.
    public let evaluatedCount: Int
    /// Eigenvalues that are 1 at small norms, by Lemma 4: min(n - 1, rank).
    public let linearCount: Int
    /// The operator norm that large norms lead to.
    public let limit: Double
}
