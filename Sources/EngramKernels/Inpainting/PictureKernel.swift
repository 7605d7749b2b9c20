public import EngramNumerics

/// The kernel matrix of the known pixels of a picture under a convolutional network, with its products by Fourier transforms.
///
/// What all pairs of pixels far apart share is taken off unless asked to stay: it is what an unknown constant under the picture would add,
/// and `PictureSystem` fits that constant exactly.
public struct PictureKernel: KernelOperator, Sendable {
    /// The network's kernel.
    public let kernel: ConvolutionalKernel
    /// Rows of the picture.
    public let height: Int
    /// Columns of the picture.
    public let width: Int
    /// What stands beyond its border.
    public let padding: PicturePadding
    /// The known pixels, row·width + column, ascending.
    public let known: [Int]
    /// Displacements from which on the kernel is flat.
    let reach: Int
    private let tensor: PhaseTensor
    private let rows: PaddedAxis
    private let columns: PaddedAxis
    private let circle: CircleOperator?

    /// Prepares a kernel for one mask.
    ///
    /// - Parameters:
    ///   - kernel: Computed at `windowSide`, or on a circular picture of the same side as this.
    ///   - height: Rows, > 0.
    ///   - width: Columns, > 0.
    ///   - padding: What stands beyond the border.
    ///   - known: Known pixels, row·width + column, ascending.
    public init(_ kernel: ConvolutionalKernel, height: Int, width: Int, padding: PicturePadding = .open, known: [Int]) {
        self.init(kernel, height: height, width: width, padding: padding, known: known, hasProducts: true)
    }

    /// - Parameter hasProducts: Whether products are prepared; single entries need no preparation.
    init(_ kernel: ConvolutionalKernel, height: Int, width: Int, padding: PicturePadding, known: [Int], hasProducts: Bool) {
        precondition(height > 0 && width > 0, "A picture has rows and columns, got \(height)×\(width).")
        precondition(known.allSatisfy { $0 >= 0 && $0 < height * width }, "A known pixel is outside \(height)×\(width).")
        self.kernel = kernel
        self.height = height
        self.width = width
        self.padding = padding
        self.known = known
        let reach = min(kernel.network.reach, kernel.side / 2)
        self.reach = reach
        let tensor = kernel.tensor().removingFlat(reach: reach)
        let rows = PaddedAxis(count: height, period: tensor.period, reach: reach, padding: padding)
        let columns = PaddedAxis(count: width, period: tensor.period, reach: reach, padding: padding)
        (self.tensor, self.rows, self.columns) = (tensor, rows, columns)
        circle =
            hasProducts
            ? CircleOperator(kernel, tensor: tensor, reach: reach, height: rows.circumference, width: columns.circumference) : nil
    }

    /// Number of known pixels.
    public var count: Int { known.count }

    /// Numbers that a product holds for each pixel of the circle and right side, about: nine shifts of a quarter in six forms.
    private static let productCopies = 16.0

    /// Most bytes that a kernel takes for a picture, its computation and its products included.
    ///
    /// - Parameters:
    ///   - network: The network.
    ///   - height: Rows.
    ///   - width: Columns.
    ///   - padding: What stands beyond the border.
    ///   - rightCount: Pictures that it is multiplied by at once.
    public static func byteCount(
        of network: ConvolutionalNetwork, height: Int, width: Int, padding: PicturePadding, rightCount: Int
    ) -> Double {
        let p = Double(network.period)
        let window = Double(network.windowSide)
        let tensor = 8 * p * p * window * window
        let rows = PaddedAxis(count: height, period: network.period, reach: network.reach, padding: padding).circumference
        let columns = PaddedAxis(count: width, period: network.period, reach: network.reach, padding: padding).circumference
        let isHalved = CircleOperator.isHalved(network)
        let period = isHalved ? network.period / 2 : network.period
        let products = BlockCirculantOperator.byteCount(
            period: period, reach: isHalved ? network.reachBeforeLastUpsampling : network.reach,
            height: isHalved ? rows / 2 : rows, width: isHalved ? columns / 2 : columns)
        // The circle is larger than the picture, of which `PictureCompletion.byteCount` has the right sides.
        let margin = max(0, Double(rows) * Double(columns) - Double(height) * Double(width))
        let pictures = 8 * Self.productCopies * Double(rightCount) * margin
        // The tensor, and half of it again while it is doubled; without a last doubling the recursion holds six.
        return (isHalved ? 1.75 : 6) * tensor + products + pictures
    }

    /// K of two pixels of the picture.
    @inline(__always)
    func value(_ first: Int, _ second: Int) -> Double {
        let (row, column) = (first / width, first % width)
        let (otherRow, otherColumn) = (second / width, second % width)
        guard padding != .open else { return near(row, column, otherRow - row, otherColumn - column) }
        var sum = 0.0
        for r in rows.places[otherRow] {
            for c in columns.places[otherColumn] {
                sum += around(row, column, wrapped(r - row, rows.circumference), wrapped(c - column, columns.circumference))
            }
        }
        return sum
    }

