extension DropReport {
    /// What iteration reaches that is no example: a census from noise, and from foreign images where some were named.
    package struct Spurious: ReportSection {
        package static let key: String? = "spurious"

        /// The starts of one kind.
        package struct Group: Codable, Equatable, Sendable {
            /// Kind of start, such as `uniform noise` or `foreign examples`.
            package var start: String
            /// How many there were.
            package var starts: Int
            /// How many ended on something stored.
            package var reachedStored: Int

            /// Takes every value as given; nothing is computed or checked.
            package init(start: String, starts: Int, reachedStored: Int) {
                self.start = start
                self.starts = starts
                self.reachedStored = reachedStored
            }
        }

        /// One attractor that is not stored.
        package struct Cluster: Codable, Equatable, Sendable {
            /// 1 for a fixed point, p for a cycle of p states.
            package var period: Int
            /// Starts that ended on it.
            package var starts: Int
            /// Name of the example nearest to its first state.
            package var nearest: String
            /// Mean squared error of that state to that example.
            @NullIfNotFinite package var mse: Double?
            /// log10 of the spectral radius there; null where it was not computed.
            @NullIfNotFinite package var log10SpectralRadius: Double?
            /// Its picture's file in the result folder; absent where there is none.
            package var picture: String?

            /// Takes every value as given; nothing is computed or checked.
            package init(
                period: Int, starts: Int, nearest: String, mse: Double?, log10SpectralRadius: Double? = nil, picture: String? = nil
            ) {
                self.period = period
                self.starts = starts
                self.nearest = nearest
                self.mse = mse
                self.log10SpectralRadius = log10SpectralRadius
                self.picture = picture
            }
        }

        /// Starts in all.
        package var starts: Int
        /// Starts that ended on something stored.
        package var reachedStored: Int
        /// Starts that ended on attractors that are not stored.
        package var reachedSpurious: Int
        /// Starts that had neither settled nor repeated themselves when the iterations were used up.
        package var unsettled: Int
        /// Starts that ran off to where numbers end.
        package var diverged: Int
        /// Different stored things that were reached: examples, or cycles of a sequence.
        package var distinctStored: Int
        /// The starts by kind.
        package var groups: [Group]
        /// Different attractors that are not stored, most reached first.
        package var clusters: [Cluster]
        /// Seed of the noise.
        package var seed: UInt64
        /// Most applications of f for each start.
        package var iterations: Int
        /// What counts as stored and as settled, in words.
        package var criterion: String

        /// Takes every value as given; nothing is computed or checked.
        package init(
            starts: Int, reachedStored: Int, reachedSpurious: Int, unsettled: Int, diverged: Int, distinctStored: Int, groups: [Group],
            clusters: [Cluster], seed: UInt64, iterations: Int, criterion: String
        ) {
            self.starts = starts
            self.reachedStored = reachedStored
            self.reachedSpurious = reachedSpurious
            self.unsettled = unsettled
            self.diverged = diverged
            self.distinctStored = distinctStored
            self.groups = groups
            self.clusters = clusters
            self.seed = seed
            self.iterations = iterations
            self.criterion = criterion
        }
    }
}

extension DropReport {
    /// What else the memory holds; absent when it was not looked for.
    package var spurious: Spurious? {
        get { sections[Spurious.self] }
        set { sections[Spurious.self] = newValue }
    }
}
