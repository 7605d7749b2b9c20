/// A convolution of one image into another, by products of gathered patches with the weights.
///
/// Images of a batch stand below each other: shape `[n·pixels, channels]`. As many of them are gathered at once as fit the second cache, so
/// that patches are written and read there. Weights have shape `[channelCount, columnCount]`.
package struct Convolution<Scalar: NumericScalar>: Sendable {
    /// What is read.
    package let input: ConvolutionInput
    /// Pixels of the output.
    package let pixelCount: Int
    /// Channels of the output.
    package let channelCount: Int
    /// Weights of a term, where they are sums of the kernel's; cells of the patches; outputs at a term's places.
    private var folded: [Scalar] = []
    private var patches: [Scalar] = []
    private var placed: [Scalar] = []

    /// A convolution of images of this kind.
    package init(input: ConvolutionInput, pixelCount: Int, channelCount: Int) {
        self.input = input
        self.pixelCount = pixelCount
        self.channelCount = channelCount
    }

    /// Columns of the weights.
    package var columnCount: Int { input.columnCount }

    /// Patches of so many bytes are gathered at once.
    private static var patchByteCount: Int { 1 << 20 }

    /// Writes the convolution over `output`, or adds it.
    ///
    /// - Parameters:
    ///   - images: Shape `[n·pixels, channels]`.
    ///   - weights: Shape `[channelCount, columnCount]`.
    ///   - output: Shape `[n·pixelCount, channelCount]`.
    ///   - adding: Whether it is added to.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func apply(to images: Matrix<Scalar>, weights: Matrix<Scalar>, into output: inout Matrix<Scalar>, adding: Bool) {
        check(weights, output)
        for term in input.terms { apply(TermJob(term, input, replaces: !adding), images, weights, &output) }
    }

    /// Adds ∂loss/∂weights to `gradient`.
    ///
    /// - Parameters:
    ///   - images: What the convolution was applied to.
    ///   - delta: ∂loss/∂output, shape `[n·pixelCount, channelCount]`.
    ///   - gradient: The shape of the weights.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func addGradient(of images: Matrix<Scalar>, delta: Matrix<Scalar>, to gradient: inout Matrix<Scalar>) {
        check(gradient, delta)
        for term in input.terms { addGradient(TermJob(term, input, replaces: false), images, delta, &gradient) }
    }

    /// Adds ∂loss/∂images to `target`.
    ///
    /// - Parameters:
    ///   - delta: ∂loss/∂output, shape `[n·pixelCount, channelCount]`.
    ///   - weights: Shape `[channelCount, columnCount]`.
    ///   - target: Shape `[n·pixels, channels]`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    package mutating func addPullBack(of delta: Matrix<Scalar>, weights: Matrix<Scalar>, into target: inout Matrix<Scalar>) {
        check(weights, delta)
        for term in input.terms { addPullBack(TermJob(term, input, replaces: false), delta, weights, &target) }
    }

    /// The patches that the one term of a plain convolution reads: f = P·Wᵀ with P of shape `[n·places, columnCount]`.
    /// - Parameter images: Shape `[n·pixels, channels]`.
    package func patches(of images: Matrix<Scalar>) -> Matrix<Scalar> {
        precondition(
            input.terms.count == 1 && input.terms[0].outputs == nil, "Only a convolution of one term in order has one matrix of patches.")
        let job = TermJob(input.terms[0], input, replaces: true)
        let count = images.rowCount / input.pixelCount
        check(images, job, count)
        var gathered = Matrix<Scalar>(rowCount: count * job.term.placeCount, columnCount: job.width)
        gathered.withUnsafeMutableElements { target in
            images.elements.withUnsafeBufferPointer { source in
                guard let p = target.baseAddress, let x = source.baseAddress else { return }
                job.gather(0..<count, x, into: p)
            }
        }
        return gathered
    }

    /// The columns of the weights that each column of `patches` stands for; others are multiplied by nothing.
    package var patchColumns: [Int] {
        input.terms[0].taps.flatMap { taps in (0..<input.channelCount).map { taps[0] * input.channelCount + $0 } }
    }

    private func check(_ weights: Matrix<Scalar>, _ output: Matrix<Scalar>) {
        precondition(
            weights.rowCount == channelCount && weights.columnCount == columnCount && output.columnCount == channelCount
                && output.rowCount % pixelCount == 0,
            "\(weights.shapeText) and \(output.shapeText) do not fit a convolution of \(columnCount) columns into \(channelCount) channels."
        )
    }
}

