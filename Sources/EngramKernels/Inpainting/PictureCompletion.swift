public import EngramNumerics

/// A picture completed by an infinitely wide convolutional network: the network chosen on held-out pixels, one solve for all channels,
/// the uncertainty of every missing pixel, and the known pixels that one of them came from.
public struct PictureCompletion: Sendable {
    /// What may be said about it.
    public struct Settings: Sendable, Equatable {
        /// s; nil: chosen.
        public var levels: Int?
        /// λ over K(x, x); nil: chosen.
        public var relativeRidge: Double?
        /// What stands beyond the border.
        public var padding: PicturePadding
        /// Seed of the draw of held-out pixels.
        public var seed: UInt64
        /// A missing pixel to explain, row·width + column; nil: the one that is least certain, of two networks under the first.
        public var explained: Int?
        /// Bytes that a network's kernel may take; dearer ones are not tried.
        public var byteLimit: Double

        /// Everything chosen; 3 GiB for a kernel.
        public init() {
            padding = .open
            seed = 0
            byteLimit = 3 * 1_073_741_824
        }
    }

    /// What is being done, for a display of progress.
    public enum Step: Sendable, Equatable {
        /// Candidate number `number` of `count` is tried.
        case choosing(number: Int, count: Int)
        /// One of the few best is compared with the others by a whole solve.
        case comparing(number: Int, count: Int)
        /// The kernel is computed.
        case preparing
        /// Deviations: a share of them is done.
        case measuring(share: Double)
        /// So many iterations are done.
        case solving(iteration: Int)
    }

    /// The completed picture, known pixels unchanged, shape `[height·width, channels]`; not clipped.
    public let values: Matrix<Double>
    /// Posterior standard deviation of each pixel, shape `[height·width, channels]`; 0 for known pixels, and for all pixels of a channel
    /// whose known values are equal and so say nothing of it. From the nearest known pixels, so never below that from all of them under the
    /// same kernel.
    public let deviations: Matrix<Double>
    /// The pixel that is explained.
    public let explained: Int
    /// Weights of all pixels in it, shape `[height·width]`, 0 for missing ones; they sum to 1.
    public let influence: [Double]
    /// The network.
    public let choice: NetworkChoice.Candidate
    /// The second network, if the picture is the mean of two; deviations and influence are then means of both, too.
    public let partner: NetworkChoice.Candidate?
    /// All that were tried.
    public let candidates: [NetworkChoice.Candidate]
    /// Iterations of conjugate gradients, of two networks the larger number; 0 if Cholesky was used.
    public let iterationCount: Int
    /// Largest relative residual.
    public let largestResidual: Double

    /// Completes a picture.
    ///
    /// - Parameters:
    ///   - picture: At least one pixel is known and one is missing.
    ///   - holes: Of the same picture.
    ///   - settings: What is given.
    ///   - onStep: Called between steps. What it throws ends the completion.
    /// - Throws: `KernelSolverError`; `ConvolutionalKernelError`; what `onStep` throws.
    public init(
        of picture: KnownPicture, holes: PictureHoles, settings: Settings = Settings(), onStep: (Step) throws -> Void = { _ in }
    ) throws {
        let missing = picture.missing
        precondition(!picture.known.isEmpty && !missing.isEmpty, "A completion needs known and missing pixels.")
        let affordable = try Self.affordable(for: picture, holes: holes, settings: settings)
        let choice = try NetworkChoice(
            of: affordable, for: picture, holes: holes, padding: settings.padding, relativeRidge: settings.relativeRidge,
            seed: settings.seed
        ) {
            try onStep(
                $0 < affordable.count
                    ? .choosing(number: $0, count: affordable.count)
                    : .comparing(number: $0 - affordable.count, count: NetworkChoice.finalistCount))
        }
        let networks = [choice.best] + (choice.partner.map { [$0] } ?? [])
        var parts: [NetworkPart] = []
        for (number, network) in networks.enumerated() {
            parts.append(
                try NetworkPart(
                    of: network, for: picture, padding: settings.padding, explained: parts.first?.explained ?? settings.explained
                ) {
                    step in
                    switch step {
                    case .measuring(let share): try onStep(.measuring(share: (Double(number) + share) / Double(networks.count)))
                    default: try onStep(step)
                    }
                })
        }
        let share = 1 / Double(parts.count)
        func mean(_ value: (NetworkPart) -> Matrix<Double>) -> Matrix<Double> {
            parts.count == 1 ? value(parts[0]) : share * parts.dropFirst().reduce(value(parts[0])) { $0 + value($1) }
        }
        values = picture.completed(by: mean(\.prediction))
        deviations = mean(\.deviations)
        influence = mean(\.influence).elements
        explained = parts[0].explained
        self.choice = choice.best
        partner = choice.partner
        candidates = choice.candidates
        iterationCount = parts.map(\.iterationCount).max() ?? 0
        largestResidual = parts.map(\.largestResidual).max() ?? 0
    }

