extension DropReport {
    /// What some of the examples teach a kernel machine of the others, and which examples nearly depend on the others; [S21].
    package struct Learnability: ReportSection {
        package static let key: String? = "learnability"

        /// What m of the examples teach.
        package struct Level: Codable, Equatable, Sendable {
            /// m.
            package var examples: Int
            /// Σ L_i with the part of the ridge: m, but for rounding.
            package var sum: Double
            /// Share of the stored function less its mean that is learned: by theory.
            package var predictedShare: Double
            /// The same on average over random sets.
            package var measuredShare: Double
            /// Mean squared error over all examples, of the mean square of the function: by theory.
            package var predictedError: Double
            /// The same on average over random sets.
            package var measuredError: Double

            /// Takes every value as given; nothing is computed or checked.
            package init(
                examples: Int, sum: Double, predictedShare: Double, measuredShare: Double, predictedError: Double, measuredError: Double
            ) {
                self.examples = examples
                self.sum = sum
                self.predictedShare = predictedShare
                self.measuredShare = measuredShare
                self.predictedError = predictedError
                self.measuredError = measuredError
            }
        }

        /// One eigenmode.
        package struct Mode: Codable, Equatable, Sendable {
            /// Of the kernel matrix.
            package var eigenvalue: Double
            /// L, one a level.
            package var learnabilities: [Double]

            /// Takes every value as given; nothing is computed or checked.
            package init(eigenvalue: Double, learnabilities: [Double]) {
                self.eigenvalue = eigenvalue
                self.learnabilities = learnabilities
            }
        }

        /// One example.
        package struct Item: Codable, Equatable, Sendable {
            /// Its name.
            package var name: String
            /// Share of its feature vector that no combination of the others gives.
            package var independentShare: Double
            /// How much of it lies in modes that half of the examples teach.
            package var learnedShare: Double
            /// Name of the example of the largest |cosine| under the kernel.
            package var nearest: String
            /// That cosine.
            package var cosine: Double

            /// Takes every value as given; nothing is computed or checked.
            package init(name: String, independentShare: Double, learnedShare: Double, nearest: String, cosine: Double) {
                self.name = name
                self.independentShare = independentShare
                self.learnedShare = learnedShare
                self.nearest = nearest
                self.cosine = cosine
            }
        }

        /// Different examples in all; as many as `items` has were looked at.
        package var examples: Int
        /// λ.
        package var ridge: Double
        /// How many parameters the fit of all examples has in effect.
        package var effectiveDimension: Double
        /// Largest eigenvalue over the least; null where that is 0.
        @NullIfNotFinite package var condition: Double?
        /// Random sets for each level.
        package var draws: Int
        /// By rising number of examples.
        package var levels: [Level]
        /// By falling eigenvalue.
        package var modes: [Mode]
        /// By rising independent share.
        package var items: [Item]

        /// An example is nearly dependent if less than this share of it is its own.
        package static let dependentShare = 0.01

        /// Takes every value as given; nothing is computed or checked.
        package init(
            examples: Int, ridge: Double, effectiveDimension: Double, condition: Double, draws: Int, levels: [Level], modes: [Mode],
            items: [Item]
        ) {
            self.examples = examples
            self.ridge = ridge
            self.effectiveDimension = effectiveDimension
            self.condition = condition
            self.draws = draws
            self.levels = levels
            self.modes = modes
            self.items = items
        }
    }
}

extension DropReport {
    /// What some examples teach of the others; absent for families other than kernel machines.
    package var learnability: Learnability? {
        get { sections[Learnability.self] }
        set { sections[Learnability.self] = newValue }
    }
}
