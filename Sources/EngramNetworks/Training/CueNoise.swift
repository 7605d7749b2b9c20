public import EngramDynamics
internal import EngramNumerics
internal import EngramSystem

/// Noise of training copies as cues have it: made in the space of the examples, not in the coordinates of training.
///
/// Noise that is even in pixels is uneven in conditioned coordinates: directions in which examples differ little are stretched by
/// S^(-p), and the noise in them with it. And replacing entries also shrinks what is left of the example. A network that is to recall
/// from such cues has to see them.
public struct CueNoise: Sendable, Equatable {
    /// What replaced entries are drawn from, uniformly.
    public var range: ClosedRange<Double>
    /// Each copy has a share of its entries replaced, itself drawn from U[0, this].
    public var maximumFraction: Double
    /// Where the examples are pictures, every other set of copies has rectangles of one colour instead, sides of half to twice a
    /// square's, covering a share of the area drawn from U[0, this].
    public var maximumArea: Double
    /// How the entries lie; nil where rectangles mean nothing.
    public var raster: Raster?

    /// All of it at once.
    public init(range: ClosedRange<Double>, maximumFraction: Double, maximumArea: Double = 0, raster: Raster? = nil) {
        precondition(
            (0...1).contains(maximumFraction) && (0...1).contains(maximumArea), "Shares of an example lie in [0, 1].")
        self.range = range
        self.maximumFraction = maximumFraction
        self.maximumArea = maximumArea
        self.raster = raster
    }
}

/// Corrupted copies of a set of examples in training coordinates, an eighth of them drawn anew for each epoch.
///
/// Drawing them all would cost as much as the training step itself; each copy serves for eight epochs.
struct CueCopies<Scalar: NumericScalar>: Sendable {
    /// The copies, shape `[n, r]`, in the order of the examples.
    var rows: Matrix<Scalar>
    /// Renewals so far; with `rows` and the generator all that the next ones depend on.
    private(set) var renewalCount = 0
    private let noise: CueNoise
    private let samples: Matrix<Scalar>
    /// Takes a row of samples to coordinates: z = x E - offset, shape `[d, r]`.
    private let encoder: Matrix<Scalar>
    private let offset: [Scalar]
    private var block: Matrix<Scalar>
    private var encoded: Matrix<Scalar>
    private var draws: [Scalar]
    private var fractions: [Scalar]
    /// The examples in order, and from the first again, so that every block is a slice and no epoch allocates.
    private let cyclicOrder: [Int]

    /// - Parameters:
    ///   - samples: Shape `[n, d]`, n ≥ 1.
    ///   - encoder: E, shape `[d, r]`.
    ///   - offset: Shape `[r]`.
    init(
        of samples: Matrix<Scalar>, noise: CueNoise, encoder: Matrix<Scalar>, offset: [Scalar],
        using generator: inout CounterBasedGenerator
    ) {
        precondition(samples.rowCount >= 1 && encoder.rowCount == samples.columnCount, "Copies need examples that the encoder takes.")
        if let raster = noise.raster {
            precondition(raster.count == samples.columnCount, "The raster does not fit examples of \(samples.columnCount).")
        }
        self.samples = samples
        self.noise = noise
        self.encoder = encoder
        self.offset = offset
        let size = (samples.rowCount + 7) / 8
        block = Matrix(rowCount: size, columnCount: samples.columnCount)
        encoded = Matrix(rowCount: size, columnCount: encoder.columnCount)
        draws = Array(repeating: 0, count: size * samples.columnCount)
        fractions = Array(repeating: 0, count: size)
        cyclicOrder = (0..<samples.rowCount + size).map { $0 % samples.rowCount }
        rows = Matrix(rowCount: samples.rowCount, columnCount: encoder.columnCount)
        for _ in 0..<8 { renew(using: &generator) }
        renewalCount = 0
    }

    /// Draws the next eighth of the copies.
    mutating func renew(using generator: inout CounterBasedGenerator) {
        let size = block.rowCount
        let first = renewalCount * size % samples.rowCount
        block.copyRows(at: cyclicOrder[first..<first + size], of: samples, toRow: 0)
        // Blocks take turns, and since eight blocks are a whole pass, so do passes.
        let takesRectangles = noise.raster != nil && noise.maximumArea > 0 && (renewalCount + renewalCount / 8) % 2 == 1
        if takesRectangles { coverRectangles(using: &generator) } else { replaceEntries(using: &generator) }
        encoded.setToProduct(block, encoder)
        encoded.addToRows(offset, scaledBy: -1)
        for place in 0..<size {
            rows.copyRows(at: cyclicOrder[place..<place + 1], of: encoded, toRow: cyclicOrder[first + place])
        }
        renewalCount += 1
    }

    /// Puts back what a checkpoint holds.
    mutating func restore(rows: Matrix<Scalar>, renewalCount: Int) {
        self.rows = rows
        self.renewalCount = renewalCount
    }

    private mutating func replaceEntries(using generator: inout CounterBasedGenerator) {
        for row in fractions.indices { fractions[row] = Scalar(noise.maximumFraction * generator.nextUniform()) }
        generator.fillUniform(&draws)
        let (least, span) = (Scalar(noise.range.lowerBound), Scalar(noise.range.upperBound - noise.range.lowerBound))
        block.replaceEntries(below: fractions, draws: draws, least: least, span: span)
    }

    private mutating func coverRectangles(using generator: inout CounterBasedGenerator) {
        guard let raster = noise.raster else { return }
        let (least, span) = (noise.range.lowerBound, noise.range.upperBound - noise.range.lowerBound)
        for row in 0..<block.rowCount {
            let area = noise.maximumArea * generator.nextUniform() * Double(raster.height * raster.width)
            // Twice as wide as high to half as wide, evenly in the logarithm.
            let aspect = power(4, generator.nextUniform() - 0.5)
            let height = min(Int(saturating: (area / aspect).squareRoot().rounded()), raster.height)
            let width = height == 0 ? 0 : min(Int(saturating: (area / Double(height)).rounded()), raster.width)
            let top = Int(saturating: Double(raster.height - height + 1) * generator.nextUniform())
            let left = Int(saturating: Double(raster.width - width + 1) * generator.nextUniform())
            for channel in 0..<raster.channels {
                let colour = Scalar(least + span * generator.nextUniform())
                for y in top..<top + height {
                    for x in left..<left + width { block[row, (y * raster.width + x) * raster.channels + channel] = colour }
                }
            }
        }
    }
}

extension Matrix {
    /// Replaces each entry whose draw u is below its row's fraction m by least + span·u/m, which is uniform again.
    ///
    /// - Parameters:
    ///   - fractions: m, shape `[rowCount]`.
    ///   - draws: u in [0, 1), one for each entry.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    fileprivate mutating func replaceEntries(below fractions: [Scalar], draws: [Scalar], least: Scalar, span: Scalar) {
        for row in 0..<rowCount {
            let fraction = fractions[row]
            guard fraction > 0 else { continue }
            let factor = span / fraction
            for column in 0..<columnCount {
                let draw = draws[row * columnCount + column]
                if draw < fraction { self[row, column] = least + factor * draw }
            }
        }
    }
}
