internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics

/// Where a stretch of sound may lie in what a memory stores: shifts to try, the likeliest first.
///
/// The stretch, or the loudest part of a long one, is correlated with what is stored at every shift. The shifts of the least squared
/// difference and those of the largest correlation coefficient are tried: the first are right for what is only cut out, the second for
/// what is full of noise, which differs least from silence. The memory decides between them.
struct ClipPlacement: Equatable {
    /// Which clip of the memory.
    let clip: Int
    /// Frames from the beginning of the clip to that of the stretch.
    let offset: Int
    /// Mean squared difference of the part that was compared.
    let meanSquaredDifference: Double
    /// Correlation coefficient of that part and what is stored there.
    let correlation: Double

    /// At most this many shifts of each kind are tried.
    static let countOfEachKind = 4
    /// Samples of the part that is compared; enough to find what is half noise.
    private static let longestProbe = 32_768
    /// Shifts in one product.
    private static let blockCount = 256

    /// The likeliest shifts of `cue` in the clips of `drop`.
    static func likeliest(for cue: CueMedia.Clip, in drop: DecodedDrop, format: AudioFormat) -> [ClipPlacement] {
        var (near, alike): ([ClipPlacement], [ClipPlacement]) = ([], [])
        let channels = format.channels
        let longest = min(max(1, longestProbe / channels), format.clips.map(\.frameCount).max() ?? 1)
        let probe = Probe(cue, channels: channels, longest: longest)
        for (index, clip) in format.clips.enumerated() {
            let start = clip.samples.lowerBound * drop.media.dimension
            let stored = drop.media.values[start..<start + clip.frameCount * channels].map(Double.init)
            let (errors, coefficients) = probe.agreement(with: stored, channels: channels, blockCount: blockCount)
            func placement(_ offset: Int) -> ClipPlacement {
                ClipPlacement(
                    clip: index, offset: offset - probe.start, meanSquaredDifference: errors[offset], correlation: coefficients[offset])
            }
            let apart = max(1, format.windowFrameCount / 16)
            near += minima(of: errors, apart: apart).map(placement)
            alike += minima(of: coefficients.map { -$0 }, apart: apart).map(placement)
        }
        near.sort { $0.meanSquaredDifference < $1.meanSquaredDifference }
        alike.sort { $0.correlation > $1.correlation }
        let both = near.prefix(countOfEachKind) + alike.prefix(countOfEachKind)
        return both.enumerated().filter { index, placement in both.firstIndex(of: placement) == index }.map(\.element)
    }

    /// The least entries, none of which lies near another.
    private static func minima(of errors: [Double], apart: Int) -> [Int] {
        var taken: [Int] = []
        // Only entries that no neighbour is below can be minima.
        let local = errors.indices.filter { index in
            (index == 0 || errors[index] <= errors[index - 1]) && (index + 1 == errors.count || errors[index] <= errors[index + 1])
        }
        for index in local.sorted(by: { errors[$0] < errors[$1] }) {
            if taken.allSatisfy({ abs($0 - index) >= apart }) { taken.append(index) }
            if taken.count == countOfEachKind { break }
        }
        return taken
    }
}

/// The part of a stretch of sound that is looked for.
private struct Probe {
    /// Its first frame in the stretch.
    let start: Int
    /// Known samples; 0 where they are missing. Shape `[frames, channels]`.
    let values: [Double]
    /// 1 where a sample is known.
    let mask: [Double]

    init(_ cue: CueMedia.Clip, channels: Int, longest: Int) {
        let frames = cue.values.count / channels
        let length = max(1, min(frames, longest))
        func isKnown(_ frame: Int) -> Bool { cue.isKnown?[frame] ?? true }
        var energy = [Double](repeating: 0, count: frames + 1)
        for frame in 0..<frames {
            var sum = 0.0
            if isKnown(frame) {
                for channel in 0..<channels {
                    let value = Double(cue.values[frame * channels + channel])
                    sum += value * value
                }
            }
            energy[frame + 1] = energy[frame] + sum
        }
        let best = (0...(frames - length)).max { energy[$0 + length] - energy[$0] < energy[$1 + length] - energy[$1] } ?? 0
        start = best
        var (values, mask): ([Double], [Double]) = ([], [])
        for frame in best..<best + length {
            for channel in 0..<channels {
                values.append(isKnown(frame) ? Double(cue.values[frame * channels + channel]) : 0)
                mask.append(isKnown(frame) ? 1 : 0)
            }
        }
        (self.values, self.mask) = (values, mask)
    }

    /// Mean squared difference, and correlation coefficient, over known samples at each shift by whole frames where the probe lies inside
    /// `stored`.
    func agreement(
        with stored: [Double], channels: Int, blockCount: Int
    ) -> (errors: [Double], coefficients: [Double]) {
        guard stored.count >= values.count else { return ([], []) }
        let shiftCount = (stored.count - values.count) / channels + 1
        let products = correlations(of: values, with: stored, channels: channels, shiftCount: shiftCount, blockCount: blockCount)
        let energies = correlations(
            of: mask, with: stored.map { $0 * $0 }, channels: channels, shiftCount: shiftCount, blockCount: blockCount)
        let own = values.reduce(0) { $0 + $1 * $1 }
        let count = max(mask.reduce(0, +), 1)
        // Silence is like nothing: what is a thousandth of the loudest counts as that.
        let floor = max((energies.max() ?? 0) * 1e-6, .leastNormalMagnitude)
        return (
            zip(products, energies).map { max(own - 2 * $0 + $1, 0) / count },
            zip(products, energies).map { $0 / (max(own, .leastNormalMagnitude) * max($1, floor)).squareRoot() }
        )
    }

    /// Σ_t p_t x_{t + s} for each shift s, by products of a matrix that holds the probe at `blockCount` shifts.
    private func correlations(
        of probe: [Double], with stored: [Double], channels: Int, shiftCount: Int, blockCount: Int
    ) -> [Double] {
        let shifts = min(blockCount, shiftCount)
        let width = probe.count + (shifts - 1) * channels
        var shifted = Matrix<Double>(rowCount: shifts, columnCount: width)
        for shift in 0..<shifts {
            let zeros = [Double](repeating: 0, count: shift * channels)
            shifted.setRow(shift, to: zeros + probe + [Double](repeating: 0, count: width - probe.count - zeros.count))
        }
        let blocks = (shiftCount + shifts - 1) / shifts
        var elements: [Double] = []
        elements.reserveCapacity(blocks * width)
        for block in 0..<blocks {
            let first = block * shifts * channels
            let part = stored[first..<min(first + width, stored.count)]
            elements += part
            elements += [Double](repeating: 0, count: width - part.count)
        }
        let windows = Matrix(rowCount: blocks, columnCount: width, elements: elements)
        return Array(windows.multiplied(by: shifted, transposingOther: true).elements.prefix(shiftCount))
    }
}
