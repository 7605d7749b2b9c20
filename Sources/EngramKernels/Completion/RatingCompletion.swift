internal import EngramNumerics
internal import RealModule

/// Wanted ratings from known ones in long form: effects of users and items (the prior user ⊕ item), low-rank factors, and a wide network
/// for each user and for each item whose feature priors are those factors and what else is known of the items and users ([R23] section 3.3).
///
/// A tenth of the known ratings is hidden; the parts' ridges are chosen and their predictions weighted on it by least squares, and the same
/// ratings calibrate the intervals, each half with the weights that the other half gives. Then everything is fitted again with all known
/// ratings. Where few ratings can be hidden no part is weighed, and effects alone are left.
public struct RatingCompletion: Sendable {
    /// What can be chosen.
    public struct Settings: Sendable, Equatable {
        /// Ratings at the mean that each user's and item's effect begins with, to choose from.
        public var effectRidges: [Double] = [2, 4, 8]
        /// Number of factors.
        public var rank = 40
        /// Ridge of the factors.
        public var factorRidge = 15.0
        /// Ridges of the wide networks, to choose from: a rating says little, so that they are large.
        public var kernelRidges: [Double] = [10, 30, 100, 300]
        /// Known ratings named for each wanted one.
        public var neighbourCount = 5
        /// Share of missing ratings' true values that intervals are to hold.
        public var coverage = 0.9
        /// About the most operations of one wide network for all users or all items; where they need more, fewer ratings of each take part.
        public var operationLimit = 1e13
        /// Of hidden ratings and of the factors' start.
        public var seed: UInt64 = 0

        /// The documented defaults.
        public init() {}
    }

    /// What was found.
    public struct Result: Sendable {
        /// One for each wanted pair, between the smallest and the largest known rating.
        public var values: [Double]
        /// Half the width of each interval.
        public var halfWidths: [Double]
        /// Deviations before calibration.
        public var deviations: [Double]
        /// Each part's error alone on hidden ratings, best first; `share` is its weight in the sum.
        public var priors: [TableCompletion.PriorResult]
        /// For each wanted pair the known ratings of the same user that weigh most in the network that counts most; places among the known.
        public var neighbours: [[RowRegression.Neighbour]]
        /// Share of hidden ratings inside intervals that the other half of them calibrates.
        public var heldOutCoverage: Double
        /// The hidden ratings: place among the known, what was predicted, deviation.
        public var heldOut: [(place: Int, prediction: Double, deviation: Double)]
        /// Root mean square error of the whole on hidden ratings.
        public var heldOutError: Double
        /// Deviations times this are the half widths.
        public var calibration: Double
    }

    /// What is chosen.
    public var settings: Settings

    /// A completion.
    public init(settings: Settings = Settings()) { self.settings = settings }

