internal import COpenBLAS

/// A floating-point type that BLAS computes in: `Float` or `Double`.
///
/// The static requirements are plumbing for `Matrix`; use the operations of `Matrix` instead.
public protocol NumericScalar: ElementwiseScalar, Codable where RawSignificand: FixedWidthInteger {
    /// C ← alpha·op(A)·op(B) + beta·C, all row-major; op(A) is m×k, op(B) is k×n, C is m×n. Plumbing: sizes are not checked.
    static func generalProduct(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int,
        alpha: Self, a: UnsafePointer<Self>, strideA: Int, b: UnsafePointer<Self>, strideB: Int,
        beta: Self, c: UnsafeMutablePointer<Self>, strideC: Int)
}

extension Float: NumericScalar {
    /// BLAS `sgemm`.
    public static func generalProduct(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int,
        alpha: Float, a: UnsafePointer<Float>, strideA: Int, b: UnsafePointer<Float>, strideB: Int,
        beta: Float, c: UnsafeMutablePointer<Float>, strideC: Int
    ) {
        cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasInt(m), blasInt(n), blasInt(k), alpha, a, blasInt(strideA), b, blasInt(strideB), beta, c, blasInt(strideC))
    }
}

extension Double: NumericScalar {
    /// BLAS `dgemm`; for one row by a large matrix `dgemv`, and for a few rows by a large transposed one a kernel of ours, both of which
    /// read the matrix where it lies: `dgemm` copies all of it first.
    public static func generalProduct(
        transposeA: Bool, transposeB: Bool, m: Int, n: Int, k: Int,
        alpha: Double, a: UnsafePointer<Double>, strideA: Int, b: UnsafePointer<Double>, strideB: Int,
        beta: Double, c: UnsafeMutablePointer<Double>, strideC: Int
    ) {
        if m == 1, n * k >= leastVectorProduct {
            return cblas_dgemv(
                CblasRowMajor, transposeB ? CblasNoTrans : CblasTrans, blasInt(transposeB ? n : k), blasInt(transposeB ? k : n), alpha, b,
                blasInt(strideB), a, blasInt(transposeA ? strideA : 1), beta, c, 1)
        }
        if transposeB, !transposeA, FewRows.range.contains(m), n * k >= leastVectorProduct, alpha == 1, beta == 0, strideA == k,
            strideB == k,
            strideC == n
        {
            return FewRows.multiply(rows: m, depth: k, columns: n, a, b, into: c)
        }
        cblas_dgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            blasInt(m), blasInt(n), blasInt(k), alpha, a, blasInt(strideA), b, blasInt(strideB), beta, c, blasInt(strideC))
    }
}

/// Entries of a matrix from which on copying it for one row shows.
private let leastVectorProduct = 1 << 18

/// The 32-bit integer that this BLAS is built with; a matrix side beyond it is our own caller's mistake.
@inline(__always)
func blasInt(_ value: Int) -> Int32 {
    guard let converted = Int32(exactly: value) else {
        preconditionFailure("A matrix side of \(value) is beyond the 32-bit sizes of this BLAS.")
    }
    return converted
}
