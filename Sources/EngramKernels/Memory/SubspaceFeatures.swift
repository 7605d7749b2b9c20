internal import EngramDynamics
internal import EngramNumerics

/// Features of the points o + Q s of a subspace, in closed form: as many as the subspace has dimensions and up to three more.
///
/// With e the direction of o off the span of Q and ρ its length there, x = Q t + ρ e for t = s + Qᵀo, so (t, ρ) has the inner products of x.
/// The contrast x - m·1 has those of (I - ŵŵᵀ)^½ (t, ρ) for ŵ = (Qᵀ1, eᵀ1)/√d, and (I - ŵŵᵀ)^½ = I - γ ŵŵᵀ with γ = 1/(1 + √(1 - ‖ŵ‖²)).
struct SubspaceFeatures: FeatureMap {
    /// What `LiftedFeatures` needs beside the coordinates.
    private struct Lift {
        /// ŵ, shape `[k + 1]`.
        let direction: [Double]
        let gamma: Double
        /// 1/√d: the mean entry is ŵ·(t, ρ)/√d.
        let scale: Double
        let brightness: Double
        let constant: Double
    }

    /// Qᵀo less where features are centred, shape `[k]`.
    private let offset: [Double]
    /// ρ.
    private let height: Double
    private let lift: Lift?

    /// x - μ on a subspace.
    init(centredOn mean: [Double], _ subspace: AffineSubspace) {
        let place = Self.place(zip(subspace.origin, mean).map { $0 - $1 }, subspace.basis)
        (offset, height, lift) = (place.offset, place.height, nil)
    }

    /// Lifted features on a subspace.
    init(_ whole: LiftedFeatures, _ subspace: AffineSubspace) {
        let place = Self.place(subspace.origin, subspace.basis)
        let scale = 1 / Double(whole.inputDimension).squareRoot()
        // 1/√d, the unit vector of all ones, in the coordinates, and what they miss of it.
        let ones = [Double](repeating: scale, count: whole.inputDimension)
        let (within, rest) = Self.split(ones, subspace.basis)
        let along = zip(place.normal, rest).reduce(0) { $0 + $1.0 * $1.1 }
        let missed = zip(rest, place.normal).reduce(0) { $0 + ($1.0 - along * $1.1) * ($1.0 - along * $1.1) }
        (offset, height) = (place.offset, place.height)
        lift = Lift(
            direction: within + [along], gamma: 1 / (1 + missed.squareRoot()), scale: scale, brightness: whole.brightness,
            constant: whole.constant)
    }

    /// Qᵀv and what is left of v.
    private static func split(_ vector: [Double], _ basis: Matrix<Double>) -> (within: [Double], rest: [Double]) {
        let within = Matrix(rowCount: 1, columnCount: vector.count, elements: vector) * basis
        return (within.elements, zip(vector, basis * within.elements).map { $0 - $1 })
    }

    /// Coordinates of `origin`, its distance from the span, and the unit vector of that; zeros where it is of the size of rounding.
    private static func place(_ origin: [Double], _ basis: Matrix<Double>) -> (offset: [Double], height: Double, normal: [Double]) {
        func norm(_ vector: [Double]) -> Double { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let (offset, rest) = split(origin, basis)
        let height = norm(rest)
        guard height > 1e-13 * norm(origin) else { return (offset, 0, Array(repeating: 0, count: origin.count)) }
        // Once more: of a short rest, rounding is a part of the span.
        let normal = split(rest.map { $0 / height }, basis).rest
        let length = norm(normal)
        return (offset, height, normal.map { $0 / length })
    }

    var inputDimension: Int { offset.count }
    var featureCount: Int { offset.count + (lift == nil ? 1 : 3) }

    func features(of batch: Matrix<Double>) -> Matrix<Double> { mapped(batch, isTangent: false) }
    func pushForward(rows tangents: Matrix<Double>) -> Matrix<Double> { mapped(tangents, isTangent: true) }

    private func mapped(_ rows: Matrix<Double>, isTangent: Bool) -> Matrix<Double> {
        precondition(rows.columnCount == inputDimension, "States of \(rows.columnCount) entries, expected \(inputDimension).")
        let (k, source) = (inputDimension, rows.elements)
        var result: [Double] = []
        result.reserveCapacity(rows.rowCount * featureCount)
        for row in 0..<rows.rowCount {
            let start = result.count
            if isTangent {
                result.append(contentsOf: source[row * k..<(row + 1) * k])
                result.append(0)
            } else {
                for index in 0..<k { result.append(source[row * k + index] + offset[index]) }
                result.append(height)
            }
            guard let lift else { continue }
            var along = 0.0
            for index in 0...k { along += lift.direction[index] * result[start + index] }
            for index in 0...k { result[start + index] -= lift.gamma * along * lift.direction[index] }
            result.append(along * lift.scale - (isTangent ? 0 : lift.brightness))
            result.append(isTangent ? 0 : lift.constant)
        }
        return Matrix(rowCount: rows.rowCount, columnCount: featureCount, elements: result)
    }

    func pullBack(rows cotangents: Matrix<Double>) -> Matrix<Double> {
        let (k, width, source) = (inputDimension, featureCount, cotangents.elements)
        var result: [Double] = []
        result.reserveCapacity(cotangents.rowCount * k)
        for row in 0..<cotangents.rowCount {
            let base = row * width
            guard let lift else {
                result.append(contentsOf: source[base..<base + k])
                continue
            }
            var along = 0.0
            for index in 0...k { along += lift.direction[index] * source[base + index] }
            let factor = source[base + k + 1] * lift.scale - lift.gamma * along
            for index in 0..<k { result.append(source[base + index] + factor * lift.direction[index]) }
        }
        return Matrix(rowCount: cotangents.rowCount, columnCount: k, elements: result)
    }
}
