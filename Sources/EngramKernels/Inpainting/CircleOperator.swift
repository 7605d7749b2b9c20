internal import EngramNumerics

/// Products with a convolutional kernel on a circular picture.
///
/// Where the network ends with a doubling and a convolution, K = Σ over the nine shifts of shift·A·core·Aᵀ·shiftᵀ, A the doubling: nine
/// products with the core, whose matrices have a 16th of the entries at a quarter of the pixels.
struct CircleOperator: Sendable {
    private let height: Int
    private let width: Int
    private let blocks: BlockCirculantOperator
    /// The last doubling with the shifts of the last convolution, for each axis.
    private let down: ShiftedDoubling?
    private let across: ShiftedDoubling?

    /// Whether products are done at half of the resolution.
    static func isHalved(_ network: ConvolutionalNetwork) -> Bool {
        if case .upsampling? = network.layers.dropLast().last { true } else { false }
    }

    /// - Parameters:
    ///   - kernel: K.
    ///   - tensor: K by phase and displacement, its flat part removed.
    ///   - reach: Displacements from which on it is 0.
    ///   - height: Of the circular picture.
    ///   - width: Likewise.
    init(_ kernel: ConvolutionalKernel, tensor: PhaseTensor, reach: Int, height: Int, width: Int) {
        (self.height, self.width) = (height, width)
        guard let upsampling = kernel.lastUpsampling else {
            blocks = BlockCirculantOperator(tensor, reach: reach, height: height, width: width)
            (down, across) = (nil, nil)
            return
        }
        let coreReach = min(kernel.network.reachBeforeLastUpsampling, kernel.core.side / 2)
        blocks = BlockCirculantOperator(
            kernel.core.removingFlat(reach: coreReach), reach: coreReach, height: height / 2, width: width / 2)
        down = ShiftedDoubling(upsampling, count: height)
        across = ShiftedDoubling(upsampling, count: width)
    }

    /// K·x for several pictures, shape `[height, width, count]`, flat.
    func product(with pictures: [Double], count: Int) -> [Double] {
        guard let down, let across else { return blocks.product(with: pictures, count: count) }
        // [half height, half width, picture, shift down, shift across]
        let halved = down.reduced(pictures, outer: 1, inner: width * count)
        let small = across.reduced(halved, outer: height / 2, inner: count * 3)
        let image = blocks.product(with: small, count: 9 * count)
        let wide = across.expanded(image, outer: height / 2, inner: count * 3)
        return down.expanded(wide, outer: 1, inner: width * count)
    }
}

/// Doubling of an axis of n/2 pixels, seen through each of three shifts.
private struct ShiftedDoubling: Sendable {
    /// For each shift and small pixel, the large pixels it goes to, with weights.
    private let taps: [[[(pixel: Int, weight: Double)]]]
    private let count: Int

    init(_ upsampling: ConvolutionalLayer.Upsampling, count: Int) {
        self.count = count
        var taps = [[[(pixel: Int, weight: Double)]]](repeating: Array(repeating: [], count: count / 2), count: 3)
        for shift in -1...1 {
            for i in 0..<count {
                // (shift·v)(i) = v(i + shift)
                let place = (i + shift + count) % count
                for tap in upsampling.taps(place, count: count / 2) { taps[shift + 1][tap.pixel].append((i, tap.weight)) }
            }
        }
        self.taps = taps
    }

    /// From `[outer, n, inner]` to `[outer, n/2, inner, 3]`.
    func reduced(_ values: [Double], outer: Int, inner: Int) -> [Double] {
        let half = count / 2
        return ParallelMap.filled(count: outer * half, of: 3 * inner) { (block, target: inout BlockTarget<Double>) in
            let base = block / half * count
            for shift in 0..<3 {
                for tap in taps[shift][block % half] {
                    let from = (base + tap.pixel) * inner
                    for j in 0..<inner { target[3 * j + shift] += tap.weight * values[from + j] }
                }
            }
        }
    }

    /// The transpose: from `[outer, n/2, inner, 3]` to `[outer, n, inner]`.
    func expanded(_ values: [Double], outer: Int, inner: Int) -> [Double] {
        let half = count / 2
        let count = count
        return ParallelMap.filled(count: outer, of: count * inner) { (block, target: inout BlockTarget<Double>) in
            for shift in 0..<3 {
                for small in 0..<half {
                    let from = (block * half + small) * 3 * inner + shift
                    for tap in taps[shift][small] {
                        let to = tap.pixel * inner
                        for j in 0..<inner { target[to + j] += tap.weight * values[from + 3 * j] }
                    }
                }
            }
        }
    }
}
