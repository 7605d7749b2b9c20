extension Matrix {
    /// Every entry of self replaced by `transform` of it.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func map(_ transform: (Scalar) -> Scalar) -> Matrix {
        Matrix(rowCount: rowCount, columnCount: columnCount, elements: elements.map(transform))
    }

    /// The entry-wise sum; shapes must agree.
    public static func + (left: Matrix, right: Matrix) -> Matrix { left.combined(with: right, +) }

    /// The entry-wise difference; shapes must agree.
    public static func - (left: Matrix, right: Matrix) -> Matrix { left.combined(with: right, -) }

    /// Every entry times `factor`.
    public static func * (factor: Scalar, matrix: Matrix) -> Matrix { matrix.map { factor * $0 } }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func combined(with other: Matrix, _ operation: (Scalar, Scalar) -> Scalar) -> Matrix {
        precondition(
            rowCount == other.rowCount && columnCount == other.columnCount, "\(shapeText) and \(other.shapeText) differ in shape.")
        var result = self
        result.withUnsafeMutableElements { target in
            other.elements.withUnsafeBufferPointer { source in
                for i in target.indices { target[i] = operation(target[i], source[i]) }
            }
        }
        return result
    }

    /// Adds `vector`, shape `[columnCount]`, to every row.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public mutating func addToRows(_ vector: [Scalar], scaledBy factor: Scalar = 1) {
        precondition(vector.count == columnCount, "A vector of \(vector.count) cannot be added to the rows of \(shapeText).")
        let width = columnCount
        let height = rowCount
        withUnsafeMutableElements { target in
            vector.withUnsafeBufferPointer { addend in
                for i in 0..<height { for j in 0..<width { target[i * width + j] += factor * addend[j] } }
            }
        }
    }

    /// Multiplies row `i` by `factors[i]`; `factors` has shape `[rowCount]`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public mutating func scaleRows(by factors: [Scalar]) {
        precondition(factors.count == rowCount, "\(factors.count) factors cannot scale the rows of \(shapeText).")
        let width = columnCount
        withUnsafeMutableElements { target in
            for (i, factor) in factors.enumerated() { for j in 0..<width { target[i * width + j] *= factor } }
        }
    }

    /// Multiplies column `j` by `factors[j]`; `factors` has shape `[columnCount]`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public mutating func scaleColumns(by factors: [Scalar]) {
        precondition(factors.count == columnCount, "\(factors.count) factors cannot scale the columns of \(shapeText).")
        let width = columnCount
        let height = rowCount
        withUnsafeMutableElements { target in
            factors.withUnsafeBufferPointer { factor in
                for i in 0..<height { for j in 0..<width { target[i * width + j] *= factor[j] } }
            }
        }
    }

    /// Multiplies every entry by `factor`, in place.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public mutating func scale(by factor: Scalar) {
        withUnsafeMutableElements { target in for i in target.indices { target[i] *= factor } }
    }

    /// Writes `source`, of the same shape, over this matrix without a new allocation.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public mutating func copyElements(from source: Matrix, toRow firstRow: Int = 0) {
        precondition(
            source.columnCount == columnCount && firstRow >= 0 && firstRow + source.rowCount <= rowCount,
            "\(source.shapeText) does not fit \(shapeText) from row \(firstRow).")
        let offset = firstRow * columnCount
        withUnsafeMutableElements { target in
            source.elements.withUnsafeBufferPointer { from in
                for i in from.indices { target[offset + i] = from[i] }
            }
        }
    }

    /// Changes the number of rows: rows beyond the new count are dropped, missing ones are zero. Down, and up again to what there was,
    /// allocates nothing.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public mutating func setRowCount(_ count: Int) {
        precondition(count >= 0, "A matrix cannot have \(count) rows.")
        let entryCount = count * columnCount
        if entryCount < elements.count {
            elements.removeLast(elements.count - entryCount)
        } else if entryCount > elements.count {
            elements.reserveCapacity(entryCount)
            while elements.count < entryCount { elements.append(0) }
        }
        setRowCountOfElements(count)
    }

    /// Writes the rows of `source` at `indices` over the rows from `firstRow` on, without a new allocation.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public mutating func copyRows(at indices: ArraySlice<Int>, of source: Matrix, toRow firstRow: Int) {
        precondition(
            source.columnCount == columnCount && firstRow >= 0 && firstRow + indices.count <= rowCount,
            "\(indices.count) rows of \(source.shapeText) do not fit \(shapeText) from row \(firstRow).")
        let (width, height) = (columnCount, source.rowCount)
        withUnsafeMutableElements { target in
            source.elements.withUnsafeBufferPointer { from in
                guard let output = target.baseAddress, let input = from.baseAddress else { return }
                for position in 0..<indices.count {
                    let index = indices[indices.startIndex + position]
                    precondition(index >= 0 && index < height, "Row \(index) is outside a matrix of \(height) rows.")
                    (output + (firstRow + position) * width).update(from: input + index * width, count: width)
                }
            }
        }
    }

    /// The mean of each column, summed in float64; shape `[columnCount]`.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func columnMeans() -> [Scalar] {
        guard rowCount > 0 else { return Array(repeating: 0, count: columnCount) }
        var sums = [Double](repeating: 0, count: columnCount)
        for i in 0..<rowCount {
            let base = i * columnCount
            for j in 0..<columnCount { sums[j] += Double(elements[base + j]) }
        }
        return sums.map { Scalar($0 / Double(rowCount)) }
    }

    /// The mean over all entries of the squared difference to `other`, summed in float64; 0 for an empty matrix.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    public func meanSquaredDifference(to other: Matrix) -> Double {
        precondition(
            rowCount == other.rowCount && columnCount == other.columnCount, "\(shapeText) and \(other.shapeText) differ in shape.")
        guard !elements.isEmpty else { return 0 }
        var sum = 0.0
        for i in elements.indices {
            let difference = Double(elements[i]) - Double(other.elements[i])
            sum += difference * difference
        }
        return sum / Double(elements.count)
    }

    /// The square of the Frobenius norm, in float64: row by row, each in eight sums, so that rounding grows with the square roots of the
    /// sides and not with that of the number of entries.
    public var squaredFrobeniusNorm: Double {
        @_specialize(where Scalar == Float)
        @_specialize(where Scalar == Double)
        get { elements.withUnsafeBufferPointer(sumOfSquares) }
    }

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    private func sumOfSquares(_ all: UnsafeBufferPointer<Scalar>) -> Double {
        var total = 0.0
        for row in 0..<rowCount {
            var sums = SIMD8<Double>()
            let begin = row * columnCount
            let whole = begin + columnCount / 8 * 8
            for at in stride(from: begin, to: whole, by: 8) {
                var part = SIMD8<Double>()
                for lane in 0..<8 { part[lane] = Double(all[at + lane]) }
                sums += part * part
            }
            var sum = sums.sum()
            for at in whole..<begin + columnCount { sum += Double(all[at]) * Double(all[at]) }
            total += sum
        }
        return total
    }

    /// The Frobenius norm, summed in float64.
    public var frobeniusNorm: Double {
        @_specialize(where Scalar == Float)
        @_specialize(where Scalar == Double)
        get {
            var sum = 0.0
            for value in elements { sum += Double(value) * Double(value) }
            return sum.squareRoot()
        }
    }
}
