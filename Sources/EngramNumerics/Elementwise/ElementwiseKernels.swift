internal import CEngramKernels

/// A scalar that the element-wise kernels are compiled for: `Float` or `Double`.
public protocol ElementwiseScalar: BinaryFloatingPoint & Sendable {
    /// Internal plumbing: the compiled kernels of this scalar. Only `Float` and `Double` can provide it.
    static var elementwiseKernels: ElementwiseKernels<Self> { get }
}

/// The compiled kernels of one scalar, opaque outside this package; `ElementwiseScalar`'s methods say what each does.
public struct ElementwiseKernels<Scalar>: Sendable {
    typealias Input = UnsafePointer<Scalar>
    typealias Output = UnsafeMutablePointer<Scalar>

    let activateRows: @Sendable (Activation, Int, Int, Input?, Input, Output, Output?) -> Void
    let addBias: @Sendable (Int, Int, Input, Output) -> Void
    let multiply: @Sendable (Int, Input, Output) -> Void
    let sumColumns: @Sendable (Int, Int, Input, Output) -> Void
    let multiplyAndSumColumns: @Sendable (Int, Int, Input, Output, Output) -> Void
    let residual: @Sendable (Int, Scalar, Input, Input, Output) -> Double
    let addNoise: @Sendable (Int, Int, Input, Input, Input, Output) -> Void
    let adam: @Sendable (Int, AdamStep, Input, Output, Output, Output) -> Void
    let gradientDescent: @Sendable (Int, GradientDescentStep, Input, Output, Output?) -> Void
    let rmsprop: @Sendable (Int, RMSpropStep, Input, Output, Output) -> Void
    let fillBlockCount: @Sendable (Int) -> UInt64
    let fillUniform: @Sendable (UInt64, UInt64, UInt64, Int, Output) -> Void
    let fillNormal: @Sendable (UInt64, UInt64, UInt64, Int, Output) -> Void
    let gatherPatches: @Sendable (Int, Int, Int, UnsafePointer<Int32>, Input, Output) -> Void
    let scatterPatches: @Sendable (Int, Int, Int, UnsafePointer<Int32>, Input, Output) -> Void
    let combineRows: @Sendable (Int, Int, Int, UnsafePointer<Int32>, Input, Input, Output) -> Void
    let spreadRows: @Sendable (Int, Int, Int, UnsafePointer<Int32>, Input, Input, Output) -> Void
}

extension Float: ElementwiseScalar {
    /// Internal plumbing: the float32 kernels.
    public static let elementwiseKernels = ElementwiseKernels<Float>(
        activateRows: { engram_activate_rows_f32($0.kernelCode, $1, $2, $3, $4, $5, $6) },
        addBias: { engram_add_bias_rows_f32($0, $1, $2, $3) },
        multiply: { engram_multiply_f32($0, $1, $2) },
        sumColumns: { engram_sum_columns_f32($0, $1, $2, $3) },
        multiplyAndSumColumns: { engram_multiply_and_sum_columns_f32($0, $1, $2, $3, $4) },
        residual: { engram_residual_f32($0, $1, $2, $3, $4) },
        addNoise: { engram_add_noise_rows_f32($0, $1, $2, $3, $4, $5) },
        adam: { engram_adam_f32($0, $1.kernelSettings, $2, $3, $4, $5) },
        gradientDescent: { engram_sgd_f32($0, $1.learningRate, $1.momentum, $1.weightDecay, $2, $3, $4) },
        rmsprop: { engram_rmsprop_f32($0, $1.learningRate, $1.smoothing, $1.epsilon, $1.weightDecay, $2, $3, $4) },
        fillBlockCount: { engram_fill_blocks_f32($0) },
        fillUniform: { engram_fill_uniform_f32($0, $1, $2, $3, $4) },
        fillNormal: { engram_fill_normal_f32($0, $1, $2, $3, $4) },
        gatherPatches: { engram_gather_patches_f32($0, $1, $2, $3, $4, $5) },
        scatterPatches: { engram_scatter_patches_f32($0, $1, $2, $3, $4, $5) },
        combineRows: { engram_combine_rows_f32($0, $1, $2, $3, $4, $5, $6) },
        spreadRows: { engram_spread_rows_f32($0, $1, $2, $3, $4, $5, $6) }
    )
}

extension Double: ElementwiseScalar {
    /// Internal plumbing: the float64 kernels.
    public static let elementwiseKernels = ElementwiseKernels<Double>(
        activateRows: { engram_activate_rows_f64($0.kernelCode, $1, $2, $3, $4, $5, $6) },
        addBias: { engram_add_bias_rows_f64($0, $1, $2, $3) },
        multiply: { engram_multiply_f64($0, $1, $2) },
        sumColumns: { engram_sum_columns_f64($0, $1, $2, $3) },
        multiplyAndSumColumns: { engram_multiply_and_sum_columns_f64($0, $1, $2, $3, $4) },
        residual: { engram_residual_f64($0, $1, $2, $3, $4) },
        addNoise: { engram_add_noise_rows_f64($0, $1, $2, $3, $4, $5) },
        adam: { engram_adam_f64($0, $1.kernelSettings, $2, $3, $4, $5) },
        gradientDescent: { engram_sgd_f64($0, $1.learningRate, $1.momentum, $1.weightDecay, $2, $3, $4) },
        rmsprop: { engram_rmsprop_f64($0, $1.learningRate, $1.smoothing, $1.epsilon, $1.weightDecay, $2, $3, $4) },
        fillBlockCount: { engram_fill_blocks_f64($0) },
        fillUniform: { engram_fill_uniform_f64($0, $1, $2, $3, $4) },
        fillNormal: { engram_fill_normal_f64($0, $1, $2, $3, $4) },
        gatherPatches: { engram_gather_patches_f64($0, $1, $2, $3, $4, $5) },
        scatterPatches: { engram_scatter_patches_f64($0, $1, $2, $3, $4, $5) },
        combineRows: { engram_combine_rows_f64($0, $1, $2, $3, $4, $5, $6) },
        spreadRows: { engram_spread_rows_f64($0, $1, $2, $3, $4, $5, $6) }
    )
}
