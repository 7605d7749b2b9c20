/// Cholesky factors of small matrices in the caller's memory, made by the hundred thousand: LAPACK's calls cost more than they do.
package enum SmallCholesky {
    /// Overwrites the lower triangle of the first n·n scalars, row-major, with L.
    /// - Returns: Whether all pivots were positive.
    /// - Complexity: n³/3 operations.
    package static func factorize(_ matrix: inout [Double], count n: Int) -> Bool {
        precondition(n >= 0 && matrix.count >= n * n, "\(matrix.count) scalars are no \(n)×\(n) matrix.")
        return matrix.withUnsafeMutableBufferPointer { a in
            for i in 0..<n {
                for j in 0...i {
                    var (first, second, third, fourth) = (0.0, 0.0, 0.0, 0.0)
                    var k = 0
                    // Four sums at a time, so that no addition waits for the one before.
                    while k + 4 <= j {
                        first += a[i * n + k] * a[j * n + k]
                        second += a[i * n + k + 1] * a[j * n + k + 1]
                        third += a[i * n + k + 2] * a[j * n + k + 2]
                        fourth += a[i * n + k + 3] * a[j * n + k + 3]
                        k += 4
                    }
                    while k < j {
                        first += a[i * n + k] * a[j * n + k]
                        k += 1
                    }
                    let rest = a[i * n + j] - ((first + second) + (third + fourth))
                    if i == j {
                        guard rest > 0 else { return false }
                        a[i * n + i] = rest.squareRoot()
                    } else {
                        a[i * n + j] = rest / a[j * n + j]
                    }
                }
            }
            return true
        }
    }

    /// Replaces x by L⁻¹ x.
    package static func solve(_ factor: [Double], count n: Int, _ x: inout [Double]) {
        precondition(n >= 0 && factor.count >= n * n && x.count >= n, "A factor of \(factor.count) does not fit \(x.count).")
        factor.withUnsafeBufferPointer { l in
            x.withUnsafeMutableBufferPointer { x in
                for i in 0..<n {
                    var sum = x[i]
                    for k in 0..<i { sum -= l[i * n + k] * x[k] }
                    x[i] = sum / l[i * n + i]
                }
            }
        }
    }

    /// Replaces x by L⁻ᵀ x.
    package static func solveTransposed(_ factor: [Double], count n: Int, _ x: inout [Double]) {
        precondition(n >= 0 && factor.count >= n * n && x.count >= n, "A factor of \(factor.count) does not fit \(x.count).")
        factor.withUnsafeBufferPointer { l in
            x.withUnsafeMutableBufferPointer { x in
                for i in (0..<n).reversed() {
                    let value = x[i] / l[i * n + i]
                    x[i] = value
                    for k in 0..<i { x[k] -= l[i * n + k] * value }
                }
            }
        }
    }
}
