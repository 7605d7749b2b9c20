internal import EngramNumerics
internal import RealModule

/// Products with a periodic kernel on a circular picture, by Fourier transforms over blocks of p×p pixels.
///
/// The matrix of a kernel of period p is block-circulant: a p²×p² matrix for each frequency of the blocks. Blocks are few (a side over p),
/// so each transform is a product with a Fourier matrix, in BLAS like the rest, for any number of blocks.
struct BlockCirculantOperator: Sendable {
    /// p.
    private let period: Int
    /// Blocks down and across.
    private let rows: Int
    private let columns: Int
    /// Frequencies down: the others are conjugates of these.
    private var frequencyCount: Int { rows / 2 + 1 }
    /// The matrix of each frequency, real and imaginary part, rows first; shape `[p², p²]`.
    private let realParts: [Matrix<Double>]
    private let imaginaryParts: [Matrix<Double>]
    /// [real; imaginary] from real values down the picture, shape `[2·frequencies, rows]`.
    private let forwardDown: Matrix<Double>
    /// Real values from [real; imaginary], shape `[rows, 2·frequencies]`.
    private let backwardDown: Matrix<Double>
    /// [real; imaginary] from [real; imaginary] across, shape `[2·columns, 2·columns]`.
    private let forwardAcross: Matrix<Double>
    private let backwardAcross: Matrix<Double>

    /// Prepares products.
    ///
    /// - Parameters:
    ///   - kernel: T with what is beyond `reach` taken off.
    ///   - reach: T is 0 at displacements of this and more.
    ///   - height: Of the circular picture, a multiple of p.
    ///   - width: Likewise.
    init(_ kernel: PhaseTensor, reach: Int, height: Int, width: Int) {
        let p = kernel.period
        precondition(
            height % p == 0 && width % p == 0 && height > 0 && width > 0, "A picture of \(height)×\(width) is not in blocks of \(p).")
        period = p
        let (rows, columns) = (height / p, width / p)
        (self.rows, self.columns) = (rows, columns)
        let frequencies = rows / 2 + 1
        func angle(_ product: Int, _ count: Int) -> Double { 2 * .pi * Double(product % count) / Double(count) }
        var forward = Matrix<Double>(rowCount: 2 * frequencies, columnCount: rows)
        var backward = Matrix<Double>(rowCount: rows, columnCount: 2 * frequencies)
        for k in 0..<frequencies {
            // Every frequency but the first and, of an even number, the last stands for its conjugate too.
            let weight = (k == 0 || 2 * k == rows ? 1 : 2) / Double(rows * columns)
            for r in 0..<rows {
                let phase = angle(k * r, rows)
                forward[2 * k, r] = Double.cos(phase)
                forward[2 * k + 1, r] = -Double.sin(phase)
                backward[r, 2 * k] = weight * Double.cos(phase)
                backward[r, 2 * k + 1] = -weight * Double.sin(phase)
            }
        }
        var across = Matrix<Double>(rowCount: 2 * columns, columnCount: 2 * columns)
        for k in 0..<columns {
            for c in 0..<columns {
                let phase = angle(k * c, columns)
                across[k, c] = Double.cos(phase)
                across[k, columns + c] = Double.sin(phase)
                across[columns + k, c] = -Double.sin(phase)
                across[columns + k, columns + c] = Double.cos(phase)
            }
        }
        (forwardDown, backwardDown, forwardAcross, backwardAcross) = (forward, backward, across, across.transposed())

        // C_δ, the kernel between a block and the block δ further on, for the offsets at which it is not 0.
        let span = (reach + p - 2) / p
        let offsets = (-span...span).flatMap { y in (-span...span).map { (y, $0) } }
        let size = p * p * p * p
        let blocks = Matrix(
            rowCount: offsets.count, columnCount: size,
            elements: ParallelMap.filled(count: offsets.count, of: size) { (index, target: inout BlockTarget<Double>) in
                let (y, x) = offsets[index]
                for first in 0..<p * p {
                    for second in 0..<p * p {
                        let u = y * p + second / p - first / p
                        let v = x * p + second % p - first % p
                        guard abs(u) < reach, abs(v) < reach else { continue }
                        let (wrappedU, wrappedV) = ((u + kernel.side) % kernel.side, (v + kernel.side) % kernel.side)
                        target[first * p * p + second] = kernel.values[(first * kernel.side + wrappedU) * kernel.side + wrappedV]
                    }
                }
            })
        var realParts: [Matrix<Double>] = []
        var imaginaryParts: [Matrix<Double>] = []
        for k in 0..<frequencies {
            var waves = Matrix<Double>(rowCount: 2 * columns, columnCount: offsets.count)
            for l in 0..<columns {
                for (index, offset) in offsets.enumerated() {
                    let phase =
                        angle(((k * offset.0) % rows + rows) % rows, rows) + angle(((l * offset.1) % columns + columns) % columns, columns)
                    waves[2 * l, index] = Double.cos(phase)
                    waves[2 * l + 1, index] = Double.sin(phase)
                }
            }
            let matrices = waves * blocks
            for l in 0..<columns {
                realParts.append(Matrix(rowCount: p * p, columnCount: p * p, elements: matrices.row(2 * l)))
                imaginaryParts.append(Matrix(rowCount: p * p, columnCount: p * p, elements: matrices.row(2 * l + 1)))
            }
        }
        (self.realParts, self.imaginaryParts) = (realParts, imaginaryParts)
    }

