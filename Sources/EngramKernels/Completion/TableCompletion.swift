public import EngramNumerics
internal import RealModule

/// A table's missing cells, filled in closed form by the priors that do best on known cells that were hidden.
///
/// The priors of [R23] chapter 3 stand side by side: the identity (a column's mean), what is known of the columns (metadata), a linear
/// network on a row's other cells, and an infinitely wide ReLU network on the previous imputation. A twentieth of the known cells is hidden,
/// up to eight times over; the priors, and means of several, compete on them. The same hidden cells calibrate the intervals.
public struct TableCompletion: Sendable {
    /// What can be chosen.
    public struct Settings: Sendable, Equatable {
        /// Depths of the network to choose from, each at least 1.
        public var depths = [1, 3]
        /// Rounds of imputation by kernels. The second one profits from the first; later ones begin to believe what they filled in.
        public var roundCount = 2
        /// Imagined rows of the linear network, to choose from.
        public var linearRidges: [Double] = [2, 10]
        /// Most times that a twentieth of the known cells is hidden.
        public var maxFoldCount = 8
        /// Share of missing cells' true values that intervals are to hold.
        public var coverage = 0.9
        /// Known cells named for each filled one.
        public var neighbourCount = 5
        /// Most bytes of one kernel system.
        public var byteLimit = 2 << 30
        /// About the most operations that all kernel systems may take; a table that needs more gets fewer rows for each. 2e13 are some ten
        /// minutes of two processors.
        public var operationLimit = 2e13
        /// Of hidden cells and of rows that hyperparameters are chosen on.
        public var seed: UInt64 = 0

        /// The documented defaults.
        public init() {}
    }

    /// How a prior did on hidden cells.
    public struct PriorResult: Sendable, Equatable {
        /// In words for reports.
        public let name: String
        /// Root mean square error, each cell over its column's standard deviation.
        public let heldOutError: Double
        /// Its share in the values that were filled in, from 0 to 1.
        public var share: Double
    }

    /// A known cell that was hidden and filled.
    public struct HeldOutCell: Sendable, Equatable {
        /// Where it stands.
        public let row: Int
        /// Its group of columns.
        public let group: Int
        /// What was filled in, one for each column of the group.
        public let predictions: [Double]
        /// The first column's standard deviation, not calibrated.
        public let deviation: Double
    }

    /// A known cell that a filled one came from.
    public struct Source: Sendable, Equatable {
        /// Where it stands.
        public let row: Int
        /// Its group of columns.
        public let group: Int
        /// The weight of its standardised value in the sum.
        public var weight: Double
    }

    /// What was found.
    public struct Result: Sendable {
        /// Every cell filled, shape `[rows, columns]`.
        public var values: Matrix<Double>
        /// Half the width of the interval around a filled cell, in its column's unit; 0 where a cell is known.
        public var halfWidths: Matrix<Double>
        /// Posterior standard deviations in the column's unit, not calibrated.
        public var deviations: Matrix<Double>
        /// For filled cells by `row · groups + group` the known cells that weigh most, largest first: of the same group in other rows for wide
        /// networks, of the same row for linear ones. None for cells that are filled by means or low-rank factors alone.
        public var sources: [Int: [Source]]
        /// Each prior's error, best first.
        public var priors: [PriorResult]
        /// Cells that were hidden, each once, filled by the mean of priors that others of them choose.
        public var heldOut: [HeldOutCell]
        /// Deviations times this are the half widths.
        public var calibration: Double
        /// Share of hidden cells inside their interval, each judged by a choice and a calibration without its fold, in one fold by those of the
        /// other half; nil where too few cells can be hidden.
        public var heldOutCoverage: Double?
        /// Depth of the network.
        public var depth: Int
        /// Ridges of the groups.
        public var ridges: [Double]
        /// Root mean square error on hidden cells, each over its column's standard deviation and judged as for `heldOutCoverage`.
        public var heldOutError: Double
        /// Rows that each regression was cut to; nil where all took part.
        public var exampleLimit: Int?
        /// Whether the table was too wide for a regression for each column.
        public var isWithoutKernels: Bool
    }

    /// What is chosen.
    public var settings: Settings

    /// A completion.
    public init(settings: Settings = Settings()) { self.settings = settings }

    /// Fills every missing cell.
    ///
    /// - Parameters:
    ///   - matrix: At least one cell known in each group, at least one missing.
    ///   - onProgress: Called with the share of the work that is done; what it throws ends the completion.
    /// - Throws: `KernelSolverError`; what `onProgress` throws.
    public func complete(_ matrix: IncompleteMatrix, onProgress: (Double) throws -> Void = { _ in }) throws -> Result {
        try withoutActuallyEscaping(onProgress) { try complete(matrix, reporting: $0) }
    }

