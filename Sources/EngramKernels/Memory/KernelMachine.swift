public import EngramNumerics
internal import RealModule

/// What a kernel machine is fitted to: distinct items, what each leads to, and the features in which they are seen.
public struct KernelMachine: Sendable, Equatable {
    /// x_l, shape `[n, d]`, distinct rows.
    public let items: Matrix<Float>
    /// For each item the one that it leads to.
    public let successors: [Int]
    /// What the kernel sees.
    public let features: StoredKernelMap.Features
    /// ‖û(x_i) - û(x_j)‖² of the unit directions, shape `[n, n]`: the one product that is as large as the items.
    private let squaredDistances: Matrix<Double>
    /// The first item without direction.
    private let itemWithoutDirection: Int?

    /// Two items whose directions are the same to within rounding, or one that has none.
    public enum Degeneracy: Error, Equatable, Sendable {
        /// The cosine of the two is 1 to within `gap`.
        case parallel(first: Int, second: Int, gap: Double)
        /// The item is where features are zero: at the mean.
        case noDirection(item: Int)
    }

    /// A machine in lifted features, in which every item has a direction.
    ///
    /// - Parameters:
    ///   - items: Shape `[n, d]`, distinct rows.
    ///   - successors: Of n items.
    public init(lifting items: Matrix<Float>, successors: [Int]) {
        let fitted = LiftedFeatures(fittedTo: items.converted(to: Double.self))
        self.init(items: items, successors: successors, features: .lifted(brightness: fitted.brightness, constant: fitted.constant))
    }

    /// A machine in features centred on the mean of the items, as [JP20] assumes.
    public init(centring items: Matrix<Float>, successors: [Int]) {
        self.init(
            items: items, successors: successors, features: .centred(mean: items.converted(to: Double.self).columnMeans()))
    }

    private init(items: Matrix<Float>, successors: [Int], features: StoredKernelMap.Features) {
        precondition(
            items.rowCount >= 1 && successors.count == items.rowCount && successors.allSatisfy { (0..<items.rowCount).contains($0) },
            "\(successors.count) successors do not fit \(items.rowCount) items.")
        self.items = items
        self.successors = successors
        self.features = features
        let directions = Self.directions(of: items, features)
        itemWithoutDirection = (0..<items.rowCount).first { row in directions.row(row).allSatisfy { $0 == 0 } }
        squaredDistances = DistanceGeometry(points: directions, centers: directions, metric: nil).squaredDistances()
    }

    /// û(x_l), unit rows, shape `[n, f]`; zero for an item without direction.
    private static func directions(of items: Matrix<Float>, _ features: StoredKernelMap.Features) -> Matrix<Double> {
        KernelMap.states(
            of: features.map(dimension: items.columnCount).features(of: items.converted(to: Double.self)), norm: 1
        ).rows
    }

    /// n.
    public var count: Int { items.rowCount }

    /// δ, the least 1 - cosine between the directions of two items; 2 for one item alone.
    ///
    /// - Throws: `Degeneracy` where an item has no direction, or two have one to within `smallestGap`.
    /// - Complexity: O(n²).
    public func gap() throws(Degeneracy) -> Double {
        if let itemWithoutDirection { throw .noDirection(item: itemWithoutDirection) }
        var (least, pair) = (4.0, (0, 0))
        for row in 0..<count {
            for (other, squared) in squaredDistances.elements[row * count..<row * count + row].enumerated() where squared < least {
                (least, pair) = (squared, (other, row))
            }
        }
        guard least / 2 > Self.smallestGap else { throw .parallel(first: pair.0, second: pair.1, gap: least / 2) }
        return least / 2
    }

    /// Nearer directions are told apart by rounding alone.
    public static let smallestGap = 1e-12