    /// The candidates that fit the limit; where none of the depths that the holes ask for does, those of the deepest that does.
    /// - Throws: `KernelSolverError.exceedsMemory` if none does.
    private static func affordable(
        for picture: KnownPicture, holes: PictureHoles, settings: Settings
    ) throws -> [NetworkChoice.Candidate] {
        let all = NetworkChoice.candidates(for: holes, levels: settings.levels)
        func cost(_ candidate: NetworkChoice.Candidate) throws -> Double {
            PictureKernel.byteCount(
                of: try candidate.network(), height: picture.height, width: picture.width, padding: settings.padding,
                rightCount: picture.values.columnCount + 2)
        }
        let costs = try all.map { try cost($0) }
        var kept = all.indices.filter { costs[$0] <= settings.byteLimit }.map { all[$0] }
        var depth = (all.map(\.levels).min() ?? 0) - 1
        while kept.isEmpty, settings.levels == nil, depth > 0 {
            kept = try NetworkChoice.candidates(for: holes, levels: depth).filter { try cost($0) <= settings.byteLimit }
            depth -= 1
        }
        guard !kept.isEmpty else {
            throw KernelSolverError.exceedsMemory(
                needed: Int(exactly: (costs.min() ?? 0).rounded()) ?? .max, limit: Int(exactly: settings.byteLimit.rounded()) ?? .max,
                count: picture.known.count, rightCount: picture.values.columnCount)
        }
        return kept
    }

    /// Bytes that a completion takes besides the network's kernel: pictures, the solver, and the factor that preconditions it.
    ///
    /// - Parameters:
    ///   - height: Rows.
    ///   - width: Columns.
    ///   - channels: Of each pixel.
    public static func byteCount(height: Int, width: Int, channels: Int) -> Double {
        let pixels = Double(height) * Double(width)
        // An entry is a weight and a place, and lists grow by doubling. A right side more than channels: the constant, and what is explained.
        let factor = 2 * 12.0 * Double(SparseInverseFactor.defaultNeighbourCount + 1)
        return pixels * (factor + 8 * (30 * Double(channels + 2) + 40))
    }
}

/// What one network makes of a picture.
private struct NetworkPart {
    /// At every pixel, shape `[height·width, channels]`.
    let prediction: Matrix<Double>
    /// Shape `[height·width, channels]`; 0 for known pixels.
    let deviations: Matrix<Double>
    /// Weights of all pixels in the explained one, shape `[height·width, 1]`.
    let influence: Matrix<Double>
    let explained: Int
    let iterationCount: Int
    let largestResidual: Double

    init(
        of network: NetworkChoice.Candidate, for picture: KnownPicture, padding: PicturePadding, explained given: Int?,
        onStep: (PictureCompletion.Step) throws -> Void
    ) throws {
        try onStep(.preparing)
        let missing = picture.missing
        let kernel = PictureKernel(
            try ConvolutionalKernel(network.network()), height: picture.height, width: picture.width, padding: padding,
            known: picture.known)
        let system = PictureSystem(kernel, ridge: (network.relativeRidge ?? 1e-4) * kernel.value(missing[0], missing[0]))
        let relative = try system.deviations(at: missing) { try onStep(.measuring(share: Double($0) / Double(missing.count))) }
        let least = missing.indices.reduce(0) { relative[$1] > relative[$0] ? $1 : $0 }
        explained = given ?? missing[least]
        let fit = try system.fit(picture.values.rows(at: picture.known), explaining: [explained]) {
            try onStep(.solving(iteration: $0))
        }
        prediction = fit.prediction
        let channels = picture.values.columnCount
        var deviations = Matrix<Double>(rowCount: picture.height * picture.width, columnCount: channels)
        for (index, pixel) in missing.enumerated() {
            for channel in 0..<channels { deviations[pixel, channel] = relative[index] * fit.scales[channel].squareRoot() }
        }
        self.deviations = deviations
        var influence = Matrix<Double>(rowCount: picture.height * picture.width, columnCount: 1)
        for (place, pixel) in picture.known.enumerated() { influence[pixel, 0] = fit.weights[place, 0] }
        self.influence = influence
        (iterationCount, largestResidual) = (fit.iterationCount, fit.largestResidual)
    }
}
