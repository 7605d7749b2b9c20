internal import EngramDynamics
internal import EngramKernels
internal import EngramNumerics

/// A kernel machine with a learned metric, or with the plain Laplace kernel.
struct KernelModel: LabelModel {
    static let kinds: [DropSettings.Predict.Model] = [.laplace, .features]

    let machine: FeatureMachine

    init(_ machine: FeatureMachine) { self.machine = machine }

    init(from file: StoredModelFile) throws {
        guard let bandwidth = file.description.bandwidth, bandwidth.isFinite, bandwidth > 0 else { throw file.fault("no bandwidth") }
        let points = try file.points(width: file.description.encoding.width)
        let coefficients = try file.matrix("coefficients")
        guard coefficients.rowCount == points.rowCount, coefficients.columnCount == file.outputCount else {
            throw file.fault("coefficients of \(coefficients.rowCount)×\(coefficients.columnCount)")
        }
        guard coefficients.firstNonFiniteEntry == nil else { throw file.fault("coefficients that are not finite") }
        var metric: Metric?
        if file.tensors.tensors.contains(where: { $0.name == "metric" }) {
            let values = try file.matrix("metric")
            guard values.rowCount == points.columnCount else { throw file.fault("a metric of \(values.rowCount) rows") }
            metric = try Metric(values, clipping: 1e-6)
        }
        machine = FeatureMachine(kernel: LaplaceKernel(bandwidth: bandwidth, metric: metric), points: points, coefficients: coefficients)
    }

    func outputs(at rows: Matrix<Double>, onStep: (Int) throws -> Void) throws -> Matrix<Double> {
        try machine.outputs(at: rows, onStep: onStep)
    }

    func geometry(of rows: Matrix<Double>) -> Matrix<Double> { machine.coordinates(of: rows) }

    var tensors: [Safetensors.Tensor] {
        var tensors: [Safetensors.Tensor] = [
            .init(name: "points", matrix: machine.points), .init(name: "coefficients", matrix: machine.coefficients),
        ]
        if let metric = machine.kernel.metric { tensors.append(.init(name: "metric", matrix: metric.matrix)) }
        return tensors
    }

    func describe(in description: inout StoredPredictor.Description) { description.bandwidth = machine.kernel.bandwidth }
}
