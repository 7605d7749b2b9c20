internal import Glibc
public enum Activation: String, CaseIterable, Codable, Sendable {
    case relu, leakyReLU = "leaky_relu", selu, swish, cosid, sinusoidal, sigmoid, tanh
    func f(_ z: Double) -> (Double, Double) {
        switch self {
        case .relu: return z > 0 ? (z, 1) : (0, 0)
        case .leakyReLU: return z > 0 ? (z, 1) : (0.01 * z, 0.01)
        case .selu: return z > 0 ? (1.0507009873554805 * z, 1.0507009873554805) : (1.0507009873554805*1.6732632423543772 * expm1(z), 1.0507009873554805*1.6732632423543772 * exp(z))
        case .swish: let s = 1/(1+exp(-z)); return (z*s, s + z*s/(1+exp(z)))
        case .cosid: return (cos(z) - z, -sin(z) - 1)
        case .sinusoidal: return (z + sin(10*z)/5, 1 + 2*cos(10*z))
        case .sigmoid: return (1/(1+exp(-z)), 1/(1+exp(-z))/(1+exp(z)))
        case .tanh: let c = cosh(z); return (Glibc.tanh(z), 1/(c*c))
        }
    }
}
extension Matrix {
    public mutating func activate(_ activation: Activation, addingBias bias: [Scalar], derivatives: inout Matrix) {
        for i in 0..<rowCount { for j in 0..<columnCount { let (v, d) = activation.f(Double(self[i, j] + bias[j])); self[i,j] = Scalar(v); derivatives[i,j] = Scalar(d) } }
    }
    public mutating func activate(_ activation: Activation, addingBias bias: [Scalar]) {
        for i in 0..<rowCount { for j in 0..<columnCount { let (v, _) = activation.f(Double(self[i, j] + bias[j])); self[i,j] = Scalar(v) } }
    }
}
extension Matrix {
    public mutating func setToScaledResidual(against y: Matrix, scale: Scalar) -> Double {
        var s = 0.0
        withUnsafeMutableElements { r in for i in r.indices { let d = r[i] - y.elements[i]; s += Double(d) * Double(d); r[i] = scale * d } }
        return s
    }
    public mutating func multiplyEntries(by o: Matrix) {
        withUnsafeMutableElements { r in for i in r.indices { r[i] *= o.elements[i] } }
    }
    public func sumRows(into sums: inout [Scalar]) {
        for j in 0..<columnCount { var s: Scalar = 0; for i in 0..<rowCount { s += elements[i * columnCount + j] }; sums[j] = s }
    }
}
extension Array where Element: NumericScalar {
    public mutating func adamStep(gradients g: [Element], firstMoments m: inout [Element], secondMoments v: inout [Element], learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, step: Int) {
        let c1 = 1 - pow(beta1, Double(step)), c2 = (1 - pow(beta2, Double(step))).squareRoot()
        let b1 = Element(beta1), b2 = Element(beta2), e = Element(epsilon), lr = Element(learningRate / c1), ic2 = Element(1 / c2)
        let n = count
        withUnsafeMutableBufferPointer { p in g.withUnsafeBufferPointer { g in m.withUnsafeMutableBufferPointer { m in v.withUnsafeMutableBufferPointer { v in
            for i in 0..<n { m[i] = b1 * m[i] + (1 - b1) * g[i]; v[i] = b2 * v[i] + (1 - b2) * g[i] * g[i]; p[i] -= lr * m[i] / (v[i].squareRoot() * ic2 + e) }
        }}}}
    }
}
extension Matrix {
    public mutating func adamStep(gradients g: Matrix, firstMoments m: inout Matrix, secondMoments v: inout Matrix, learningRate: Double, beta1: Double, beta2: Double, epsilon: Double, step: Int) {
        elements.adamStep(gradients: g.elements, firstMoments: &m.elements, secondMoments: &v.elements, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, step: step)
    }
    /// rows [first, ..) of self = source + s_row * normal
    public mutating func setRowsToNoisy(_ source: Matrix, fromRow first: Int, noise: inout SplitMix64, maximum: Double) {
        for i in 0..<source.rowCount { let u = noise.nextUniform(); let s = maximum * u * u
            for j in 0..<columnCount { elements[(first + i) * columnCount + j] = source.elements[i * columnCount + j] + Scalar(s * noise.nextNormal()) } }
    }
}
