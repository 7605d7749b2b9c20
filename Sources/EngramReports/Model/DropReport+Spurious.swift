extension DropReport {
    /// What iteration reaches that is no example: a census from noise, and from foreign images where some were named.
    public struct Spurious: Codable, Equatable, Sendable {
        /// The starts of one kind.
        public struct Group: Codable, Equatable, Sendable {
            /// Kind of start, such as `uniform noise` or `foreign examples`.
            public var start: String
            /// How many there were.
            public var starts: Int
            /// How many ended on something stored.
            public var reachedStored: Int

            /// Takes every value as given; nothing is computed or checked.
            public init(start: String, starts: Int, reachedStored: Int) {
                self.start = start
                self.starts = starts
                self.reachedStored = reachedStored
            }
        }

        /// One attractor that is not stored.
        public struct Cluster: Codable, Equatable, Sendable {
            /// 1 for a fixed point, p for a cycle of p states.
            public var period: Int
            /// Starts that ended on it.
            public var starts: Int
            /// Name of the example nearest to its first state.
            public var nearest: String
            /// Mean squared error of that state to that example.
            @NullIfNotFinite public var mse: Double?
            /// log10 of the spectral radius there; null where it was not computed.
            @NullIfNotFinite public var log10SpectralRadius: Double?
            /// Its picture's file in the result folder; absent where there is none.
            public var picture: String?

            /// Takes every value as given; nothing is computed or checked.
            public init(
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
        public var starts: Int
        /// Starts that ended on something stored.
        public var reachedStored: Int
        /// Starts that ended on attractors that are not stored.
        public var reachedSpurious: Int
        /// Starts that had neither settled nor repeated themselves when the iterations were used up.
        public var unsettled: Int
        /// Starts that ran off to where numbers end.
        public var diverged: Int
        /// Different stored things that were reached: examples, or cycles of a sequence.
        public var distinctStored: Int
        /// The starts by kind.
        public var groups: [Group]
        /// Different attractors that are not stored, most reached first.
        public var clusters: [Cluster]
        /// Seed of the noise.
        public var seed: UInt64
        /// Most applications of f for each start.
        public var iterations: Int
        /// What counts as stored and as settled, in words.
        public var criterion: String

        /// Takes every value as given; nothing is computed or checked.
        public init(
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
