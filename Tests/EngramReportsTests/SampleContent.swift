@testable import EngramReports

/// Small made-up results to build reports from; every test changes what it is about.
enum SampleContent {
    static let report = DropReport(
        name: "film", kind: .sequence, samples: 3, dimension: 4,
        media: .init(type: .image, width: 2, height: 2, channels: 1, bitDepth: 8),
        network: .init(family: "fully-connected", depth: 2, width: 8, activation: "selu", parameters: 148),
        training: .init(
            preset: "fast", optimizer: "adam 1e-3 cosine", initializer: "lecun-normal", epochs: 4, mse: 2.5e-16, seconds: 1.5,
            stopped: "the promised property holds", conditioning: 1, noise: 0.5, seed: 11),
        cycles: [.init(name: "film", first: 0, length: 3, log10SpectralRadius: -4.6, stable: true, residualMax: 1e-7)],
        recall: [noise(starts: 20, recovered: 20)],
        seconds: .init(decode: 0.25, train: 1.5, analyse: 0.5, render: 0.25, total: 2.5), seed: 7, threads: 2,
        versions: ["engram": "0.1.0", "libpng": "1.6.39"])

    static func noise(starts: Int, recovered: Int) -> DropReport.Recall {
        .init(
            start: "uniform noise", starts: starts, recovered: recovered, exact: recovered, distinct: 1, iterationsMedian: 4, mseMax: 1e-14,
            criterion: "every frame has an MSE below 1e-7")
    }

    static let cues = DropReport.Recall(
        start: "corrupted 10 %", starts: 3, recovered: 3, exact: 3, distinct: 3, iterationsMedian: 4, mseMax: 1e-14,
        criterion: "every frame has an MSE below 1e-7")

    /// The lost examples come first, then the inexact; the last `fromNoise` of the recovered, all unless said, came from noise.
    static func examples(_ count: Int, lost: Int = 0, inexact: Int = 0, fromNoise: Int? = nil) -> [ExampleVerdict] {
        (0..<count).map {
            .init(
                name: "e\($0)", residual: 1e-8, recovered: $0 >= lost, exact: $0 >= lost + inexact,
                fromNoise: $0 >= max(lost, count - (fromNoise ?? count)))
        }
    }

    /// Two levels of noise and a mask, by two criteria each.
    static let recovery: [DropReport.Recovery] = [("uniform noise", 0.1), ("uniform noise", 0.5), ("masked left half", 0.5)].flatMap {
        name, level in
        [1e-7, 5e-3].map { criterion in
            DropReport.Recovery(
                corruption: name, level: level, criterion: criterion, criterionMSE: 0.25 * criterion, recovered: 2, recoveredLow: 0.2,
                recoveredHigh: 0.9, rightItem: 3, total: 3, baseline1NN: 1, baselineHopfield: 0)
        }
    }

    static let recoveryMethod = DropReport.RecoveryMethod(
        examples: 3, seed: 5, iterations: 200, hopfieldBeta: 12.5, criterion: "the network ends within the criterion of the original")

    static let spurious = DropReport.Spurious(
        starts: 20, reachedStored: 14, reachedSpurious: 5, unsettled: 1, diverged: 0, distinctStored: 3,
        groups: [
            .init(start: "uniform noise", starts: 10, reachedStored: 9), .init(start: "gaussian noise", starts: 10, reachedStored: 5),
        ],
        clusters: [
            .init(period: 1, starts: 4, nearest: "e1", mse: 0.01, log10SpectralRadius: -0.5, picture: "spurious/01.png"),
            .init(period: 3, starts: 1, nearest: "e2", mse: 0.02),
        ], seed: 9, iterations: 1000, criterion: "it is stored when it is near")

    static let learnability = DropReport.Learnability(
        examples: 3, ridge: 0, effectiveDimension: 3, condition: 40, draws: 20,
        levels: [
            .init(examples: 1, sum: 1, predictedShare: 0.61, measuredShare: 0.59, predictedError: 0.42, measuredError: 0.44),
            .init(examples: 2, sum: 2 - 1e-15, predictedShare: 0.8125, measuredShare: 0.8, predictedError: 0.2, measuredError: 0.21),
        ],
        modes: [
            .init(eigenvalue: 40, learnabilities: [0.9, 0.99]), .init(eigenvalue: 4, learnabilities: [0.08, 0.7]),
            .init(eigenvalue: 1, learnabilities: [0.02, 0.31]),
        ],
        items: [
            .init(name: "b", independentShare: 0.004, learnedShare: 0.9, nearest: "c<", cosine: 0.998),
            .init(name: "c<", independentShare: 0.2, learnedShare: 0.8, nearest: "b", cosine: 0.998),
            .init(name: "a", independentShare: 0.9, learnedShare: 0.3, nearest: "b", cosine: -0.25),
        ])

