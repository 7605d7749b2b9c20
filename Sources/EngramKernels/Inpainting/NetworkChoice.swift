internal import EngramNumerics
internal import RealModule

/// Which network completes a picture best, found out on known pixels that are held out.
///
/// Each held-out pixel is predicted from the known pixels around it, without those that are nearer than known pixels are to some missing
/// one: across gaps like those of the mask. The ridge comes first, by generalized cross-validation on a few windows of known pixels. Where
/// missing pixels are scattered, the few best are then compared by whole solves without a twentieth of the known pixels, alone and in pairs:
/// a few neighbours alone do not tell networks apart that see far.
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
        /// The same of a solve with all known pixels but a twentieth, for the few that were compared so.
        public var solvedError: Double?

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
    /// The one whose mean with `best` is markedly better than either; nil: none.
    public let partner: Candidate?

    /// Held-out pixels: their mean square error is then known to some percent, and that of two networks on the same pixels better.
    private static let heldOutCount = 1500
    /// Neighbours of a held-out pixel.
    private static let neighbourCount = 32
    /// Known pixels of a window, and windows: a second of work for a dozen networks.
    private static let windowCount = 400
    private static let windows = 4
    /// Ridges that are tried, over K(x, x): below there is nothing but rounding, above nothing of the picture.
    private static let ridges = (-18 ... -2).map { Double.pow(10, Double($0) / 2) }
    /// A ridge over K(x, x) that is tried beside a larger one.
    private static let smallRidge = 1e-4
    /// Levels needed from which on missing pixels form holes and are not scattered.
    private static let levelsOfHoles = 3
    /// Share of an error that held-out pixels of holes cannot tell: their errors hang together.
    private static let indistinguishable = 0.02

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
            depths = Array(max(1, holes.levelsNeeded)...4)
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
    ///   - onStep: Called before each candidate with its number, and then with larger ones before each of the few best, of which there are at
    ///     most `finalistCount`. What it throws ends the choice.
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
            let ridge = try relativeRidge ?? Self.ridge(kernel, picture, windows: windows, constants: constants, variance: variance)
            // Windows are few, so a large ridge has to hold on pixels of the whole picture.
            let alternatives = relativeRidge == nil && ridge > Self.smallRidge ? [ridge, Self.smallRidge] : [ridge]
            for alternative in alternatives {
                var local = LocalPrediction(
                    kernel: kernel, ridge: alternative * variance, order: order, values: picture.values,
                    neighbourCount: Self.neighbourCount)
                // The system has one constant for the whole picture: one that followed the neighbours would flatter shallow networks.
                local.constants = constants
                let predictions = try local.results(at: heldOut, exclusions: exclusions) { _ in try onStep(number) }
                let error = Self.error(predictions, at: heldOut, picture, constants: constants)
                guard result.relativeRidge == nil || (error ?? .infinity) < (result.heldOutError ?? .infinity) else { continue }
                (result.relativeRidge, result.heldOutError) = (alternative, error)
            }
            tried.append(result)
        }
        let least = tried.compactMap(\.heldOutError).min() ?? .infinity
        // Across gaps, networks whose errors differ by less than so few pixels can tell are equal, and the deepest sees the farthest rim.
        let slack = holes.levelsNeeded >= Self.levelsOfHoles ? 1 + Self.indistinguishable : 1
        let equal = tried.filter { ($0.heldOutError ?? .infinity) <= slack * least }
        let local = equal.dropFirst().reduce(equal.first ?? tried[0]) { $1.levels > $0.levels ? $1 : $0 }
        guard holes.levelsNeeded < Self.levelsOfHoles else {
            (self.candidates, best, partner) = (tried, local, nil)
            return
        }
        let final = try NetworkFinal(of: tried, for: picture, padding: padding, seed: seed) { try onStep(candidates.count + $0) }
        (self.candidates, best, partner) = (final.candidates, final.best ?? local, final.partner)
    }

    /// Most networks that are compared by whole solves.
    public static let finalistCount = NetworkFinal.finalistCount

    /// λ over K(x, x) by generalized cross-validation on all windows together.
    private static func ridge(
        _ kernel: PictureKernel, _ picture: KnownPicture, windows: [[Int]], constants: [Double], variance: Double
    ) throws -> Double {
        let grid = ridges.map { $0 * variance }
        var errors = [Double](repeating: 0, count: grid.count)
        for pixels in windows {
            let places = pixels.map { picture.place(of: $0) }
            var targets = picture.values.rows(at: pixels)
            targets.addToRows(constants, scaledBy: -1)
            let spectrum = try KernelSpectrum(kernel.block(at: places, columns: places))
            let selection = try RidgeSelection(of: spectrum, targets: targets, criterion: .generalizedCrossValidation, grid: grid)
            for (index, ridge) in grid.enumerated() {
                errors[index] += selection.curve.first { $0.ridge == ridge }?.generalizedCrossValidationError ?? 0
            }
        }
        // Of equal errors the largest ridge.
        return ridges[grid.indices.reduce(0) { errors[$1] <= errors[$0] ? $1 : $0 }]
    }

    /// Root mean square; a pixel that nothing is said of has the constant under the picture.
    private static func error(
        _ results: [LocalPrediction.Result?], at pixels: [Int], _ picture: KnownPicture, constants: [Double]
    ) -> Double? {
        var (sum, count) = (0.0, 0)
        for (pixel, result) in zip(pixels, results) {
            let prediction = result?.prediction ?? constants
            for channel in prediction.indices {
                let error = prediction[channel] - picture.values[pixel, channel]
                sum += error * error
                count += 1
            }
        }
        return count > 0 && sum.isFinite ? (sum / Double(count)).squareRoot() : nil
    }
}
