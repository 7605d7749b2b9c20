/// An image made of another's rows, each of a few of them by fixed shares: upsampling that is smoother than repeating.
package struct Interpolation: Sendable, Equatable {
    /// Pixels of the image that is read.
    let pixelCount: Int
    /// Rows that each place reads.
    private let tapCount: Int
    private let rows: [Int32]
    private let shares: [Double]

    /// An interpolation from each place's rows and their shares, as many for each.
    package init(pixelCount: Int, rows: [[Int]], shares: [[Double]]) {
        self.pixelCount = pixelCount
        tapCount = rows.first?.count ?? 0
        self.rows = rows.flatMap { $0.map { Int32($0) } }
        self.shares = shares.flatMap(\.self)
        precondition(
            self.rows.count == self.shares.count && self.rows.allSatisfy { $0 >= 0 && $0 < pixelCount },
            "Rows and shares of an interpolation do not fit \(pixelCount) pixels.")
    }

    /// Places of the image that is made.
    package var placeCount: Int { tapCount == 0 ? 0 : rows.count / tapCount }

    /// Writes the larger images over `output`, shape `[n·placeCount, channels]`.
    /// - Parameter images: Shape `[n·pixels, channels]`.
    package func apply<Scalar: NumericScalar>(to images: Matrix<Scalar>, into output: inout Matrix<Scalar>) {
        let (channels, count) = (images.columnCount, images.rowCount / pixelCount)
        precondition(
            output.rowCount == count * placeCount && output.columnCount == channels, "\(output.shapeText) is not the larger image.")
        let shares = self.shares.map { Scalar($0) }
        let (pixels, places, taps) = (pixelCount, placeCount, tapCount)
        output.withUnsafeMutableElements { output in
            images.elements.withUnsafeBufferPointer { images in
                withTables(shares) { rows, shares in
                    guard let x = images.baseAddress, let y = output.baseAddress else { return }
                    for image in 0..<count {
                        Scalar.elementwiseKernels.combineRows(
                            places, taps, channels, rows, shares, x + image * pixels * channels, y + image * places * channels)
                    }
                }
            }
        }
    }

    /// The transpose: adds each place of `delta`, shape `[n·placeCount, channels]`, to the rows that it was made of.
    /// - Parameter target: Shape `[n·pixels, channels]`.
    package func addPullBack<Scalar: NumericScalar>(of delta: Matrix<Scalar>, into target: inout Matrix<Scalar>) {
        let (channels, count) = (delta.columnCount, delta.rowCount / max(placeCount, 1))
        precondition(
            target.rowCount == count * pixelCount && target.columnCount == channels, "\(target.shapeText) is not the smaller image.")
        let shares = self.shares.map { Scalar($0) }
        let (pixels, places, taps) = (pixelCount, placeCount, tapCount)
        target.withUnsafeMutableElements { target in
            delta.elements.withUnsafeBufferPointer { delta in
                withTables(shares) { rows, shares in
                    guard let x = target.baseAddress, let y = delta.baseAddress else { return }
                    for image in 0..<count {
                        Scalar.elementwiseKernels.spreadRows(
                            places, taps, channels, rows, shares, y + image * places * channels, x + image * pixels * channels)
                    }
                }
            }
        }
    }

    private func withTables<Scalar>(_ shares: [Scalar], _ body: (UnsafePointer<Int32>, UnsafePointer<Scalar>) -> Void) {
        rows.withUnsafeBufferPointer { rows in
            shares.withUnsafeBufferPointer { shares in
                guard let rows = rows.baseAddress, let shares = shares.baseAddress else { return }
                body(rows, shares)
            }
        }
    }
}
