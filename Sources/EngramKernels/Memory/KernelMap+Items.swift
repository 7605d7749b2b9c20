public import EngramDynamics
public import EngramNumerics

// What a kernel machine does at its own items: the products of items with each other serve their outputs and their hull.

extension KernelMap {
    /// F of each item, as `outputs(of:)` gives it: at an item few kernel values matter, and few items.
    func outputsOfItems() -> Matrix<Double> {
        let coefficients = KernelImages(weights: parameters.mixing.transposed(), base: parameters.offset)
        let combined = KernelImages(weights: items, base: Array(repeating: 0, count: items.columnCount))
        let squares = radialKernel == nil ? nil : squaredDistancesOfItems()
        var result = Matrix<Double>(rowCount: items.rowCount, columnCount: outputDimension)
        for first in stride(from: 0, to: items.rowCount, by: Self.longestBlock) {
            let range = first..<min(first + Self.longestBlock, items.rowCount)
            let rows =
                if let squares, let radialKernel {
                    Self.normalizedRows(squares.rows(at: range), radialKernel)
                } else {
                    kernelRows(of: centers.rows(at: range))
                }
            result.copyElements(from: combined.outputs(of: coefficients.outputs(of: rows)), toRow: first)
        }
        return result
    }

    /// ‖z(x_i) - z(x_j)‖² of the items, shape `[n, n]`, as `squaredDistances(of:)` gives it, at half its operations.
    ///
    /// With o the mean of the items, y_i = x_i - o and u(x_i) = u(o) + B y_i, ⟨u_i, u_j⟩ = ‖u(o)‖² + ⟨u(o), B y_i⟩ + ⟨u(o), B y_j⟩ +
    /// ⟨B y_i, B y_j⟩, and z = r u/‖u‖.
    func squaredDistancesOfItems() -> Matrix<Double> {
        if let knownSquares { return scaledKnownSquares(knownSquares) }
        let (n, origin) = (items.rowCount, items.columnMeans())
        let moves = features.pushForward(rows: items.scaledRows(by: Array(repeating: 1, count: n), subtracting: origin))
        let products = moves.rowProducts()
        itemProducts.hold(products)
        let first = features.features(of: Matrix(rowCount: 1, columnCount: origin.count, elements: origin)).row(0)
        let along = moves * first
        let base = Self.square(first)
        let norms = (0..<n).map { (base + 2 * along[$0] + products[$0, $0]).squareRoot() }
        let (square, threadCount) = (parameters.norm * parameters.norm, BLASLibrary.threadCount)
        let chunk = max(1, n / (8 * threadCount))
        let triangle = ParallelMap.results(of: (n + chunk - 1) / chunk, threadCount: threadCount) { part in
            var values: [Double] = []
            for i in part * chunk..<min((part + 1) * chunk, n) {
                for j in 0...i {
                    let norm = norms[i] * norms[j]
                    let product = norm > 0 ? (base + along[i] + along[j] + products.elements[i * n + j]) / norm : 0
                    let squared = 2 * square * (1 - product)
                    values.append(squared < Self.nearShare * square ? squaredDistance(centers.row(i), centers.row(j)) : squared)
                }
            }
            return values
        }
        return Matrix(symmetricWithLowerTriangle: Array(triangle.joined()), side: n)
    }

