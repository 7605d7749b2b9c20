// Optimizer steps on the two kinds of parameters that layers hold: matrices of weights and vectors of biases.

extension Array where Element: NumericScalar {
    /// One Adam step on these parameters; all arrays have the same count, both moments start at 0.
    public mutating func adamStep(
        gradients: [Element], firstMoments: inout [Element], secondMoments: inout [Element], settings: AdamStep
    ) {
        precondition(
            gradients.count == count && firstMoments.count == count && secondMoments.count == count,
            "\(count) parameters need as many gradients (\(gradients.count)) and moments.")
        withUnsafeMutableBufferPointer { parameters in
            gradients.withUnsafeBufferPointer { gradients in
                firstMoments.withUnsafeMutableBufferPointer { first in
                    secondMoments.withUnsafeMutableBufferPointer { second in
                        guard let p = parameters.baseAddress, let g = gradients.baseAddress, let m = first.baseAddress,
                            let v = second.baseAddress
                        else { return }
                        // Every range is written by one thread alone.
                        nonisolated(unsafe) let (p0, g0, m0, v0) = (p, g, m, v)
                        ParallelMap.forEachRange(of: parameters.count) { range in
                            let first = range.lowerBound
                            Element.adamStep(
                                count: range.count, parameters: p0 + first, gradients: g0 + first, firstMoment: m0 + first,
                                secondMoment: v0 + first, settings: settings)
                        }
                    }
                }
            }
        }
    }

    /// One step of gradient descent with momentum; `velocities` starts at 0 and has the count of the parameters.
    public mutating func gradientDescentStep(gradients: [Element], velocities: inout [Element], settings: GradientDescentStep) {
        precondition(
            gradients.count == count && velocities.count == count, "\(count) parameters need as many gradients and velocities.")
        withUnsafeMutableBufferPointer { parameters in
            gradients.withUnsafeBufferPointer { gradients in
                velocities.withUnsafeMutableBufferPointer { velocities in
                    guard let p = parameters.baseAddress, let g = gradients.baseAddress else { return }
                    Element.gradientDescentStep(
                        count: parameters.count, parameters: p, gradients: g, velocity: velocities.baseAddress, settings: settings)
                }
            }
        }
    }

    /// One RMSprop step; `meanSquares` starts at 0 and has the count of the parameters.
    public mutating func rmspropStep(gradients: [Element], meanSquares: inout [Element], settings: RMSpropStep) {
        precondition(
            gradients.count == count && meanSquares.count == count, "\(count) parameters need as many gradients and mean squares.")
        withUnsafeMutableBufferPointer { parameters in
            gradients.withUnsafeBufferPointer { gradients in
                meanSquares.withUnsafeMutableBufferPointer { squares in
                    guard let p = parameters.baseAddress, let g = gradients.baseAddress, let s = squares.baseAddress else { return }
                    Element.rmspropStep(count: parameters.count, parameters: p, gradients: g, meanSquare: s, settings: settings)
                }
            }
        }
    }
}

extension Matrix {
    /// One Adam step on these weights; all matrices have the same shape, both moments start at 0.
    public mutating func adamStep(
        gradients: Matrix, firstMoments: inout Matrix, secondMoments: inout Matrix, settings: AdamStep
    ) {
        elements.adamStep(
            gradients: gradients.elements, firstMoments: &firstMoments.elements, secondMoments: &secondMoments.elements,
            settings: settings)
    }

    /// One step of gradient descent with momentum; `velocities` starts at 0 and has the shape of the weights.
    public mutating func gradientDescentStep(gradients: Matrix, velocities: inout Matrix, settings: GradientDescentStep) {
        elements.gradientDescentStep(gradients: gradients.elements, velocities: &velocities.elements, settings: settings)
    }

    /// One RMSprop step; `meanSquares` starts at 0 and has the shape of the weights.
    public mutating func rmspropStep(gradients: Matrix, meanSquares: inout Matrix, settings: RMSpropStep) {
        elements.rmspropStep(gradients: gradients.elements, meanSquares: &meanSquares.elements, settings: settings)
    }
}