    private func complete(_ matrix: IncompleteMatrix, reporting onProgress: @escaping (Double) throws -> Void) throws -> Result {
        let (standard, means, scales) = matrix.standardised()
        var generator = CounterBasedGenerator(seed: settings.seed, stream: 0x636F_6D70)
        let folds = HeldOutFolds(standard, maxCount: settings.maxFoldCount, using: &generator)
        let limit = exampleLimit(standard, folds: folds.cells.count)
        let progress = CompletionProgress(fitCount: fitCount(groups: standard.groups.count, folds: folds.cells.count), onProgress)
        var study = HeldOutStudy(standard, folds: folds)
        let limits = limit.map {
            KernelImputation.Limits(
                byteCount: settings.byteLimit, exampleCount: $0, order: Array(0..<standard.rowCount).shuffled(using: &generator))
        }
        let start = try linearStart(standard, limits: limits, study: &study, progress: progress)
        let choices = try limits.map {
            try self.choices(standard, start: start, limits: $0, using: &generator, progress: progress)
        }
        for (fold, cells) in folds.cells.enumerated() {
            guard let limits, let choices else { break }
            let kernels = KernelImputation(matrix: standard.hiding(cells), limits: limits)
            let rounds = try rounds(kernels, start: start.folds[fold], choices: choices, progress: progress)
            for (index, imputation) in rounds.enumerated() { study.add(imputation, name: Self.roundName(index), fold: fold) }
        }
        let mixture = study.mixture()
        var candidates = start.candidates
        if let limits, let choices {
            let final = try rounds(
                KernelImputation(matrix: standard, limits: limits), start: start.full, choices: choices,
                sourceCounts: (0..<settings.roundCount).map { index in
                    mixture.shares.contains { $0.name == Self.roundName(index) } ? settings.neighbourCount : 0
                }, progress: progress)
            for (index, imputation) in final.enumerated() { candidates[Self.roundName(index)] = imputation }
        }
        let parts = mixture.shares.compactMap { share in candidates[share.name].map { (imputation: $0, share: share.share) } }
        let mixed = Imputation.mixture(parts)
        let judgement = study.judgement()
        let calibration = study.calibration(judgement, coverage: settings.coverage)
        let (values, deviations) = Self.restored(mixed, matrix, standard, means: means, scales: scales)
        return Result(
            values: values, halfWidths: calibration.factor * deviations, deviations: deviations,
            sources: Imputation.sources(parts, count: settings.neighbourCount),
            priors: study.results(mixture), heldOut: study.heldOut(judgement, means: means, scales: scales),
            calibration: calibration.factor, heldOutCoverage: calibration.coverage, depth: choices?.first?.depth ?? 1,
            ridges: choices?.map(\.ridge) ?? [], heldOutError: study.error(of: judgement),
            exampleLimit: limit.flatMap { $0 < standard.rowCount ? $0 : nil }, isWithoutKernels: limit == nil)
    }

    /// An imputation of the standardised matrix in the units of the columns.
    private static func restored(
        _ mixed: Imputation, _ matrix: IncompleteMatrix, _ standard: IncompleteMatrix, means: [Double], scales: [Double]
    ) -> (values: Matrix<Double>, deviations: Matrix<Double>) {
        var (values, deviations) = (mixed.values, mixed.deviations)
        values.scaleColumns(by: scales)
        values.addToRows(means)
        deviations.scaleColumns(by: scales)
        // Known cells come back as they were, not as scaling and unscaling leave them.
        for row in 0..<matrix.rowCount {
            for column in 0..<matrix.values.columnCount where !matrix.values[row, column].isNaN {
                values[row, column] = matrix.values[row, column]
            }
        }
        // A constant column has no spread to be uncertain about, and what priors say of it is rounding.
        for (group, columns) in standard.groups.enumerated() where standard.isConstant(group: group) {
            for row in standard.rows(ofGroup: group).missing {
                for column in columns { (values[row, column], deviations[row, column]) = (means[column], 0) }
            }
        }
        return (values, deviations)
    }

    /// The largest number of rows for which all kernel systems stay within the limit of operations; nil where not even a few hundred do.
    private func exampleLimit(_ matrix: IncompleteMatrix, folds: Int) -> Int? {
        let groupCount = matrix.groups.count
        let ofRows = matrix.rowFeatures == nil ? 0 : groupCount * (folds + 1)
        let fits = Double(fitCount(groups: groupCount, folds: folds) + ofRows)
        let missing = matrix.groups.indices.reduce(0) { $0 + matrix.rows(ofGroup: $1).missing.count }
        let missingCount = Double(missing) / Double(max(matrix.groups.count, 1))
        let sizes = [matrix.rowCount] + [16_384, 8192, 4096, 2048, 1024, 512].filter { $0 < matrix.rowCount }
        return sizes.first { size in
            let n = Double(size)
            // A factorization and the diagonal of its inverse, then the products of features and those with missing rows.
            let products = Double(matrix.values.columnCount) + missingCount
            return fits * (2 * n * n * n / 3 + 2 * n * n * products) <= settings.operationLimit
        }
    }

    private func fitCount(groups: Int, folds: Int) -> Int {
        // A choice of ridges costs about as much as a fit.
        let trialCount = settings.depths.count > 1 ? min(folds, Self.depthFoldCount) : 0
        return groups * ((folds + 1) * settings.roundCount + settings.depths.count * (1 + trialCount))
    }

