internal import EngramDynamics
internal import EngramNumerics
internal import EngramSystem

/// The convolutions of a U-Net as operations between images.
///
/// Image 0 is the picture, then come those of the encoder, then those of the decoder, of which the last is the output.
struct UNetGraph<Scalar: NumericScalar>: Sendable {
    /// One convolution.
    struct Unit: Sendable {
        /// The image it reads.
        let source: Int
        /// The image it is a term of.
        let target: Int
        /// Whether it is the first term of its image.
        let isFirst: Bool
        /// Whether it is the last.
        let isLast: Bool
        /// Makes the source larger first.
        let interpolation: Interpolation?
        /// Puts the pixels of cells, which are channels of the convolution's result, to their places.
        let shuffle: Rearrangement?
        let convolution: Convolution<Scalar>
    }

    /// In the order in which they are computed; as many as blocks of weights.
    let units: [Unit]
    /// Pixels and channels of each image.
    let images: [(pixelCount: Int, channelCount: Int)]

    init(_ shape: UNetShape) {
        let (grids, depth) = (shape.grids, shape.levels.count)
        images =
            [(grids[0].pixelCount, shape.raster.channels)]
            + shape.levels.enumerated().map { (grids[$0 + 1].pixelCount, $1.channelCount) }
            + shape.levels.enumerated().reversed().map { (grids[$0].pixelCount, $1.decoderChannelCount) }
        units = shape.kinds.map { kind in
            let (side, channels) = (shape.kernelSize(of: kind), shape.channelCounts(of: kind))
            switch kind {
            case .down(let level):
                let geometry = KernelGeometry(side: side, input: grids[level], output: grids[level + 1])
                return Unit(
                    source: level, target: level + 1, isFirst: true, isLast: true, interpolation: nil, shuffle: nil,
                    convolution: geometry.convolution(geometry.strided(by: shape.levels[level].stride), channels))
            case .skip(let level):
                let geometry = KernelGeometry(side: side, input: grids[level], output: grids[level])
                return Unit(
                    source: level, target: 2 * depth - level, isFirst: false, isLast: true, interpolation: nil, shuffle: nil,
                    convolution: geometry.convolution(geometry.strided(by: 1), channels))
            case .up(let level):
                return Self.upwards(shape, level, side: side, channels)
            }
        }
    }

    private static func upwards(_ shape: UNetShape, _ level: Int, side: Int, _ channels: (inputs: Int, outputs: Int)) -> Unit {
        let (coarse, fine, stride) = (shape.grids[level + 1], shape.grids[level], shape.levels[level].stride)
        let larger = KernelGeometry(side: side, input: coarse, output: fine)
        let same = KernelGeometry(side: side, input: coarse, output: coarse)
        let atOutput = KernelGeometry(side: side, input: fine, output: fine)
        let (convolution, interpolation, shuffle): (Convolution<Scalar>, Interpolation?, Rearrangement?) =
            switch shape.upsampling {
            case .nearest: (larger.convolution(larger.repeated(by: stride), channels), nil, nil)
            case .bilinear: (atOutput.convolution(atOutput.strided(by: 1), channels), larger.bilinear(by: stride), nil)
            case .subpixel:
                (same.convolution(same.strided(by: 1), channels), nil, larger.shuffle(by: stride))
            }
        let target = 2 * shape.levels.count - level
        return Unit(
            source: target - 1, target: target, isFirst: true, isLast: !shape.joins(level), interpolation: interpolation, shuffle: shuffle,
            convolution: convolution)
    }
}

/// Where a square kernel reads an image, zeros beyond its edges.
struct KernelGeometry {
    let side: Int
    let input: UNetShape.Grid
    let output: UNetShape.Grid

    /// Entries that are padded before an image.
    private var padding: Int { (side - 1) / 2 }

    func convolution<Scalar: NumericScalar>(_ terms: [PatchTable], _ channels: (inputs: Int, outputs: Int)) -> Convolution<Scalar> {
        Convolution(
            input: ConvolutionInput(
                pixelCount: input.pixelCount, channelCount: channels.inputs, tapCount: side * side, terms: terms),
            pixelCount: output.pixelCount, channelCount: channels.outputs)
    }

