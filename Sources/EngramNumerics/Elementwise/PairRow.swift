internal import CEngramKernels

/// Covariances s of one normal variable u with others v_j, and a tangent kernel for each, as they go through the layers of an infinitely wide
/// network: arrays for compiled loops.
///
/// With p the variance of u and q_j that of v_j, pq - s², p - s and q - s are carried along with their digits. Accuracy, tested: what these
/// loops find is within 2e-13 of the formulas for one pair, relative to √(k(x, x) k(z, z)).
package struct PairRow: Sendable {
    /// s.
    package private(set) var cross: [Double]
    /// pq - s².
    package private(set) var determinant: [Double]
    /// p - s.
    package private(set) var firstExcess: [Double]
    /// q - s.
    package private(set) var secondExcess: [Double]
    /// Θ.
    package private(set) var tangent: [Double]

    /// Where a row begins: one point and `count` centres.
    package struct Geometry: Sendable {
        /// ‖x‖.
        let norm: Double
        /// Squared distance of x/‖x‖ from the mean of the centres' directions.
        let square: Double
        /// κ.
        let scale: Double
        /// b.
        let offset: Double

        /// The geometry of one point, with the scale and offset of the first covariances.
        package init(norm: Double, square: Double, scale: Double, offset: Double) {
            (self.norm, self.square, self.scale, self.offset) = (norm, square, scale, offset)
        }
    }

    /// κ x·z_j + b and what goes with it, and the pairs for which it has to be replaced.
    ///
    /// - Parameters:
    ///   - geometry: Of the point.
    ///   - products: Of its direction with the first centres', both less the mean of the centres' directions.
    ///   - norms: ‖z_j‖, at least as many.
    ///   - squares: Squared distances of z_j/‖z_j‖ from the mean, likewise.
    ///   - near: Positions of pairs whose distance the products do not give to 13 digits; their entries are to be replaced.
    package init(
        _ geometry: Geometry, products: ArraySlice<Double>, norms: [Double], squares: [Double], near: inout [Int]
    ) {
        let count = products.count
        precondition(norms.count >= count && squares.count >= count, "\(norms.count) centres have no \(count) products.")
        let zeros = [Double](repeating: 0, count: count)
        (cross, determinant, firstExcess, secondExcess, tangent) = (zeros, zeros, zeros, zeros, zeros)
        var positions = [Int](repeating: 0, count: count + 1)
        let settings = engram_pair_geometry(norm: geometry.norm, square: geometry.square, scale: geometry.scale, offset: geometry.offset)
        let found = withPairs { pairs in
            products.withUnsafeBufferPointer { product in
                norms.withUnsafeBufferPointer { norm in
                    squares.withUnsafeBufferPointer { square in
                        positions.withUnsafeMutableBufferPointer { position in
                            engram_pair_covariances_f64(
                                count, settings, product.baseAddress, norm.baseAddress, square.baseAddress, pairs, position.baseAddress)
                        }
                    }
                }
            }
        }
        near = Array(positions.prefix(found))
    }

    /// How many pairs there are.
    package var count: Int { cross.count }

    /// Replaces one pair; its tangent kernel is its covariance.
    package mutating func replace(
        at index: Int, cross: Double, determinant: Double, firstExcess: Double, secondExcess: Double
    ) {
        self.cross[index] = cross
        self.determinant[index] = determinant
        self.firstExcess[index] = firstExcess
        self.secondExcess[index] = secondExcess
        tangent[index] = cross
    }

    /// One layer of leaky rectifiers.
    ///
    /// - Parameters:
    ///   - half: (1 + slope²)/2.
    ///   - share: (1 - slope)²/(1 + slope²).
    ///   - weight: c, the variance of weights.
    ///   - bias: b, that of biases.
    package mutating func applyRectifiers(half: Double, share: Double, weight: Double, bias: Double) {
        let count = count
        let layer = engram_rectifier_layer(half: half, share: share, weight: weight, bias: bias)
        withPairs { engram_rectifier_layer_f64(count, layer, $0) }
    }

    /// φ(u) = offset + Σ_k gains[k]·erf(roots[k]·u/√2), with the variances that one of its layers needs.
    package struct ErrorFunctions: Sendable {
        let gains: [Double]
        let roots: [Double]
        let offset: Double

        /// Terms, as many gains as roots.
        package init(gains: [Double], roots: [Double], offset: Double) {
            precondition(gains.count == roots.count, "\(gains.count) gains do not fit \(roots.count) roots.")
            (self.gains, self.roots, self.offset) = (gains, roots, offset)
        }
    }

    /// Variances before and after a nonlinearity.
    package struct Variances: Sendable {
        let before: [Double]
        let after: [Double]

        /// Variances of as many variables.
        package init(before: [Double], after: [Double]) {
            precondition(before.count == after.count, "\(before.count) and \(after.count) variances do not fit each other.")
            (self.before, self.after) = (before, after)
        }
    }

    /// One layer of error functions.
    ///
    /// - Parameters:
    ///   - functions: φ.
    ///   - first: Variances of u and φ(u).
    ///   - seconds: Of v_j and φ(v_j), at least `count` of each.
    ///   - weight: c, the variance of weights.
    ///   - bias: b, that of biases.
    package mutating func apply(
        _ functions: ErrorFunctions, first: (before: Double, after: Double), seconds: Variances, weight: Double, bias: Double
    ) {
        let count = count
        precondition(seconds.before.count >= count, "\(seconds.before.count) variances do not fit \(count) pairs.")
        let layer = engram_error_function_layer(
            offset: functions.offset, first: first.before, first_variance: first.after, weight: weight, bias: bias)
        withPairs { pairs in
            functions.gains.withUnsafeBufferPointer { gains in
                functions.roots.withUnsafeBufferPointer { roots in
                    seconds.before.withUnsafeBufferPointer { before in
                        seconds.after.withUnsafeBufferPointer { after in
                            engram_error_function_layer_f64(
                                count, gains.count, gains.baseAddress, roots.baseAddress, layer, before.baseAddress, after.baseAddress,
                                pairs)
                        }
                    }
                }
            }
        }
    }

    private mutating func withPairs<Result>(_ body: (engram_pairs) -> Result) -> Result {
        cross.withUnsafeMutableBufferPointer { cross in
            determinant.withUnsafeMutableBufferPointer { determinant in
                firstExcess.withUnsafeMutableBufferPointer { first in
                    secondExcess.withUnsafeMutableBufferPointer { second in
                        tangent.withUnsafeMutableBufferPointer { tangent in
                            body(
                                engram_pairs(
                                    cross: cross.baseAddress, determinant: determinant.baseAddress, first_excess: first.baseAddress,
                                    second_excess: second.baseAddress, tangent: tangent.baseAddress))
                        }
                    }
                }
            }
        }
    }
}

/// Arc tangents of `values`, within 2 ulp of the C library's, tested.
package func arctangents(of values: [Double]) -> [Double] {
    [Double](unsafeUninitializedCapacity: values.count) { results, initializedCount in
        values.withUnsafeBufferPointer { source in
            guard let input = source.baseAddress, let output = results.baseAddress else { return }
            engram_arctangents_f64(source.count, input, output)
        }
        initializedCount = values.count
    }
}