    /// Solves the machine: F(x_i) is the item that x_i leads to, exactly.
    ///
    /// - Parameters:
    ///   - kernel: k.
    ///   - rows: What is done with a row of its values.
    ///   - norm: r, on which states are kept.
    ///   - ridge: λ, added to the diagonal of the kernel matrix; 0 interpolates.
    ///   - onStep: Told how many rows or columns are done; may throw to cancel.
    /// - Throws: `KernelSolverError`; whatever `onStep` throws.
    /// - Complexity: O(n³) for a kernel of the plain distance, with O(n²·d) more for others.
    public func solved(
        by kernel: any Kernel, rows: KernelMap.Rows, norm: Double, ridge: Double = 0, onStep: (Int) throws -> Void = { _ in }
    ) throws -> StoredKernelMap {
        let (mixing, offset) = try Self.interpolation(
            gram: kernelMatrix(kernel, norm: norm), successors: successors, hasNormalizedRows: rows == .normalized, ridge: ridge,
            onStep: onStep)
        var stored = StoredKernelMap(
            items: items, mixing: mixing, offset: offset, kernel: kernel, rows: rows, norm: norm, features: features)
        stored.squaredDistances = squaredDistances
        return stored
    }

    /// A and o of the machine that leads each item to its successor.
    ///
    /// - Parameters:
    ///   - gram: Kernel values of the items with each other, shape `[n, n]`.
    ///   - successors: Of n items.
    ///   - hasNormalizedRows: Whether the map divides a row of kernel values by its sum.
    ///   - ridge: λ.
    ///   - onStep: Told how many rows or columns are done; may throw to cancel.
    /// - Throws: `KernelSolverError`; whatever `onStep` throws.
    static func interpolation(
        gram: consuming Matrix<Double>, successors: [Int], hasNormalizedRows: Bool, ridge: Double, onStep: (Int) throws -> Void
    ) throws -> (mixing: Matrix<Double>, offset: [Double]) {
        let n = successors.count
        // Rows of K are those of the Gram matrix divided by their sums: K = D⁻¹ G, so Aᵀ = G⁻¹ D C.
        let scales = hasNormalizedRows ? (0..<n).map { gram.row($0).reduce(0, +) } : Array(repeating: 1, count: n)
        var right = Matrix<Double>(rowCount: n, columnCount: n, repeating: -1 / Double(n))
        for row in 0..<n { right[row, row] += 1 }
        right.scaleRows(by: scales)
        let solution = try KernelCholesky(gram, ridge: ridge, onStep: onStep).solve(right, onStep: onStep)
        var mixing = Matrix<Double>(rowCount: n, columnCount: n)
        mixing.addRows(of: solution.transposed(), at: successors, scaledBy: 1)
        var offset = [Double](repeating: 0, count: n)
        for successor in successors { offset[successor] += 1 / Double(n) }
        return (mixing, offset)
    }

    /// The ridge of the least error at an item that is left out.
    ///
    /// - Parameters:
    ///   - kernel: As for `solved`.
    ///   - rows: Likewise.
    ///   - norm: Likewise.
    ///   - onStep: Told how many ridges were tried; may throw to cancel.
    /// - Throws: `KernelSolverError`; whatever `onStep` throws.
    /// - Complexity: about 40 times that of `solved`.
    public func leaveOneOutRidge(
        by kernel: any Kernel, rows: KernelMap.Rows, norm: Double, onStep: (Int) throws -> Void = { _ in }
    ) throws -> RidgeSelection {
        let gram = kernelMatrix(kernel, norm: norm)
        var targets = items.rows(at: successors).converted(to: Double.self)
        targets.addToRows(targets.columnMeans(), scaledBy: -1)
        // As in `solved`: (G + λ I) α = D (Y - f₀).
        if rows == .normalized { targets.scaleRows(by: (0..<count).map { gram.row($0).reduce(0, +) }) }
        return try RidgeSelection(of: try KernelSpectrum(gram), targets: targets, onStep: onStep)
    }

    private func kernelMatrix(_ kernel: any Kernel, norm: Double) -> Matrix<Double> {
        if let radial = kernel as? any RadialKernel, radial.metric == nil {
            return radial.values(ofSquaredDistances: squaredDistances, scaledBy: norm * norm)
        }
        var centers = Self.directions(of: items, features)
        centers.scale(by: norm)
        return kernel.values(at: centers, centers: centers)
    }
}