    /// Bytes that it takes, its construction included: the matrices of all frequencies make deep kernels of large pictures dear, the
    /// Fourier matrices shallow ones of long pictures.
    static func byteCount(period p: Int, reach: Int, height: Int, width: Int) -> Double {
        let (rows, columns) = (Double(height / p), Double(width / p))
        let size = Double(p * p) * Double(p * p)
        let kernels = 16 * (rows / 2 + 1) * columns * size
        let fourier = 16 * (rows + 2) * rows + 64 * columns * columns
        let offsets = Double(2 * ((reach + p - 2) / p) + 1)
        return kernels + fourier + 8 * size * (offsets * offsets + 2 * columns + 2)
    }

    /// T·x for every one of several pictures.
    ///
    /// - Parameters:
    ///   - pictures: Shape `[height, width, count]`, flat.
    ///   - count: How many.
    /// - Returns: The same shape.
    func product(with pictures: [Double], count: Int) -> [Double] {
        let (p, columns, frequencies) = (period, columns, frequencyCount)
        let slice = p * columns * p * count
        precondition(pictures.count == rows * slice, "Pictures of \(pictures.count) values are not \(count) of \(rows * p)×\(columns * p).")
        // [2k + part, (a, block, b, picture)]
        let spectrum = forwardDown * Matrix(rowCount: rows, columnCount: slice, elements: pictures)
        let values = spectrum.elements
        let images = BLASLibrary.withOneThread { threadCount in
            ParallelMap.results(of: frequencies, threadCount: threadCount) { k in
                image(of: values[2 * k * slice..<2 * (k + 1) * slice], frequency: k, count: count)
            }
        }
        var joined: [Double] = []
        joined.reserveCapacity(2 * frequencies * slice)
        for image in images { joined.append(contentsOf: image) }
        return (backwardDown * Matrix(rowCount: 2 * frequencies, columnCount: slice, elements: joined)).elements
    }

    /// The product at one frequency down: both parts of `[a, block, b, picture]` to the same.
    private func image(of values: ArraySlice<Double>, frequency k: Int, count: Int) -> [Double] {
        let (p, columns) = (period, columns)
        let (run, slice) = (p * count, p * columns * p * count)
        // [part, block, (a, b, picture)]
        var gathered: [Double] = []
        gathered.reserveCapacity(2 * slice)
        for part in 0..<2 {
            for block in 0..<columns {
                for a in 0..<p {
                    let from = values.startIndex + part * slice + (a * columns + block) * run
                    gathered.append(contentsOf: values[from..<from + run])
                }
            }
        }
        let width = p * run
        let waves = (forwardAcross * Matrix(rowCount: 2 * columns, columnCount: width, elements: gathered)).elements
        var products = [Double](repeating: 0, count: 2 * slice)
        for l in 0..<columns {
            // [phase, (real of each picture, imaginary of each)]
            var both = Matrix<Double>(rowCount: p * p, columnCount: 2 * count)
            var joined: [Double] = []
            joined.reserveCapacity(2 * width)
            for phase in 0..<p * p {
                let (real, imaginary) = (l * width + phase * count, (columns + l) * width + phase * count)
                joined.append(contentsOf: waves[real..<real + count])
                joined.append(contentsOf: waves[imaginary..<imaginary + count])
            }
            both = Matrix(rowCount: p * p, columnCount: 2 * count, elements: joined)
            let byReal = (realParts[k * columns + l] * both).elements
            let byImaginary = (imaginaryParts[k * columns + l] * both).elements
            for phase in 0..<p * p {
                let from = 2 * phase * count
                let (real, imaginary) = (l * width + phase * count, (columns + l) * width + phase * count)
                for picture in 0..<count {
                    products[real + picture] = byReal[from + picture] - byImaginary[from + count + picture]
                    products[imaginary + picture] = byReal[from + count + picture] + byImaginary[from + picture]
                }
            }
        }
        let back = (backwardAcross * Matrix(rowCount: 2 * columns, columnCount: width, elements: products)).elements
        var result: [Double] = []
        result.reserveCapacity(2 * slice)
        for part in 0..<2 {
            for a in 0..<p {
                for block in 0..<columns {
                    let from = (part * columns + block) * width + a * run
                    result.append(contentsOf: back[from..<from + run])
                }
            }
        }
        return result
    }
}
