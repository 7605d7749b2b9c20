extension DropReport {
    /// How sure a network that writes texts is of each token.
    package struct Tokens: ReportSection {
        package static let key: String? = "tokens"

        /// Tokens of all texts.
        package var count: Int
        /// Entries of the state that the network carries.
        package var state: Int
        /// By how much the right logit exceeds the second largest at the token where that is least; null where it is not finite.
        @NullIfNotFinite package var marginLeast: Double?
        /// The median over all tokens; null where it is not finite.
        @NullIfNotFinite package var marginMedian: Double?
        /// That token.
        package var leastToken: String
        /// Tokens that the network does not choose where they are due.
        package var wrong: Int
        /// The share of the states' variance that lies in the plane of `states.csv`.
        package var planeShare: Double

        /// Takes every value as given; nothing is computed or checked.
        package init(
            count: Int, state: Int, marginLeast: Double?, marginMedian: Double?, leastToken: String, wrong: Int, planeShare: Double
        ) {
            (self.count, self.state, self.leastToken, self.wrong, self.planeShare) = (count, state, leastToken, wrong, planeShare)
            self.marginLeast = marginLeast
            self.marginMedian = marginMedian
        }
    }

    /// How sure the network is of each token; absent for memories without a state.
    package var tokens: Tokens? {
        get { sections[Tokens.self] }
        set { sections[Tokens.self] = newValue }
    }
}