    /// The kernel at every stride-th pixel.
    func strided(by stride: Int) -> [PatchTable] {
        let rows = places(of: output).map { y, x in
            taps.map { row(y * stride + $0 - padding, x * stride + $1 - padding, in: input) }
        }
        return [PatchTable(rows: rows, taps: (0..<side * side).map { [$0] })]
    }

    /// The kernel on the image with every pixel repeated, without making that image.
    ///
    /// Where the larger size is a multiple of the stride, pixels at the same place of their cells see the same few cells: a term for each such
    /// place reads each cell once, with the sum of the weights of the taps that fall on it.
    func repeated(by stride: Int) -> [PatchTable] {
        guard input.height * stride == output.height, input.width * stride == output.width else { return [repeatedTapByTap(by: stride)] }
        return places(of: UNetShape.Grid(height: stride, width: stride)).map { phaseY, phaseX in
            let (cellsY, cellsX) = (cells(at: phaseY, stride), cells(at: phaseX, stride))
            let offsets = cellsY.flatMap { y in cellsX.map { (y.offset, $0.offset) } }
            return PatchTable(
                rows: places(of: input).map { y, x in offsets.map { row(y + $0, x + $1, in: input) } },
                taps: cellsY.flatMap { y in cellsX.map { x in y.taps.flatMap { tapY in x.taps.map { tapY * side + $0 } } } },
                outputs: places(of: input).map { y, x in (y * stride + phaseY) * output.width + x * stride + phaseX })
        }
    }

    /// The same with a cell for each tap, for any size.
    func repeatedTapByTap(by stride: Int) -> PatchTable {
        let rows = places(of: output).map { y, x in
            taps.map { tapY, tapX -> Int? in
                let (fineY, fineX) = (y + tapY - padding, x + tapX - padding)
                return row(fineY, fineX, in: output) == nil ? nil : row(fineY / stride, fineX / stride, in: input)
            }
        }
        return PatchTable(rows: rows, taps: (0..<side * side).map { [$0] })
    }

    /// Cells, as offsets from a pixel's own, that the kernel's taps fall on at a place of the cell.
    private func cells(at phase: Int, _ stride: Int) -> [(offset: Int, taps: [Int])] {
        var cells: [(offset: Int, taps: [Int])] = []
        for tap in 0..<side {
            let place = phase + tap - padding
            let offset = place >= 0 ? place / stride : -((stride - 1 - place) / stride)
            if cells.last?.offset == offset { cells[cells.count - 1].taps.append(tap) } else { cells.append((offset, [tap])) }
        }
        return cells
    }

    /// Each pixel between the four cells whose centres are nearest; at the edges between fewer.
    func bilinear(by stride: Int) -> Interpolation {
        func share(_ place: Int, _ size: Int) -> (first: Int, second: Int, share: Double) {
            let position = max((Double(place) + 0.5) / Double(stride) - 0.5, 0)
            let first = min(Int(saturating: position), size - 1)
            return (first, min(first + 1, size - 1), position - Double(first))
        }
        var (rows, shares): ([[Int]], [[Double]]) = ([], [])
        for (y, x) in places(of: output) {
            let (a, b) = (share(y, input.height), share(x, input.width))
            rows.append([
                a.first * input.width + b.first, a.first * input.width + b.second, a.second * input.width + b.first,
                a.second * input.width + b.second,
            ])
            shares.append([(1 - a.share) * (1 - b.share), (1 - a.share) * b.share, a.share * (1 - b.share), a.share * b.share])
        }
        return Interpolation(pixelCount: input.pixelCount, rows: rows, shares: shares)
    }

    /// The pixels of cells at their places: a cell's channels are those of its first pixel, then those of the next.
    func shuffle(by stride: Int) -> Rearrangement {
        Rearrangement(
            pixelCount: input.pixelCount * stride * stride,
            rows: places(of: output).map { y, x in
                ((y / stride) * input.width + x / stride) * stride * stride + (y % stride) * stride + x % stride
            })
    }

    private var taps: [(y: Int, x: Int)] { places(of: UNetShape.Grid(height: side, width: side)) }

    private func places(of grid: UNetShape.Grid) -> [(y: Int, x: Int)] {
        (0..<grid.height).flatMap { y in (0..<grid.width).map { (y, $0) } }
    }

    private func row(_ y: Int, _ x: Int, in grid: UNetShape.Grid) -> Int? {
        y >= 0 && y < grid.height && x >= 0 && x < grid.width ? y * grid.width + x : nil
    }
}