    /// Predicts wanted pairs.
    ///
    /// - Parameters:
    ///   - ratings: At least ten.
    ///   - pairs: Wanted.
    ///   - onProgress: Called with the share of the work that is done; what it throws ends the completion.
    /// - Throws: `KernelSolverError`; what `onProgress` throws.
    public func complete(
        _ ratings: RatingTable, pairs: RatingPairs, onProgress: (Double) throws -> Void = { _ in }
    ) throws -> Result {
        var generator = CounterBasedGenerator(seed: settings.seed, stream: 0x7261_7465)
        var places = Array(0..<ratings.count)
        places.shuffle(using: &generator)
        let hidden = places.prefix(max(ratings.count / 10, 1)).sorted()
        let kept = places.dropFirst(hidden.count).sorted()
        let known = ratings.selecting(kept)
        let truth = hidden.map { ratings.values[$0] }
        let asked = RatingPairs(users: hidden.map { ratings.users[$0] }, items: hidden.map { ratings.items[$0] })
        let ridges = effectRidges(known, asked: asked, truth: truth)
        // Parts of one pass cost about the same in the first and in the last.
        let tried = try RatingParts(known, pairs: asked, effectRidges: ridges, settings: settings, chosen: nil) {
            try onProgress(0.5 * $0)
        }
        let bounds = (ratings.values.min() ?? 0, ratings.values.max() ?? 0)
        let chosen = tried.chosen(truth: truth)
        let left = zip(truth, tried.effects).map { $0 - $1 }
        let parts = chosen.map(\.predictions)
        let weights = StackedWeights(residuals: left, parts: parts)
        let predictions = StackedWeights.crossFitted(residuals: left, effects: tried.effects, parts: parts, within: bounds)
        let final = try RatingParts(
            ratings, pairs: pairs, effectRidges: ridges, settings: settings,
            chosen: zip(chosen, weights.weights).map { (ridge: $0.ridge, weight: $1) }
        ) { try onProgress(0.5 + 0.5 * $0) }
        let scale = residualScale(known, ridges: ridges)
        let deviations = RatingSpread(known, ridges: ridges, scale: scale).deviations(asked)
        let ratios = zip(zip(predictions, truth), deviations).map { ($0.0 - $0.1).magnitude / $1 }
        var factor = ConformalQuantile.value(of: ratios, coverage: settings.coverage)
        if Double(ratios.count + 1) * settings.coverage > Double(ratios.count) {
            // So few ratios do not reach the share: not narrower than a normal distribution's.
            factor = max(factor, ConformalQuantile.value(of: [], coverage: settings.coverage))
        }
        let wanted = RatingSpread(ratings, ridges: ridges, scale: scale).deviations(pairs)
        return Result(
            values: weights.sum(over: final.effects, parts: final.parts.map { $0.predictions[0] }, within: bounds),
            halfWidths: wanted.map { factor * $0 }, deviations: wanted,
            priors: results(
                tried, mean: known.values.reduce(0, +) / Double(max(known.count, 1)), chosen: chosen, weights: weights, truth: truth),
            neighbours: final.neighbours,
            heldOutCoverage: Self.crossCoverage(ratios, settings.coverage),
            heldOut: zip(hidden, zip(predictions, deviations)).map { ($0, $1.0, $1.1) },
            heldOutError: Self.error(predictions, truth), calibration: factor)
    }

    /// The pair of ridges with the smallest error on hidden ratings.
    private func effectRidges(_ known: RatingTable, asked: RatingPairs, truth: [Double]) -> (user: Double, item: Double) {
        var best: (error: Double, ridges: (user: Double, item: Double))?
        for user in settings.effectRidges {
            for item in settings.effectRidges {
                let effects = RatingEffects(known, ridges: (user, item))
                let error = Self.error(effects.predictions(asked), truth)
                if best.map({ error < $0.error }) ?? true { best = (error, (user, item)) }
            }
        }
        return best?.ridges ?? (4, 4)
    }

    /// Root mean square of what effects leave of the ratings that they are fitted to; 1 where nothing is left.
    private func residualScale(_ known: RatingTable, ridges: (user: Double, item: Double)) -> Double {
        let fitted = RatingEffects(known, ridges: ridges).predictions(RatingPairs(users: known.users, items: known.items))
        let scale = Self.error(fitted, known.values)
        return scale > 0 ? scale : 1
    }

    private func results(
        _ tried: RatingParts, mean: Double, chosen: [RatingParts.Chosen], weights: StackedWeights, truth: [Double]
    ) -> [TableCompletion.PriorResult] {
        var results = [
            TableCompletion.PriorResult(
                name: "mean of all ratings", heldOutError: Self.error(truth.map { _ in mean }, truth), share: 0),
            TableCompletion.PriorResult(
                name: "what users and items add", heldOutError: Self.error(tried.effects, truth), share: 1),
        ]
        for (index, part) in chosen.enumerated() {
            let alone = zip(tried.effects, part.predictions).map { $0 + $1 }
            results.append(
                TableCompletion.PriorResult(name: part.name, heldOutError: Self.error(alone, truth), share: weights.weights[index]))
        }
        return results.sorted { $0.heldOutError < $1.heldOutError }
    }

    /// Share of each half's ratios under the quantile of the other half.
    private static func crossCoverage(_ ratios: [Double], _ coverage: Double) -> Double {
        let halves = (0..<2).map { half in ratios.indices.filter { $0 % 2 == half }.map { ratios[$0] } }
        let inside = (0..<2).reduce(0) { sum, half in
            let factor = ConformalQuantile.value(of: halves[1 - half], coverage: coverage)
            return sum + halves[half].count { $0 <= factor }
        }
        return ratios.isEmpty ? coverage : Double(inside) / Double(ratios.count)
    }