/// One term of one input at work.
private struct TermJob {
    let term: PatchTable
    let pixelCount: Int
    let channelCount: Int
    /// Whether outputs are replaced and not added to.
    let replaces: Bool
    /// Whether the kernel's weights are used as they are.
    let isPlain: Bool

    init(_ term: PatchTable, _ input: ConvolutionInput, replaces: Bool) {
        self.term = term
        self.replaces = replaces
        pixelCount = input.pixelCount
        channelCount = input.channelCount
        isPlain = term.isPlain(tapCount: input.tapCount)
    }

    /// Entries of one patch.
    var width: Int { term.cellCount * channelCount }
    /// Entries of an image's patches.
    var patchCount: Int { term.placeCount * width }
    /// Entries of one image.
    var imageCount: Int { pixelCount * channelCount }
}

extension Convolution {
    /// How many images' patches are held at once.
    private func blockCount(_ job: TermJob, of count: Int) -> Int {
        min(max(Self.patchByteCount / max(job.patchCount * MemoryLayout<Scalar>.stride, 1), 1), max(count, 1))
    }

    /// Calls `body` with blocks of images.
    private func blocks(_ job: TermJob, of count: Int) -> [Range<Int>] {
        let size = blockCount(job, of: count)
        return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
    }

    /// Makes room for one block.
    private mutating func reserve(_ job: TermJob, of count: Int) {
        let size = blockCount(job, of: count)
        if patches.count < size * job.patchCount { patches = Array(repeating: 0, count: size * job.patchCount) }
        let placedCount = job.term.outputs == nil ? 0 : size * job.term.placeCount * channelCount
        if placed.count < placedCount { placed = Array(repeating: 0, count: placedCount) }
        if !job.isPlain, folded.count < channelCount * job.width { folded = Array(repeating: 0, count: channelCount * job.width) }
    }

    /// Calls `body` with the memory of one block: patches, outputs at a term's places, folded weights; the latter two where there are any.
    private mutating func withBuffers(
        _ body: (_ patches: UnsafeMutablePointer<Scalar>, _ placed: UnsafeMutablePointer<Scalar>?, _ folded: UnsafeMutablePointer<Scalar>?)
            -> Void
    ) {
        patches.withUnsafeMutableBufferPointer { patches in
            placed.withUnsafeMutableBufferPointer { placed in
                folded.withUnsafeMutableBufferPointer { folded in
                    guard let patches = patches.baseAddress else { return }
                    body(patches, placed.baseAddress, folded.baseAddress)
                }
            }
        }
    }

    private mutating func apply(_ job: TermJob, _ image: Matrix<Scalar>, _ weights: Matrix<Scalar>, _ output: inout Matrix<Scalar>) {
        let count = output.rowCount / pixelCount
        check(image, job, count)
        guard job.width > 0, count > 0 else { return job.replaces ? output.setToZero() : () }
        reserve(job, of: count)
        fold(weights, job)
        let (outputs, pixels, weightStride, blocks) = (channelCount, pixelCount, weights.columnCount, blocks(job, of: count))
        withBuffers { patches, placed, folded in
            image.elements.withUnsafeBufferPointer { image in
                weights.elements.withUnsafeBufferPointer { weights in
                    output.withUnsafeMutableElements { output in
                        guard let x = image.baseAddress, let w = weights.baseAddress, let y = output.baseAddress else { return }
                        let (matrix, stride) = job.isPlain ? (w, weightStride) : (folded.map { UnsafePointer($0) } ?? w, job.width)
                        for block in blocks {
                            job.gather(block, x, into: patches)
                            let start = y + block.lowerBound * pixels * outputs
                            let isPlaced = job.term.outputs != nil
                            Scalar.generalProduct(
                                transposeA: false, transposeB: true, m: block.count * job.term.placeCount, n: outputs, k: job.width,
                                alpha: 1, a: patches, strideA: job.width, b: matrix, strideB: stride,
                                beta: isPlaced || job.replaces ? 0 : 1, c: isPlaced ? placed ?? y : start, strideC: outputs)
                            if isPlaced, let placed {
                                job.place(placed, channels: outputs, pixels: pixels, block.count, into: start)
                            }
                        }
                    }
                }
            }
        }
    }

