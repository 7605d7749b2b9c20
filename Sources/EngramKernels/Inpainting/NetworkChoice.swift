public import EngramNumerics
internal import RealModule

/// Which network completes a picture best, found out on known pixels that are held out.
///
/// Where missing pixels are scattered, each known pixel of a few windows is left out in turn, in closed form. Where they form holes, known
/// pixels are predicted from those around them, without those that are nearer than known pixels are to some missing one: across gaps like
/// those of the mask.
public struct NetworkChoice: Sendable {
    /// A network with how well it did.
    public struct Candidate: Sendable, Equatable {
        /// s.
        public let levels: Int
        /// How the network doubles.
        public let upsampling: ConvolutionalLayer.Upsampling
        /// Convolutions more after each doubling.
        public let smoothing: Int
        /// λ over K(x, x), chosen by generalized cross-validation; nil before.
        public var relativeRidge: Double?
        /// Root mean square error on held-out pixels, over all channels, in units of the values; nil before, and where it failed.
        public var heldOutError: Double?

        /// A candidate that was not tried yet.
        public init(levels: Int, upsampling: ConvolutionalLayer.Upsampling, smoothing: Int) {
            (self.levels, self.upsampling, self.smoothing) = (levels, upsampling, smoothing)
        }

        /// Its network.
        public func network() throws(ConvolutionalKernelError) -> ConvolutionalNetwork {
            try .hourglass(levels: levels, upsampling: upsampling, smoothing: smoothing)
        }
    }

    /// All that were tried, in order.
    public let candidates: [Candidate]
    /// The one with the least error.
    public let best: Candidate

    /// Held-out pixels of large holes: their mean square error is then known to about 10 %, and that of two networks on the same pixels
    /// better.
    private static let heldOutCount = 600
    /// Neighbours of a held-out pixel.
    private static let neighbourCount = 32
    /// Known pixels of a window, and windows: a second of work for a dozen networks, and thousands of pixels that are left out.
    private static let windowCount = 450
    private static let windows = 4
    /// Ridges that are tried, over K(x, x): below there is nothing but rounding, above nothing of the picture.
    private static let ridges = (-18 ... -2).map { Double.pow(10, Double($0) / 2) }
    /// Levels needed from which on pixels are judged across gaps and not by their next neighbours.
    private static let levelsOfHoles = 3

    /// The networks that are worth trying for a mask.
    ///
    /// - Parameters:
    ///   - depths: As from `PictureHoles`.
    ///   - levels: s, where it is given; nil: several.
    public static func candidates(for holes: PictureHoles, levels: Int? = nil) -> [Candidate] {
        // From here on tensors of smooth networks take gigabytes.
        let (largestSmooth, largest) = (3, 6)
        // Networks that never won on the pictures of the benchmark are not among them.
        let depths: [Int]
        if let levels {
            depths = [levels]
        } else if holes.levelsNeeded <= 2 {
            depths = [1, 2, 3, 4]
        } else {
            depths = Array(min(holes.levelsNeeded, largest)...min(holes.levelsNeeded + 1, largest))
        }
        var result: [Candidate] = []
        for depth in depths {
            let isGiven = levels != nil || holes.levelsNeeded >= levelsOfHoles
            if depth > 1 || isGiven { result.append(Candidate(levels: depth, upsampling: .nearest, smoothing: 0)) }
            guard depth > 0 else { continue }
            if depth <= largestSmooth + 1 {
                if depth > 1 || isGiven { result.append(Candidate(levels: depth, upsampling: .nearest, smoothing: 1)) }
                result.append(Candidate(levels: depth, upsampling: .bilinear, smoothing: 0))
            }
            if depth <= largestSmooth { result.append(Candidate(levels: depth, upsampling: .bilinear, smoothing: 2)) }
        }
        return result
    }

