internal import EngramNumerics

/// The few networks that did best on single pixels, compared by whole solves without a twentieth of the known pixels.
struct NetworkFinal {
    /// All candidates, those that were compared with their errors.
    let candidates: [NetworkChoice.Candidate]
    /// The one with the least error; nil where too few could be compared.
    let best: NetworkChoice.Candidate?
    /// The one whose mean with it is markedly better.
    let partner: NetworkChoice.Candidate?

    /// Networks that are compared: more cost a solve each, and hardly ever won on the pictures of the benchmark.
    static let finalistCount = 4
    /// Networks that are worse by more than this share on single pixels are not compared.
    private static let largestDistance = 0.05
    /// Fewer known pixels than this tell nothing.
    private static let leastKnownCount = 400
    /// Side of the part of a picture that networks are compared on, its middle: some ten thousand hidden pixels say enough.
    private static let largestSide = 512
    /// A mean of two must take off this share of the error of the better one; less is not worth a second solve.
    private static let leastGain = 0.005

    /// - Parameters:
    ///   - candidates: With their ridges and errors.
    ///   - picture: What is known.
    ///   - padding: What stands beyond the border.
    ///   - seed: Of the draw of hidden pixels.
    ///   - onStep: Called with the number of solves done. What it throws ends the comparison.
    init(
        of candidates: [NetworkChoice.Candidate], for picture: KnownPicture, padding: PicturePadding, seed: UInt64,
        onStep: (Int) throws -> Void
    ) throws {
        let least = candidates.compactMap(\.heldOutError).min() ?? .infinity
        let finalists = candidates.indices.filter { (candidates[$0].heldOutError ?? .infinity) <= (1 + Self.largestDistance) * least }
            .sorted { (candidates[$0].heldOutError ?? .infinity, $0) < (candidates[$1].heldOutError ?? .infinity, $1) }
            .prefix(Self.finalistCount)
        let part = picture.middle(side: Self.largestSide)
        guard finalists.count > 1, part.known.count >= Self.leastKnownCount else {
            (self.candidates, best, partner) = (candidates, nil, nil)
            return
        }
        var generator = SplitMix64(seed: seed ^ 0x66_696E_616C)
        let order = part.known.shuffled(using: &generator)
        let (hidden, kept) = (order.prefix(order.count / 20).sorted(), order.dropFirst(order.count / 20).sorted())
        var compared = candidates
        var predictions: [(index: Int, values: Matrix<Double>)] = []
        func error(_ values: Matrix<Double>) -> Double { values.meanSquaredDifference(to: part.values.rows(at: hidden)).squareRoot() }
        for (number, index) in finalists.enumerated() {
            try onStep(number)
            do {
                let kernel = PictureKernel(
                    try ConvolutionalKernel(candidates[index].network()), height: part.height, width: part.width, padding: padding,
                    known: kept)
                let ridge = (candidates[index].relativeRidge ?? 1e-4) * kernel.value(kept[0], kept[0])
                let fit = try PictureSystem(kernel, ridge: ridge).fit(part.values.rows(at: kept)) { _ in try onStep(number) }
                let values = fit.prediction.rows(at: hidden)
                compared[index].solvedError = error(values)
                predictions.append((index, values))
            } catch is KernelSolverError {
                // What cannot be solved here is not chosen.
                continue
            }
        }
        self.candidates = compared
        let ordered = predictions.sorted { (compared[$0.index].solvedError ?? .infinity) < (compared[$1.index].solvedError ?? .infinity) }
        guard let first = ordered.first, let alone = compared[first.index].solvedError else {
            (best, partner) = (nil, nil)
            return
        }
        var chosen: (error: Double, best: Int, partner: Int?) = (alone, first.index, nil)
        for (place, one) in ordered.enumerated() {
            for other in ordered.dropFirst(place + 1) {
                let mean = error(0.5 * (one.values + other.values))
                if mean < alone * (1 - Self.leastGain), mean < chosen.error { chosen = (mean, one.index, other.index) }
            }
        }
        (best, partner) = (compared[chosen.best], chosen.partner.map { compared[$0] })
    }
}

extension KnownPicture {
    /// The middle of a picture whose sides are at most so long.
    func middle(side: Int) -> KnownPicture {
        guard max(height, width) > side else { return self }
        let (rows, columns) = (min(height, side), min(width, side))
        let (top, left) = ((height - rows) / 2, (width - columns) / 2)
        let pixels = (top..<top + rows).flatMap { row in (left..<left + columns).map { row * width + $0 } }
        return KnownPicture(values: values.rows(at: pixels), isKnown: pixels.map(isKnown), height: rows, width: columns)
    }
}