    static let theory = DropReport.Theory(
        learningRate: 0.002, criterion: "it ended",
        cases: [
            .init(name: "e^(2z)", hiddenWidths: [1], closedForm: nil, theory: 0.6010839, measured: 0.6004, steps: 1700, attractor: true),
            .init(name: "z^2", hiddenWidths: [1], closedForm: 2, theory: 2, measured: nil, steps: 9, attractor: false),
        ])

    static func eigenvalue(_ owner: String, _ index: Int, log10 modulus: Double) -> EigenvalueRow {
        .init(owner: owner, index: index, re: 0.25, im: -0.5, modulus: 0.5, log10Modulus: modulus, phase: 0.5)
    }

    static func sequence(examples: [ExampleVerdict], change: (inout DropReport) -> Void = { _ in }) -> ReportContent {
        var changed = report
        change(&changed)
        return ReportContent(report: changed, examples: examples, command: "engram process film --output out")
    }

    static func autoencoder(verified: Int, total: Int, radius: Double, examples: [ExampleVerdict] = []) -> ReportContent {
        var changed = report
        changed.kind = .autoencoder
        changed.cycles = []
        changed.recall = []
        changed.samples = total
        changed.attractors = .init(
            verified: verified, total: total, spectralRadiusMax: radius, spectralRadiusMedian: radius / 2, residualMax: 1e-7)
        return ReportContent(report: changed, examples: examples, command: "engram process film --output out")
    }

    /// A content with something in every section, named `name` wherever a name can be.
    static func full(named name: String) -> ReportContent {
        // The first 24 bytes of a PNG of 2 × 3 pixels are all that the page reads.
        let picture: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 2, 0, 0, 0, 3]
        let envelope = WaveformEnvelope(minimum: [-0.5, -1], maximum: [0.5, 1])
        var changed = report
        changed.name = name
        changed.notes = [name]
        changed.versions[name] = name
        changed.cycles[0].name = name
        changed.recall[0].start = name
        changed.recall[0].criterion = name
        changed.recovery = recovery
        changed.recovery[0].corruption = name
        changed.recoveryMethod = recoveryMethod
        changed.recoveryMethod?.criterion = name
        changed.spurious = spurious
        changed.spurious?.criterion = name
        changed.spurious?.groups[0].start = name
        changed.spurious?.clusters[0].nearest = name
        changed.theory = theory
        changed.theory?.criterion = name
        changed.theory?.cases[0].name = name
        changed.training.stopped = name
        changed.training.optimizer = name
        changed.network.family = name
        changed.network.activation = name
        changed.network.file = name
        let examples = (0..<3).map {
            ExampleVerdict(
                name: name, spectralRadius: 0.5 + 0.3 * Double($0), operatorNorm: 2, residual: 1e-7, isAttractor: $0 < 2, recovered: $0 > 0,
                exact: $0 > 1)
        }
        let pair = PicturePair(
            caption: name, original: picture, recalled: picture, noise: picture, mse: 0.25, recovered: true, exact: false)
        return ReportContent(
            report: changed,
            showcase: .init(animation: picture, caption: name, original: picture, originalCaption: name, still: picture),
            loss: [
                LossRow(epoch: 1, mse: 0.1, learningRate: 1e-3, seconds: 0.5, phase: name),
                LossRow(epoch: 4, mse: 0.01, learningRate: 1e-4, seconds: 1, phase: name),
                LossRow(epoch: 4, mse: 1e-16, learningRate: nil, seconds: 1.5, phase: "exact output layer"),
            ],
            eigenvalues: [eigenvalue(name, 0, log10: 0.1), eigenvalue(name, 1, log10: -3), eigenvalue(name, 2, log10: -.infinity)],
            leadingModuli: [0.9, 0.5, 0.4, 0], spuriousPictures: [SpuriousPicture(picture: picture, nearest: picture)], examples: examples,
            pictures: [pair],
            waveforms: [
                .init(
                    caption: name, seconds: 1, original: envelope, recalled: envelope, noise: envelope, mse: 0, recovered: true, exact: true
                )
            ],
            facts: [name], command: name)
    }
}