    /// Tries candidates.
    ///
    /// - Parameters:
    ///   - candidates: At least one.
    ///   - picture: What is known.
    ///   - holes: Of the same mask.
    ///   - padding: What stands beyond the border.
    ///   - relativeRidge: λ over K(x, x) where it is given.
    ///   - seed: Of the draw of held-out pixels.
    ///   - onStep: Called before each candidate with its number. What it throws ends the choice.
    /// - Throws: `KernelSolverError.nonFinite`, `ConvolutionalKernelError`; what `onStep` throws.
    public init(
        of candidates: [Candidate], for picture: KnownPicture, holes: PictureHoles, padding: PicturePadding = .open,
        relativeRidge: Double? = nil, seed: UInt64, onStep: (Int) throws -> Void = { _ in }
    ) throws {
        precondition(!candidates.isEmpty && !picture.known.isEmpty, "A choice needs networks and known pixels.")
        var generator = SplitMix64(seed: seed)
        let order = PixelOrder(known: picture.known, height: picture.height, width: picture.width)
        let heldOut = (0..<min(Self.heldOutCount, picture.known.count)).map { _ in
            picture.known[Int(generator.next() % UInt64(picture.known.count))]
        }
        let missing = picture.missing
        let exclusions = heldOut.map { _ in
            missing.isEmpty ? 1.0 : Double(holes.distances[missing[Int(generator.next() % UInt64(missing.count))]])
        }
        let windows = (0..<Self.windows).map { _ in
            let centre = picture.known[Int(generator.next() % UInt64(picture.known.count))]
            return [centre]
                + order.neighbours(of: centre, count: Self.windowCount - 1, radius: max(picture.height, picture.width))
        }
        let constants = picture.values.rows(at: picture.known).columnMeans()
        var tried: [Candidate] = []
        for (number, candidate) in candidates.enumerated() {
            try onStep(number)
            let kernel = PictureKernel(
                try ConvolutionalKernel(candidate.network()), height: picture.height, width: picture.width, padding: padding,
                known: picture.known, hasProducts: false)
            let variance = kernel.value(picture.known[0], picture.known[0])
            var result = candidate
            let scattered = try Self.leaveOneOut(
                kernel, picture, windows: windows, constants: constants, variance: variance, given: relativeRidge)
            (result.relativeRidge, result.heldOutError) = (scattered.ridge, scattered.error)
            if holes.levelsNeeded >= Self.levelsOfHoles {
                var local = LocalPrediction(
                    kernel: kernel, ridge: scattered.ridge * variance, order: order, values: picture.values,
                    neighbourCount: Self.neighbourCount)
                // The system has one constant for the whole picture: one that followed the neighbours would flatter shallow networks.
                local.constants = constants
                let predictions = try local.results(at: heldOut, exclusions: exclusions) { _ in try onStep(number) }
                result.heldOutError = Self.error(predictions, at: heldOut, picture)
            }
            tried.append(result)
        }
        self.candidates = tried
        // Of equal errors the first, which is the least deep.
        best = tried.dropFirst().reduce(tried[0]) { ($1.heldOutError ?? .infinity) < ($0.heldOutError ?? .infinity) ? $1 : $0 }
    }

    /// λ over K(x, x) by generalized cross-validation on all windows together, and the error there of leaving each pixel out.
    private static func leaveOneOut(
        _ kernel: PictureKernel, _ picture: KnownPicture, windows: [[Int]], constants: [Double], variance: Double, given: Double?
    ) throws -> (ridge: Double, error: Double?) {
        let grid = (given.map { [$0] } ?? ridges).map { $0 * variance }
        var crossValidation = [Double](repeating: 0, count: grid.count)
        var leftOut = crossValidation
        for pixels in windows {
            let places = pixels.map { picture.place(of: $0) }
            var targets = picture.values.rows(at: pixels)
            targets.addToRows(constants, scaledBy: -1)
            let spectrum = try KernelSpectrum(kernel.block(at: places, columns: places))
            let selection = try RidgeSelection(of: spectrum, targets: targets, criterion: .generalizedCrossValidation, grid: grid)
            for (index, ridge) in grid.enumerated() {
                guard let point = selection.curve.first(where: { $0.ridge == ridge }) else { continue }
                crossValidation[index] += point.generalizedCrossValidationError / Double(windows.count)
                leftOut[index] += point.leaveOneOutError / Double(windows.count)
            }
        }
        // Of equal errors the largest ridge.
        let best = grid.indices.reduce(0) { crossValidation[$1] <= crossValidation[$0] ? $1 : $0 }
        return (grid[best] / variance, leftOut[best].isFinite ? leftOut[best].squareRoot() : nil)
    }

    private static func error(_ results: [LocalPrediction.Result?], at pixels: [Int], _ picture: KnownPicture) -> Double? {
        var (sum, count) = (0.0, 0)
        for (pixel, result) in zip(pixels, results) {
            guard let result else { continue }
            for channel in result.prediction.indices {
                let error = result.prediction[channel] - picture.values[pixel, channel]
                sum += error * error
                count += 1
            }
        }
        return count > 0 && sum.isFinite ? (sum / Double(count)).squareRoot() : nil
    }
}
