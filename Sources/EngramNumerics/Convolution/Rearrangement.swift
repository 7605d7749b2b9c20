/// An image whose every pixel is a pixel of another image.
package struct Rearrangement: Sendable, Equatable {
    /// Pixels of the image that is read.
    let pixelCount: Int
    private let rows: [Int32]

    /// A rearrangement from the pixel that each place reads.
    package init(pixelCount: Int, rows: [Int]) {
        precondition(rows.allSatisfy { $0 >= 0 && $0 < pixelCount }, "Rows of a rearrangement are not among \(pixelCount) pixels.")
        self.pixelCount = pixelCount
        self.rows = rows.map { Int32($0) }
    }

    /// Writes the rearranged images over `output`, shape `[n·places, channels]`.
    /// - Parameters:
    ///   - images: `n·pixelCount·channels` entries in rows of any length.
    ///   - output: Has as many columns as an image has channels.
    package func apply<Scalar: NumericScalar>(to images: Matrix<Scalar>, into output: inout Matrix<Scalar>) {
        let (channels, count) = counts(images, output)
        let places = rows.count
        output.withUnsafeMutableElements { output in
            images.elements.withUnsafeBufferPointer { images in
                rows.withUnsafeBufferPointer { rows in
                    guard let x = images.baseAddress, let y = output.baseAddress, let rows = rows.baseAddress else { return }
                    for image in 0..<count {
                        Scalar.elementwiseKernels.gatherPatches(
                            places, 1, channels, rows, x + image * pixelCount * channels, y + image * places * channels)
                    }
                }
            }
        }
    }

    /// The transpose: adds each place of `delta`, shape `[n·places, channels]`, to the pixel that it was read from.
    /// - Parameter target: `n·pixelCount·channels` entries in rows of any length.
    package func addPullBack<Scalar: NumericScalar>(of delta: Matrix<Scalar>, into target: inout Matrix<Scalar>) {
        let (channels, count) = counts(target, delta)
        let places = rows.count
        target.withUnsafeMutableElements { target in
            delta.elements.withUnsafeBufferPointer { delta in
                rows.withUnsafeBufferPointer { rows in
                    guard let x = target.baseAddress, let y = delta.baseAddress, let rows = rows.baseAddress else { return }
                    for image in 0..<count {
                        Scalar.elementwiseKernels.scatterPatches(
                            places, 1, channels, rows, y + image * places * channels, x + image * pixelCount * channels)
                    }
                }
            }
        }
    }

    private func counts<Scalar>(_ images: Matrix<Scalar>, _ output: Matrix<Scalar>) -> (channels: Int, count: Int) {
        let (channels, count) = (output.columnCount, rows.isEmpty ? 0 : output.rowCount / rows.count)
        precondition(
            images.rowCount * images.columnCount == count * pixelCount * channels,
            "\(images.shapeText) does not hold \(count) images of \(pixelCount) pixels and \(channels) channels.")
        return (channels, count)
    }
}
