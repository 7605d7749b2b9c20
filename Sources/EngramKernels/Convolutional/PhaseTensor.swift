internal import EngramNumerics

/// A function T(i, i') of two pixels of a circular d×d picture that does not change when both move by p on an axis.
///
/// It is known by the phase (a, b) = i mod p and the displacement (u, v) = i' - i mod d: p²·d² numbers in place of d⁴. After t doublings
/// all that a convolutional network computes has this form with p = 2^t, if its prior depends on the displacement alone.
public struct PhaseTensor: Sendable, Equatable {
    /// p ≥ 1; d is a multiple of it.
    public let period: Int
    /// d.
    public let side: Int
    /// T at phase (a, b) and displacement (u, v), at index ((a·p + b)·d + u)·d + v.
    public internal(set) var values: [Double]

    /// A tensor over given values.
    init(period: Int, side: Int, values: [Double]) {
        precondition(
            period >= 1 && side % period == 0 && values.count == period * period * side * side,
            "A tensor of period \(period) and side \(side) needs \(period * period * side * side) values, got \(values.count).")
        self.period = period
        self.side = side
        self.values = values
    }

    /// T(i, i') for any pixels of the circular picture.
    public subscript(row: Int, column: Int, otherRow: Int, otherColumn: Int) -> Double {
        let u = ((otherRow - row) % side + side) % side
        let v = ((otherColumn - column) % side + side) % side
        let (a, b) = ((row % period + period) % period, (column % period + period) % period)
        return values[((a * period + b) * side + u) * side + v]
    }

    /// T(i, i): shape `[p, p]`.
    var diagonal: [Double] { (0..<period * period).map { values[$0 * side * side] } }
}

extension PhaseTensor {
    /// Σ over the nine shifts m of T(i + m, i' + m): what a 3×3 convolution does.
    ///
    /// Displacements stay, so whole planes are added. Two passes, one for each axis.
    func patchSum() -> PhaseTensor {
        guard period > 1 else { return PhaseTensor(period: 1, side: side, values: values.map { 9 * $0 }) }
        let plane = side * side
        // (row of phases, position in it): first along b, then along a.
        let alongColumns = Self.neighbourSums(values, outer: period, count: period, inner: plane)
        let alongRows = Self.neighbourSums(alongColumns, outer: 1, count: period, inner: period * plane)
        return PhaseTensor(period: period, side: side, values: alongRows)
    }

    /// Sums of circular neighbours along the middle one of three axes.
    private static func neighbourSums(_ values: [Double], outer: Int, count: Int, inner: Int) -> [Double] {
        ParallelMap.filled(count: outer * count, of: inner) { (block, target: inout BlockTarget<Double>) in
            let (o, k) = (block / count, block % count)
            let base = o * count * inner
            let (here, before, after) = (base + k * inner, base + (k + count - 1) % count * inner, base + (k + 1) % count * inner)
            for j in 0..<inner { target[j] = values[here + j] + (values[before + j] + values[after + j]) }
        }
    }

    /// Every second pixel, from the first.
    func downsampled() -> PhaseTensor {
        let (newPeriod, newSide) = (max(1, period / 2), side / 2)
        let step = period == 1 ? 1 : 2
        var result: [Double] = []
        result.reserveCapacity(newPeriod * newPeriod * newSide * newSide)
        for a in 0..<newPeriod {
            for b in 0..<newPeriod {
                let plane = (step * a * period + step * b) * side * side
                for u in 0..<newSide { for v in 0..<newSide { result.append(values[plane + 2 * u * side + 2 * v]) } }
            }
        }
        return PhaseTensor(period: newPeriod, side: newSide, values: result)
    }

    /// The covariance after doubling both pictures: A T Aᵀ, exactly.
    func upsampled(_ upsampling: ConvolutionalLayer.Upsampling) -> PhaseTensor {
        upsampled(AxisTaps(upsampling, period: period, side: side, summingNeighbours: false))
    }

    /// `upsampled(_:)` and then `patchSum()`, without the tensor between them.
    func upsampledPatchSum(_ upsampling: ConvolutionalLayer.Upsampling) -> PhaseTensor {
        upsampled(AxisTaps(upsampling, period: period, side: side, summingNeighbours: true))
    }