    private static func roundName(_ index: Int) -> String { "wide network on the imputation before, round \(index + 1)" }

    /// The share of all operations that each of the other priors may take.
    private static let firstPriorShare = 0.25

    /// The priors besides the wide networks, on the whole and on every fold; and the one that did best, which kernels start from.
    private func linearStart(
        _ matrix: IncompleteMatrix, limits: KernelImputation.Limits?, study: inout HeldOutStudy, progress: CompletionProgress
    ) throws -> Start {
        var candidates: [String: Imputation] = [:]
        var starts: [(name: String, folds: [Imputation])] = []
        let task = FirstPrior.Task(
            matrix: matrix, fillCount: study.folds.cells.count + 1, limits: limits,
            operationLimit: Self.firstPriorShare * settings.operationLimit, ridges: settings.linearRidges)
        let priors = try FirstPrior.all(task, onStep: progress.check)
        progress.plan(priors.count * task.fillCount)
        for prior in priors {
            study.enter(prior.name)
            let folds = try study.folds.cells.map { cells in
                let filled = try prior.impute(matrix.hiding(cells), 0, progress.check)
                try progress.advance()
                return filled
            }
            for (fold, imputation) in folds.enumerated() { study.add(imputation, name: prior.name, fold: fold) }
            candidates[prior.name] = try prior.impute(matrix, settings.neighbourCount, progress.check)
            try progress.advance()
            starts.append((prior.name, folds))
        }
        let best = starts.indices.min { study.error(of: starts[$0].name) < study.error(of: starts[$1].name) } ?? 0
        let chosen = starts[best]
        return Start(
            full: candidates[chosen.name] ?? .filledWithMeans(matrix.values), folds: chosen.folds, hidden: study.folds,
            candidates: candidates)
    }

    /// What kernels start from, and all that was tried for it.
    private struct Start {
        var full: Imputation
        /// One for each fold of `hidden`.
        var folds: [Imputation]
        var hidden: HeldOutFolds
        /// All of them on the whole.
        var candidates: [String: Imputation]
    }

    /// Ridges by leaving rows out, and the depth whose first round does best on the first hidden cells.
    ///
    /// Depths are not compared by leaving rows out: the imputation that features come from has seen the cell that is left out, and a network
    /// that follows its features too closely would look better than it is.
    private func choices(
        _ matrix: IncompleteMatrix, start: Start, limits: KernelImputation.Limits,
        using generator: inout some RandomNumberGenerator, progress: CompletionProgress
    ) throws -> [KernelImputation.Choice] {
        let whole = KernelImputation(matrix: matrix, limits: limits)
        var best: (error: Double, choices: [KernelImputation.Choice])?
        for depth in settings.depths {
            let choices = try whole.choices(
                start.full.values, depth: depth, using: &generator, onGroup: progress.advance, onStep: progress.check)
            guard settings.depths.count > 1, !start.hidden.cells.isEmpty else { return choices }
            var tried = HeldOutStudy(matrix, folds: HeldOutFolds(cells: Array(start.hidden.cells.prefix(Self.depthFoldCount))))
            for (fold, cells) in tried.folds.cells.enumerated() {
                let hidden = KernelImputation(matrix: matrix.hiding(cells), limits: limits)
                let found = try hidden.round(start.folds[fold].values, choices: choices, onGroup: progress.advance, onStep: progress.check)
                tried.add(found, name: "round", fold: fold)
            }
            let error = tried.error(of: "round")
            if best.map({ error < $0.error }) ?? true { best = (error, choices) }
        }
        return best?.choices ?? []
    }

    /// Folds that depths are compared on.
    private static let depthFoldCount = 2

    /// Rounds of imputation by kernels, each on what the one before filled in.
    /// - Parameter sourceCounts: For each round, how many known cells are named; nil: none.
    private func rounds(
        _ kernels: KernelImputation, start: Imputation, choices: [KernelImputation.Choice], sourceCounts: [Int]? = nil,
        progress: CompletionProgress
    ) throws -> [Imputation] {
        var (imputations, current) = ([Imputation](), start)
        for round in 0..<settings.roundCount {
            current = try kernels.round(
                current.values, choices: choices, sourceCount: sourceCounts?[round] ?? 0, onGroup: progress.advance,
                onStep: progress.check)
            imputations.append(current)
        }
        return imputations
    }
}

/// Counts fits of kernels, which are nearly all of the work and nearly equal.
final class CompletionProgress {
    private var fitCount: Int
    private var doneCount = 0
    private let report: (Double) throws -> Void

    init(fitCount: Int, _ report: @escaping (Double) throws -> Void) {
        self.fitCount = max(fitCount, 1)
        self.report = report
    }

    /// So many fits more are to be done; before any is.
    func plan(_ more: Int) { fitCount += more }

    private var share: Double { min(Double(doneCount) / Double(fitCount), 1) }

    /// Another fit is done.
    func advance() throws {
        doneCount += 1
        try report(share)
    }

    /// Nothing is done yet, but the caller may want to stop.
    func check() throws { try report(share) }
}