    private mutating func addGradient(_ job: TermJob, _ image: Matrix<Scalar>, _ delta: Matrix<Scalar>, _ gradient: inout Matrix<Scalar>) {
        let count = delta.rowCount / pixelCount
        check(image, job, count)
        guard job.width > 0, count > 0 else { return }
        reserve(job, of: count)
        if !job.isPlain { for index in 0..<channelCount * job.width { folded[index] = 0 } }
        let (outputs, pixels, weightStride, blocks) = (channelCount, pixelCount, gradient.columnCount, blocks(job, of: count))
        withBuffers { patches, placed, folded in
            image.elements.withUnsafeBufferPointer { image in
                delta.elements.withUnsafeBufferPointer { delta in
                    gradient.withUnsafeMutableElements { gradient in
                        guard let x = image.baseAddress, let dy = delta.baseAddress, let g = gradient.baseAddress else { return }
                        let (matrix, stride) = job.isPlain ? (g, weightStride) : (folded ?? g, job.width)
                        for block in blocks {
                            job.gather(block, x, into: patches)
                            let start = job.taken(
                                dy + block.lowerBound * pixels * outputs, channels: outputs, pixels: pixels, block.count, placed)
                            Scalar.generalProduct(
                                transposeA: true, transposeB: false, m: outputs, n: job.width, k: block.count * job.term.placeCount,
                                alpha: 1, a: start, strideA: outputs, b: patches, strideB: job.width, beta: 1, c: matrix,
                                strideC: stride)
                        }
                    }
                }
            }
        }
        unfold(job, into: &gradient)
    }

    private mutating func addPullBack(_ job: TermJob, _ delta: Matrix<Scalar>, _ weights: Matrix<Scalar>, _ target: inout Matrix<Scalar>) {
        let count = delta.rowCount / pixelCount
        check(target, job, count)
        guard job.width > 0, count > 0 else { return }
        reserve(job, of: count)
        fold(weights, job)
        let (outputs, pixels, weightStride, blocks) = (channelCount, pixelCount, weights.columnCount, blocks(job, of: count))
        withBuffers { patches, placed, folded in
            weights.elements.withUnsafeBufferPointer { weights in
                delta.elements.withUnsafeBufferPointer { delta in
                    target.withUnsafeMutableElements { target in
                        guard let dx = target.baseAddress, let dy = delta.baseAddress, let w = weights.baseAddress else { return }
                        let (matrix, stride) = job.isPlain ? (w, weightStride) : (folded.map { UnsafePointer($0) } ?? w, job.width)
                        for block in blocks {
                            let start = job.taken(
                                dy + block.lowerBound * pixels * outputs, channels: outputs, pixels: pixels, block.count, placed)
                            Scalar.generalProduct(
                                transposeA: false, transposeB: false, m: block.count * job.term.placeCount, n: job.width, k: outputs,
                                alpha: 1, a: start, strideA: outputs, b: matrix, strideB: stride, beta: 0, c: patches,
                                strideC: job.width)
                            job.scatter(block, patches, into: dx)
                        }
                    }
                }
            }
        }
    }

    private func check(_ image: Matrix<Scalar>, _ job: TermJob, _ count: Int) {
        precondition(
            image.columnCount == job.channelCount && image.rowCount == count * job.pixelCount,
            "\(image.shapeText) does not hold \(count) images of \(job.pixelCount) pixels and \(job.channelCount) channels.")
    }