    static func error(_ predictions: [Double], _ truth: [Double]) -> Double {
        guard !truth.isEmpty else { return 0 }
        return (zip(predictions, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(truth.count)).squareRoot()
    }
}

/// What each part says about wanted pairs, after what users and items add is taken off.
struct RatingParts {
    struct Part {
        var name: String
        var ridges: [Double]
        /// For each ridge one value for each pair.
        var predictions: [[Double]]
    }

    struct Chosen {
        var name: String
        var ridge: Double
        var predictions: [Double]
    }

    /// Mean and effects for each pair.
    let effects: [Double]
    let parts: [Part]
    /// For each pair the known ratings of its user that weigh most in the network for users that counts most; empty while nothing is chosen.
    let neighbours: [[RowRegression.Neighbour]]

    /// - Parameter chosen: For each part its ridge and its weight; nil: all ridges of the settings for all parts.
    init(
        _ ratings: RatingTable, pairs: RatingPairs, effectRidges: (user: Double, item: Double), settings: RatingCompletion.Settings,
        chosen: [(ridge: Double, weight: Double)]?, onProgress: (Double) throws -> Void
    ) throws {
        let found = RatingEffects(ratings, ridges: effectRidges)
        effects = found.predictions(pairs)
        let fitted = found.predictions(RatingPairs(users: ratings.users, items: ratings.items))
        let rest = ratings.selecting(Array(0..<ratings.count), values: zip(ratings.values, fitted).map { $0 - $1 })
        var generator = CounterBasedGenerator(seed: settings.seed, stream: 0x6661_6374)
        let rank = max(1, min(settings.rank, min(ratings.userCount, ratings.itemCount) / 2))
        let factors = try RatingFactors(rest, rank: rank, ridge: settings.factorRidge, using: &generator) { try onProgress(0) }
        var parts = [Part(name: "low rank", ridges: [settings.factorRidge], predictions: [factors.predictions(pairs)])]
        var count = 0
        var (heaviest, neighbours) = (0.0, [[RowRegression.Neighbour]](repeating: [], count: pairs.count))
        func add(
            _ name: String, _ features: Matrix<Double>, _ own: RatingTable, _ wanted: RatingPairs, isOfUsers: Bool = true, share: Double
        ) throws {
            count += 1
            let ridges = chosen.map { [$0[count].ridge] } ?? settings.kernelRidges
            // What counts for nothing need not be known.
            let weight = chosen?[count].weight ?? 0
            guard chosen == nil || weight > 0 else {
                return parts.append(Part(name: name, ridges: ridges, predictions: [Array(repeating: 0, count: wanted.count)]))
            }
            let isNamed = isOfUsers && weight > heaviest
            let found = try RatingRegression(features: features).predictions(
                own, pairs: wanted, ridges: ridges, neighbourCount: isNamed ? settings.neighbourCount : 0,
                operationLimit: settings.operationLimit
            ) { try onProgress(share) }
            if isNamed { (heaviest, neighbours) = (weight, found.neighbours) }
            parts.append(Part(name: name, ridges: ridges, predictions: found.values))
        }
        try add("wide network for each user on factors of items", factors.items, rest, pairs, share: 0.4)
        try add(
            "wide network for each item on factors of users", factors.users, rest.exchanged(), pairs.exchanged(), isOfUsers: false,
            share: 0.6)
        if let features = ratings.itemFeatures {
            try add("wide network for each user on what is known of items", features, rest, pairs, share: 0.8)
        }
        if let features = ratings.userFeatures {
            try add(
                "wide network for each item on what is known of users", features, rest.exchanged(), pairs.exchanged(), isOfUsers: false,
                share: 0.9)
        }
        self.parts = parts
        self.neighbours = neighbours
        try onProgress(1)
    }

