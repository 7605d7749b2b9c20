internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics

/// Where a stretch of sound may lie in what a memory stores: shifts to try, the likeliest first.
///
/// The squared difference between the loudest part of the stretch and what is stored is computed at every shift, as three
/// correlations, and its least minima are taken. The memory decides between them.
struct ClipPlacement: Equatable {
    /// Which clip of the memory.
    let clip: Int
    /// Frames from the beginning of the clip to that of the stretch.
    let offset: Int
    /// Mean squared difference of the part that was compared.
    let meanSquaredDifference: Double

    /// At most this many shifts are tried.
    static let count = 8
    /// Frames of the part that is compared.
    private static let longestProbe = 4096
    /// Shifts in one product.
    private static let blockCount = 512

    /// The likeliest shifts of `cue` in the clips of `drop`.
    static func likeliest(for cue: CueMedia.Clip, in drop: DecodedDrop, format: AudioFormat) -> [ClipPlacement] {
        var candidates: [ClipPlacement] = []
        let channels = format.channels
        let probe = Probe(cue, channels: channels, longest: min(longestProbe, format.clips.map(\.frameCount).max() ?? 1))
        for (index, clip) in format.clips.enumerated() {
            let start = clip.samples.lowerBound * drop.media.dimension
            let stored = drop.media.values[start..<start + clip.frameCount * channels].map(Double.init)
            let errors = probe.differences(to: stored, channels: channels, blockCount: blockCount)
            for offset in minima(of: errors, apart: max(1, format.windowFrameCount / 16)) {
                candidates.append(
                    ClipPlacement(clip: index, offset: offset - probe.start, meanSquaredDifference: errors[offset]))
            }
        }
        return Array(candidates.sorted { $0.meanSquaredDifference < $1.meanSquaredDifference }.prefix(count))
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
            if taken.count == count { break }
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

    /// Mean squared difference over known samples at each shift by whole frames where the probe lies inside `stored`.
    func differences(to stored: [Double], channels: Int, blockCount: Int) -> [Double] {
        let shiftCount = (stored.count - values.count) / channels + 1
        guard stored.count >= values.count else { return [] }
        let products = correlations(of: values, with: stored, channels: channels, shiftCount: shiftCount, blockCount: blockCount)
        let energies = correlations(
            of: mask, with: stored.map { $0 * $0 }, channels: channels, shiftCount: shiftCount, blockCount: blockCount)
        let own = values.reduce(0) { $0 + $1 * $1 }
        let count = max(mask.reduce(0, +), 1)
        return zip(products, energies).map { max(own - 2 * $0 + $1, 0) / count }
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
