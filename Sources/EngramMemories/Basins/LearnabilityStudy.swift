/// What a kernel machine learns of the eigenmodes of its own examples from some of them, and which examples nearly depend on the others; [S21].
///
/// It tells kernels apart that all store every example exactly: of a kernel for which examples say nothing of each other, half of them teach half of every
/// mode, and nothing of an example that was left out.
public struct LearnabilityStudy: Sendable, Equatable {
    /// What m of the examples teach.
    public struct Level: Sendable, Equatable {
        /// m.
        public let exampleCount: Int
        /// L_i, one a mode, by falling eigenvalue.
        public let learnabilities: [Double]
        /// Their sum, with the part of the ridge: m, but for rounding.
        public let sum: Double
        /// Share of the stored function less its mean that is learned, by theory and on average over random sets.
        public let predictedLearnability: Double
        /// See `predictedLearnability`.
        public let measuredLearnability: Double
        /// Mean squared error over all examples, of the mean square of the function, by theory and on average over random sets.
        public let predictedError: Double
        /// See `predictedError`.
        public let measuredError: Double
    }

    /// One example.
    public struct Item: Sendable, Equatable {
        /// Its row in the set.
        public let example: Int
        /// Share of its feature vector in the kernel's space that no combination of the others gives: 1 is orthogonal to all, near 0 nearly dependent.
        public let independentShare: Double
        /// How much of it lies in modes that half of the examples teach.
        public let learnedShare: Double
        /// The example of the largest |cosine| under the kernel.
        public let nearest: Int
        /// That cosine.
        public let cosine: Double
    }

    /// Of the kernel matrix, falling.
    public let eigenvalues: [Double]
    /// A quarter, half, and three quarters of the examples.
    public let levels: [Level]
    /// Every example that was looked at.
    public let items: [Item]
    /// λ of the memory.
    public let ridge: Double
    /// How many parameters the fit of all examples has in effect.
    public let effectiveDimension: Double
    /// Largest eigenvalue over the least.
    public let condition: Double
    /// Different examples in all; of many, as many as `items` has were looked at, evenly spread.
    public let exampleCount: Int
    /// Random sets for each level.
    public let drawCount: Int
}
