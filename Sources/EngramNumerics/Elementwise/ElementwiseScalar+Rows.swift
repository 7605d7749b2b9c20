// Pointer-level passes for the matrix code of this package. Matrices are contiguous and row-major; buffers do not overlap
// unless a method says so; counts may be 0, negative ones are a broken promise.

extension ElementwiseScalar {
    /// Writes φ(z + bias), and φ′(z + bias) if asked for, in one pass.
    ///
    /// - Parameters:
    ///   - activation: φ.
    ///   - rows: Row count of `z`.
    ///   - columns: Column count of `z`.
    ///   - bias: Shape `[columns]`; nil adds nothing.
    ///   - z: Shape `[rows, columns]`, read only.
    ///   - values: Shape `[rows, columns]`; may be `z` itself.
    ///   - derivatives: Shape `[rows, columns]`; nil to leave them out, which is faster.
    package static func activateRows(
        _ activation: Activation, rows: Int, columns: Int, bias: UnsafePointer<Self>?, from z: UnsafePointer<Self>,
        values: UnsafeMutablePointer<Self>, derivatives: UnsafeMutablePointer<Self>?
    ) {
        checkCounts(rows, columns)
        elementwiseKernels.activateRows(activation, rows, columns, bias, z, values, derivatives)
    }

    /// Adds `bias`, shape `[columns]`, to each row of `z`, shape `[rows, columns]`: the linear output layer.
    package static func addBias(rows: Int, columns: Int, _ bias: UnsafePointer<Self>, to z: UnsafeMutablePointer<Self>) {
        checkCounts(rows, columns)
        elementwiseKernels.addBias(rows, columns, bias, z)
    }

    /// Multiplies `delta` by `derivatives`, element by element.
    package static func multiply(count: Int, _ delta: UnsafeMutablePointer<Self>, by derivatives: UnsafePointer<Self>) {
        checkCounts(count)
        elementwiseKernels.multiply(count, derivatives, delta)
    }

    /// Sums the columns of a matrix of shape `[rows, columns]`, rows first to last, in Double.
    package static func sumColumns(
        rows: Int, columns: Int, of matrix: UnsafePointer<Self>, into sums: UnsafeMutablePointer<Self>
    ) {
        checkCounts(rows, columns)
        elementwiseKernels.sumColumns(rows, columns, matrix, sums)
    }

    /// `multiply(count:_:by:)` and `sumColumns(rows:columns:of:into:)` of the product in one pass, with the same bytes:
    /// the error of a layer and the gradient of its bias.
    package static func multiplyAndSumColumns(
        rows: Int, columns: Int, _ delta: UnsafeMutablePointer<Self>, by derivatives: UnsafePointer<Self>,
        sums: UnsafeMutablePointer<Self>
    ) {
        checkCounts(rows, columns)
        elementwiseKernels.multiplyAndSumColumns(rows, columns, derivatives, delta, sums)
    }

    /// Writes scale·(prediction - target) and returns Σ (prediction - target)², unscaled.
    ///
    /// The squares are summed in Double in an order that depends on `count` alone.
    /// - Parameter residual: May be `prediction` or `target` itself.
    package static func residual(
        count: Int, scale: Self, prediction: UnsafePointer<Self>, target: UnsafePointer<Self>, into residual: UnsafeMutablePointer<Self>
    ) -> Double {
        checkCounts(count)
        return elementwiseKernels.residual(count, scale, prediction, target, residual)
    }

    /// Writes z + strength·noise with one strength per row.
    ///
    /// - Parameters:
    ///   - strengths: Shape `[rows]`.
    ///   - noise: Shape `[rows, columns]`.
    ///   - z: Shape `[rows, columns]`.
    ///   - output: Shape `[rows, columns]`; may be `z` or `noise` itself.
    package static func addNoise(
        rows: Int, columns: Int, strengths: UnsafePointer<Self>, noise: UnsafePointer<Self>, to z: UnsafePointer<Self>,
        into output: UnsafeMutablePointer<Self>
    ) {
        checkCounts(rows, columns)
        elementwiseKernels.addNoise(rows, columns, strengths, z, noise, output)
    }

    /// One Adam step; both moments start at 0.
    package static func adamStep(
        count: Int, parameters: UnsafeMutablePointer<Self>, gradients: UnsafePointer<Self>, firstMoment: UnsafeMutablePointer<Self>,
        secondMoment: UnsafeMutablePointer<Self>, settings: AdamStep
    ) {
        checkCounts(count)
        elementwiseKernels.adam(count, settings, gradients, parameters, firstMoment, secondMoment)
    }

    /// One step of gradient descent; `velocity` starts at 0 and may be nil without momentum.
    package static func gradientDescentStep(
        count: Int, parameters: UnsafeMutablePointer<Self>, gradients: UnsafePointer<Self>, velocity: UnsafeMutablePointer<Self>?,
        settings: GradientDescentStep
    ) {
        checkCounts(count)
        precondition(velocity != nil || settings.momentum == 0, "momentum \(settings.momentum) needs a velocity buffer")
        elementwiseKernels.gradientDescent(count, settings, gradients, parameters, velocity)
    }

    /// One RMSprop step; `meanSquare` starts at 0.
    package static func rmspropStep(
        count: Int, parameters: UnsafeMutablePointer<Self>, gradients: UnsafePointer<Self>, meanSquare: UnsafeMutablePointer<Self>,
        settings: RMSpropStep
    ) {
        checkCounts(count)
        elementwiseKernels.rmsprop(count, settings, gradients, parameters, meanSquare)
    }

    private static func checkCounts(_ rows: Int, _ columns: Int = 1) {
        precondition(rows >= 0 && columns >= 0, "counts must not be negative, found \(rows) and \(columns)")
    }
}
