internal import ComplexModule
internal import EngramKernels
internal import EngramNumerics

extension KernelStudy {
    /// The Jacobians of an infinitely wide network at its examples.
    struct InfiniteWidth {
        /// f of each row.
        var outputs: (Matrix<Double>) -> Matrix<Double>
        /// Moduli of the eigenvalues at each example, largest first.
        var moduli: [[Double]]
        /// The largest singular value over the examples.
        var norm: Double
    }

    /// An infinitely wide network in place of a trained one; it holds if every example is an attractor.
    func infinitelyWide(_ activation: Activation, depth: Int, _ examples: Matrix<Double>) throws -> Trained {
        let machine = try infiniteWidth(activation, depth: depth, examples)
        let radius = machine.moduli.compactMap(\.first).max() ?? 0
        return Trained(outputs: machine.outputs, radius: radius, holds: radius < 1)
    }

    /// Regression of the examples on themselves with the tangent kernel, f₀ = 0: gradient flow at its end.
    ///
    /// - Parameters:
    ///   - activation: The sigmoid (then that of Eq. (6)), tanh or erf.
    ///   - depth: Hidden layers.
    ///   - examples: Shape `[n, d]`.
    func infiniteWidth(_ activation: Activation, depth: Int, _ examples: Matrix<Double>) throws -> InfiniteWidth {
        let dual: ErrorFunctionDual =
            switch activation {
            case .sigmoid: .sigmoidOfErf
            case .tanh: .tanh
            case .erf: .erf
            default: preconditionFailure("[JP20] has no kernel of \(activation.rawValue).")
            }
        let kernel = FullyConnectedKernel(
            kind: .ntk, activation: dual, depth: depth, prior: NetworkPrior(inputScale: 1 / Double(examples.columnCount)))
        do {
            let weights = try KernelCholesky(kernel.values(at: examples, centers: examples)).solve(examples)
            let gradients = kernel.gradients(at: examples, centers: examples)
            // J leads from the examples' span into it, and is 0 across.
            let (n, d) = (examples.rowCount, examples.columnCount)
            let basis = n < d ? try examples.transposed().orthonormalizedColumns() : nil
            var (moduli, norm) = ([[Double]](), 0.0)
            for row in 0..<n {
                let whole = gradients.jacobian(ofRow: row, point: examples.row(row), centers: examples, weights: weights)
                let jacobian = basis.map { $0.multiplied(by: whole * $0, transposingSelf: true) } ?? whole
                moduli.append(try jacobian.eigenvalues().map(\.length) + Array(repeating: 0, count: max(d - n, 0)))
                norm = max(norm, try jacobian.singularValues().first ?? 0)
            }
            return InfiniteWidth(
                outputs: { kernel.values(at: $0, centers: examples) * weights }, moduli: moduli, norm: norm)
        } catch let error as KernelSolverError {
            throw ExperimentError.failed(what: "a network of infinite width", reason: "\(error)")
        } catch let error as NumericsError {
            throw ExperimentError.failed(what: "a network of infinite width", reason: "\(error)")
        }
    }
}