    private static func square(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 } }

    /// The same from the squared distances that the machine was solved with, and what the hull needs of them: with q = ‖u‖, ⟨u_i, u_j⟩ = q_i q_j (1 -
    /// ‖û_i - û_j‖²/2), of which the parts along u(o) are taken out.
    private func scaledKnownSquares(_ known: Matrix<Double>) -> Matrix<Double> {
        let (n, origin, square) = (items.rowCount, items.columnMeans(), parameters.norm * parameters.norm)
        let first = features.features(of: Matrix(rowCount: 1, columnCount: origin.count, elements: origin)).row(0)
        let (base, norms, cosines) = (Self.square(first), centerNorms, centers * first)
        // ⟨u(o), B y_i⟩.
        let along = (0..<n).map { cosines[$0] * norms[$0] / parameters.norm - base }
        let entries = known.elements
        itemProducts.hold(
            Matrix(rowCount: n, columnCount: n) { row, target in
                for column in 0...row {
                    target[column] =
                        norms[row] * norms[column] * (1 - entries[row * n + column] / 2) - base - along[row] - along[column]
                }
            })
        return square == 1 ? known : square * known
    }

    /// Which item each row of `points` is, bit for bit; nil where it is none.
    func itemIndices(of points: Matrix<Double>) -> [Int?] {
        guard points.columnCount == items.columnCount, items.columnCount > 0 else { return Array(repeating: nil, count: points.rowCount) }
        var places: [UInt64: [Int]] = [:]
        for item in 0..<items.rowCount { places[items[item, 0].bitPattern, default: []].append(item) }
        let (source, width) = (points.elements, points.columnCount)
        return (0..<points.rowCount).map { row in
            (places[points[row, 0].bitPattern] ?? []).first { item in
                source[row * width..<(row + 1) * width].elementsEqual(items.elements[item * width..<(item + 1) * width])
            }
        }
    }

    /// ‖z - c‖² of states that belong to `points`, and the centres: those known for items, the others from products.
    func squaredDistances(of states: Matrix<Double>, at points: Matrix<Double>) -> Matrix<Double> {
        guard let knownSquares else { return squaredDistances(of: states) }
        let indices = itemIndices(of: points)
        guard indices.allSatisfy({ $0 != nil }) else { return squaredDistances(of: states) }
        let square = parameters.norm * parameters.norm
        let rows = knownSquares.rows(at: indices.compactMap(\.self))
        return square == 1 ? rows : square * rows
    }

    /// The affine hull of the items.
    ///
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    public func imageSubspace() throws(NumericsError) -> AffineSubspace { try hull().subspace }

    /// The affine hull of the items, and their coordinates in it.
    func hull() throws(NumericsError) -> (subspace: AffineSubspace, items: Matrix<Double>) {
        let origin = items.columnMeans()
        let (n, d) = (items.rowCount, items.columnCount)
        var centred = items.scaledRows(by: Array(repeating: 1, count: n), subtracting: origin)
        guard n > 1 else {
            // One point has no extent; a direction is needed all the same.
            var direction = Matrix<Double>(rowCount: d, columnCount: 1)
            direction[0, 0] = 1
            return (AffineSubspace(origin: origin, basis: direction), centred * direction)
        }
        guard n <= d else { return (AffineSubspace(origin: origin, basis: .identity(d)), centred) }
        let held = itemProducts.take().flatMap { features.products($0, ofTangentsWithMeans: centred.rowMeans()) }
        // Centred items sum to nothing, so that all but one span the hull.
        let last = centred.rows(at: n - 1..<n)
        centred.removeRows(from: n - 1)
        let products = held.map { $0.leadingSquare(n - 1) }
        if let (coefficients, rows) = try centred.orthonormalizedRows(products: products) {
            let basis = rows.transposed()
            var coordinates = coefficients.elements
            coordinates.append(contentsOf: (last * basis).elements)
            return (
                AffineSubspace(origin: origin, basis: basis), Matrix(rowCount: n, columnCount: n - 1, elements: coordinates)
            )
        }
        // Reflections keep directions in which items hardly differ; where items depend on each other they only add directions that nothing
        // uses.
        let basis = try centred.transposed().orthonormalizedColumns()
        var coordinates = (centred * basis).elements
        coordinates.append(contentsOf: (last * basis).elements)
        return (AffineSubspace(origin: origin, basis: basis), Matrix(rowCount: n, columnCount: basis.columnCount, elements: coordinates))
    }
}