    /// For each part the ridge with the smallest error.
    func chosen(truth: [Double]) -> [Chosen] {
        parts.map { part in
            let errors = part.predictions.map { predictions in RatingCompletion.error(zip(effects, predictions).map { $0 + $1 }, truth) }
            let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
            return Chosen(name: part.name, ridge: part.ridges[best], predictions: part.predictions[best])
        }
    }
}

/// How much each part counts: least squares of what effects leave on the parts' predictions, no weight below 0 or above 4.
struct StackedWeights {
    let weights: [Double]

    /// Hidden ratings to a part below which none is weighed: weights would follow their noise.
    static let leastCountPerPart = 4
    /// What a part says is shrunk by its ridge, but hardly to less than a quarter.
    private static let largestWeight = 4.0

    /// What the sum says of hidden ratings, each half with the weights that the other half gives.
    static func crossFitted(residuals: [Double], effects: [Double], parts: [[Double]], within bounds: (Double, Double)) -> [Double] {
        guard residuals.count >= leastCountPerPart * parts.count else {
            return StackedWeights(residuals: residuals, parts: parts).sum(over: effects, parts: parts, within: bounds)
        }
        var predictions = effects
        for half in 0..<2 {
            let own = effects.indices.filter { $0 % 2 == half }
            let others = effects.indices.filter { $0 % 2 != half }
            let weights = StackedWeights(
                residuals: others.map { residuals[$0] }, parts: parts.map { part in others.map { part[$0] } }, leastCountPerPart: 1)
            let sums = weights.sum(
                over: own.map { effects[$0] }, parts: parts.map { part in own.map { part[$0] } }, within: bounds)
            for (place, sum) in zip(own, sums) { predictions[place] = sum }
        }
        return predictions
    }

    /// - Parameters:
    ///   - residuals: Of hidden ratings.
    ///   - parts: For each part one prediction for each of them.
    ///   - leastCountPerPart: With fewer residuals to a part all weights are 0.
    init(residuals: [Double], parts: [[Double]], leastCountPerPart: Int = StackedWeights.leastCountPerPart) {
        guard residuals.count >= leastCountPerPart * parts.count else {
            self.weights = Array(repeating: 0, count: parts.count)
            return
        }
        var weights = [Double](repeating: 0, count: parts.count)
        let squares = parts.map { part in part.reduce(0) { $0 + $1 * $1 } }
        // Coordinate descent: with a handful of parts it converges in some dozens of sweeps, and clipping at 0 is exact.
        for _ in 0..<500 {
            for index in parts.indices where squares[index] > 0 {
                var dot = 0.0
                for place in residuals.indices {
                    let others = parts.indices.reduce(0) { $0 + ($1 == index ? 0 : weights[$1] * parts[$1][place]) }
                    dot += parts[index][place] * (residuals[place] - others)
                }
                weights[index] = min(max(0, dot / squares[index]), Self.largestWeight)
            }
        }
        self.weights = weights
    }

    func sum(over effects: [Double], parts: [[Double]], within bounds: (Double, Double)) -> [Double] {
        effects.indices.map { place in
            let sum = parts.indices.reduce(effects[place]) { $0 + weights[$1] * parts[$1][place] }
            return min(max(sum, bounds.0), bounds.1)
        }
    }
}

/// Standard deviations of ratings, not calibrated: those of users and items with few ratings are wider.
struct RatingSpread {
    private let scale: Double
    private let userParts: [Double]
    private let itemParts: [Double]

    /// The variance of a shrunken mean of c values of variance 1 is about 1/(c + ridge).
    /// - Parameter scale: The deviation of ratings whose effects are known.
    init(_ ratings: RatingTable, ridges: (user: Double, item: Double), scale: Double) {
        self.scale = scale
        func parts(_ members: [Int], _ count: Int, _ ridge: Double) -> [Double] {
            var counts = [Double](repeating: 0, count: count)
            for member in members { counts[member] += 1 }
            return counts.map { 1 / ($0 + ridge) }
        }
        userParts = parts(ratings.users, ratings.userCount, ridges.user)
        itemParts = parts(ratings.items, ratings.itemCount, ridges.item)
    }

    func deviations(_ pairs: RatingPairs) -> [Double] {
        zip(pairs.users, pairs.items).map { scale * (1 + userParts[$0] + itemParts[$1]).squareRoot() }
    }
}
