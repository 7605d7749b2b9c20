/// The factor that widens deviations to intervals of a given coverage (Vovk, Gammerman, Shafer 2005).
enum ConformalQuantile {
    /// The smallest of n ratios |error|/deviation that at least (n + 1)·coverage of them do not pass: an interval of so many deviations holds
    /// the coverage for cells exchangeable with those, whatever the errors' distribution. Without ratios, the normal distribution's at 90 %.
    static func value(of ratios: [Double], coverage: Double) -> Double {
        guard !ratios.isEmpty else { return 1.6448536269514722 }
        let place = Int(exactly: (Double(ratios.count + 1) * coverage).rounded(.up)) ?? ratios.count
        return ratios.sorted()[min(max(place, 1), ratios.count) - 1]
    }
}