    private func upsampled(_ table: AxisTaps) -> PhaseTensor {
        let (newPeriod, newSide) = (2 * period, 2 * side)
        let (period, side, values) = (period, side, values)
        // Rows first: [2p, p, 2d, d] from [p, p, d, d]; then columns.
        let half = ParallelMap.filled(count: newPeriod * period, of: newSide * side) { (block, target: inout BlockTarget<Double>) in
            let (a, b) = (block / period, block % period)
            for u in 0..<newSide {
                for tap in table.range(phase: a, displacement: u) {
                    let from = ((table.phases[tap] * period + b) * side + table.displacements[tap]) * side
                    let weight = table.weights[tap]
                    for v in 0..<side { target[u * side + v] += weight * values[from + v] }
                }
            }
        }
        let result = ParallelMap.filled(count: newPeriod * newPeriod, of: newSide * newSide) { (block, target: inout BlockTarget<Double>) in
            let (a, b) = (block / newPeriod, block % newPeriod)
            // Where a tap of this phase is read, but for the row.
            let offsets = table.range(phase: b).map { table.phases[$0] * newSide * side + table.displacements[$0] }
            let first = table.range(phase: b).lowerBound
            for u in 0..<newSide {
                let row = (a * period * newSide + u) * side
                for v in 0..<newSide {
                    var sum = 0.0
                    for tap in table.range(phase: b, displacement: v) { sum += table.weights[tap] * half[row + offsets[tap - first]] }
                    target[u * newSide + v] = sum
                }
            }
        }
        return PhaseTensor(period: newPeriod, side: newSide, values: result)
    }

    /// Σ and Σ̇ after the nonlinearity where self is the covariance S before it: E φφ and E φ′φ′ times gain/9.
    func activated(_ activation: some DualActivation, gain: Double) -> (covariance: PhaseTensor, derivative: PhaseTensor) {
        let variances = diagonal
        let imageVariances = variances.map { activation.variance($0) }
        let (p, d) = (period, side)
        let factor = gain / 9
        let values = values
        let pairs = ParallelMap.filled(count: p * p, of: 2 * d * d) { (phases, target: inout BlockTarget<Double>) in
            let (a, b) = (phases / p, phases % p)
            for u in 0..<d {
                let otherRow = (a + u) % p * p
                for v in 0..<d {
                    let other = otherRow + (b + v) % p
                    let index = u * d + v
                    let moments = activation.moments(
                        of: PairCovariance(first: variances[phases], second: variances[other], cross: values[phases * d * d + index]),
                        firstVariance: imageVariances[phases], secondVariance: imageVariances[other])
                    target[index] = factor * moments.image.cross
                    target[d * d + index] = factor * moments.derivative
                }
            }
        }
        // A plane of Σ and one of Σ̇ in turns.
        func planes(_ which: Int) -> PhaseTensor {
            var result: [Double] = []
            result.reserveCapacity(p * p * d * d)
            for phases in 0..<p * p { result.append(contentsOf: pairs[(2 * phases + which) * d * d..<(2 * phases + which + 1) * d * d]) }
            return PhaseTensor(period: p, side: d, values: result)
        }
        return (planes(0), planes(1))
    }

    /// self + factor∘other, entry by entry.
    func adding(_ other: PhaseTensor, times factor: PhaseTensor) -> PhaseTensor {
        PhaseTensor(period: period, side: side, values: values.indices.map { values[$0] + factor.values[$0] * other.values[$0] })
    }
}

/// One axis of doubling: which entries of T an entry of A T Aᵀ is made of, or the sum of three such entries beside each other.
private struct AxisTaps: Sendable {
    /// Phase, displacement and weight of every tap, those of one new phase and displacement together.
    private(set) var phases: [Int] = []
    private(set) var displacements: [Int] = []
    private(set) var weights: [Double] = []
    private var starts = [0]
    private let newSide: Int

    init(_ upsampling: ConvolutionalLayer.Upsampling, period: Int, side: Int, summingNeighbours: Bool) {
        let (newSide, newPeriod) = (2 * side, 2 * period)
        self.newSide = newSide
        for phase in 0..<newPeriod {
            for displacement in 0..<newSide {
                let start = phases.count
                for shift in summingNeighbours ? -1...1 : 0...0 {
                    let pixel = (phase + shift + newSide) % newSide
                    for first in upsampling.taps(pixel, count: side) {
                        for second in upsampling.taps((pixel + displacement) % newSide, count: side) {
                            add(first.pixel % period, (second.pixel - first.pixel + side) % side, first.weight * second.weight, from: start)
                        }
                    }
                }
                starts.append(phases.count)
            }
        }
    }

    /// Adds a tap, to an equal one since `start` if there is one.
    private mutating func add(_ phase: Int, _ displacement: Int, _ weight: Double, from start: Int) {
        for known in start..<phases.count where phases[known] == phase && displacements[known] == displacement {
            weights[known] += weight
            return
        }
        phases.append(phase)
        displacements.append(displacement)
        weights.append(weight)
    }

    func range(phase: Int) -> Range<Int> { starts[phase * newSide]..<starts[(phase + 1) * newSide] }

    @inline(__always)
    func range(phase: Int, displacement: Int) -> Range<Int> {
        starts[phase * newSide + displacement]..<starts[phase * newSide + displacement + 1]
    }
}