    /// The sum over all turns around the circle on which the kernel still reaches, as products have it: one where a circle is longer than
    /// twice the reach.
    @inline(__always)
    private func around(_ row: Int, _ column: Int, _ u: Int, _ v: Int) -> Double {
        guard rows.circumference < 2 * reach || columns.circumference < 2 * reach else { return near(row, column, u, v) }
        var sum = 0.0
        for y in turns(from: u, rows.circumference) { for x in turns(from: v, columns.circumference) { sum += near(row, column, y, x) } }
        return sum
    }

    /// Displacements below the reach that end at the same place of a circle.
    private func turns(from displacement: Int, _ circumference: Int) -> StrideTo<Int> {
        let first = displacement - (displacement + reach - 1) / circumference * circumference
        return stride(from: first, to: reach, by: circumference)
    }

    /// The displacement of least size.
    @inline(__always)
    private func wrapped(_ displacement: Int, _ circumference: Int) -> Int {
        let positive = (displacement + circumference) % circumference
        return 2 * positive >= circumference ? positive - circumference : positive
    }

    @inline(__always)
    private func near(_ row: Int, _ column: Int, _ u: Int, _ v: Int) -> Double {
        guard abs(u) < reach, abs(v) < reach else { return 0 }
        let (p, d) = (tensor.period, tensor.side)
        let plane = (row % p) * p + column % p
        return tensor.values[(plane * d + (u < 0 ? u + d : u)) * d + (v < 0 ? v + d : v)]
    }

    /// K_ii.
    public func diagonal() -> [Double] { known.map { value($0, $0) } }

    /// Entries in ranges of known pixels.
    public func block(rows: Range<Int>, columns: Range<Int>) -> Matrix<Double> { block(at: Array(rows), columns: Array(columns)) }

    /// Entries of known pixels at these places of `known`.
    public func block(at rows: [Int], columns: [Int]) -> Matrix<Double> {
        Matrix(
            rowCount: rows.count, columnCount: columns.count,
            elements: ParallelMap.filled(count: rows.count, of: columns.count) { (i, target: inout BlockTarget<Double>) in
                for j in columns.indices { target[j] = value(known[rows[i]], known[columns[j]]) }
            })
    }

    /// K·right for the known pixels.
    public func product(with right: Matrix<Double>, onTiles: () throws -> Void) throws -> Matrix<Double> {
        try onTiles()
        return gathered(try picture(of: right), at: known)
    }

    /// What coefficients of the known pixels give at every pixel: shape `[height·width, m]`.
    ///
    /// - Parameter coefficients: Shape `[count, m]`.
    public func prediction(from coefficients: Matrix<Double>) throws -> Matrix<Double> {
        gathered(try picture(of: coefficients), at: Array(0..<height * width))
    }

    /// Products on the whole circle, for values at the known pixels.
    private func picture(of right: Matrix<Double>) throws -> [Double] {
        precondition(right.rowCount == count, "A kernel of \(count) pixels does not multiply \(right.rowCount) rows.")
        guard let circle else { preconditionFailure("Products with this kernel were not prepared.") }
        let m = right.columnCount
        let width = columns.circumference
        var values = [Double](repeating: 0, count: rows.circumference * width * m)
        let source = right.elements
        for (index, pixel) in known.enumerated() {
            for r in rows.places[pixel / self.width] {
                for c in columns.places[pixel % self.width] {
                    for j in 0..<m { values[(r * width + c) * m + j] = source[index * m + j] }
                }
            }
        }
        return circle.product(with: values, count: m)
    }

    private func gathered(_ values: [Double], at pixels: [Int]) -> Matrix<Double> {
        let m = values.count / (rows.circumference * columns.circumference)
        var result: [Double] = []
        result.reserveCapacity(pixels.count * m)
        for pixel in pixels {
            let from = (pixel / width * columns.circumference + pixel % width) * m
            result.append(contentsOf: values[from..<from + m])
        }
        return Matrix(rowCount: pixels.count, columnCount: m, elements: result)
    }
}

extension PhaseTensor {
    /// T less what it is where two pixels share no random number: 0 at displacements of `reach` and more.
    func removingFlat(reach: Int) -> PhaseTensor {
        guard 2 * reach < side + 2, side > 1 else { return self }
        let (p, d) = (period, side)
        // Where a whole period lies beyond the reach, every pair of phases has its own flat value; else they are all the same.
        let hasAll = 2 * reach + p <= d
        func flat(_ displacement: Int) -> Int {
            guard hasAll else { return d / 2 }
            let residue = ((displacement - reach) % p + p) % p
            return reach + residue
        }
        let places = (0..<d).map(flat)
        let isNear = (0..<d).map { min($0, d - $0) < reach }
        let source = values
        let result = ParallelMap.filled(count: p * p, of: d * d) { (plane, target: inout BlockTarget<Double>) in
            for u in 0..<d where isNear[u] {
                for v in 0..<d where isNear[v] {
                    target[u * d + v] = source[(plane * d + u) * d + v] - source[(plane * d + places[u]) * d + places[v]]
                }
            }
        }
        return PhaseTensor(period: p, side: d, values: result)
    }
}