    /// Writes the sums of the kernel's weights that a term's cells stand for.
    private mutating func fold(_ weights: Matrix<Scalar>, _ job: TermJob) {
        guard !job.isPlain else { return }
        let (channels, width, outputs) = (job.channelCount, job.width, channelCount)
        let stride = weights.columnCount
        folded.withUnsafeMutableBufferPointer { sums in
            weights.elements.withUnsafeBufferPointer { entries in
                guard let f = sums.baseAddress, let w = entries.baseAddress else { return }
                for output in 0..<outputs {
                    for (cell, taps) in job.term.taps.enumerated() {
                        let target = f + output * width + cell * channels
                        for (place, tap) in taps.enumerated() {
                            let source = w + output * stride + tap * channels
                            if place == 0 {
                                target.update(from: source, count: channels)
                            } else {
                                Scalar.addBias(rows: 1, columns: channels, source, to: target)
                            }
                        }
                    }
                }
            }
        }
    }

    /// Adds the gradient of a term's folded weights to that of the kernel's.
    private mutating func unfold(_ job: TermJob, into gradient: inout Matrix<Scalar>) {
        guard !job.isPlain else { return }
        let (channels, width, outputs) = (job.channelCount, job.width, channelCount)
        let stride = gradient.columnCount
        folded.withUnsafeBufferPointer { sums in
            gradient.withUnsafeMutableElements { entries in
                guard let f = sums.baseAddress, let g = entries.baseAddress else { return }
                for output in 0..<outputs {
                    for (cell, taps) in job.term.taps.enumerated() {
                        for tap in taps {
                            Scalar.addBias(
                                rows: 1, columns: channels, f + output * width + cell * channels,
                                to: g + output * stride + tap * channels)
                        }
                    }
                }
            }
        }
    }
}

extension TermJob {
    /// Gathers the patches of a block of images.
    func gather<Scalar: NumericScalar>(_ block: Range<Int>, _ image: UnsafePointer<Scalar>, into patches: UnsafeMutablePointer<Scalar>) {
        term.rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            for (place, index) in block.enumerated() {
                Scalar.elementwiseKernels.gatherPatches(
                    term.placeCount, term.cellCount, channelCount, rows, image + index * imageCount, patches + place * patchCount)
            }
        }
    }

    /// Adds the patches of a block of images to where they were gathered.
    func scatter<Scalar: NumericScalar>(_ block: Range<Int>, _ patches: UnsafePointer<Scalar>, into image: UnsafeMutablePointer<Scalar>) {
        term.rows.withUnsafeBufferPointer { rows in
            guard let rows = rows.baseAddress else { return }
            for (place, index) in block.enumerated() {
                Scalar.elementwiseKernels.scatterPatches(
                    term.placeCount, term.cellCount, channelCount, rows, patches + place * patchCount, image + index * imageCount)
            }
        }
    }

    /// Puts results at the places of the output that they are for.
    func place<Scalar: NumericScalar>(
        _ results: UnsafePointer<Scalar>, channels: Int, pixels: Int, _ count: Int, into output: UnsafeMutablePointer<Scalar>
    ) {
        guard let places = term.outputs else { return }
        for image in 0..<count {
            for (index, row) in places.enumerated() {
                let source = results + (image * places.count + index) * channels
                let target = output + (image * pixels + Int(row)) * channels
                if replaces {
                    target.update(from: source, count: channels)
                } else {
                    Scalar.addBias(rows: 1, columns: channels, source, to: target)
                }
            }
        }
    }

    /// The rows of the output at a term's places, taken together where they do not lie together.
    func taken<Scalar: NumericScalar>(
        _ output: UnsafePointer<Scalar>, channels: Int, pixels: Int, _ count: Int, _ buffer: UnsafeMutablePointer<Scalar>?
    ) -> UnsafePointer<Scalar> {
        guard let places = term.outputs, let buffer else { return output }
        for image in 0..<count {
            for (index, row) in places.enumerated() {
                (buffer + (image * places.count + index) * channels)
                    .update(from: output + (image * pixels + Int(row)) * channels, count: channels)
            }
        }
        return UnsafePointer(buffer)
    }
}
