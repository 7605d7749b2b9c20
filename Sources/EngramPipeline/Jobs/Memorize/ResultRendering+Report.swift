internal import ComplexModule
internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import RealModule

extension ResultRendering {
    /// The content of report.json.
    func report(seconds: DropReport.StageSeconds) -> DropReport {
        let (facts, account) = (learned.memory.stored.facts, learned.account)
        return DropReport(
            name: context.dropName, kind: drop.set.task.isAutoencoder ? .autoencoder : .sequence, samples: drop.set.examples.rowCount,
            dimension: drop.set.examples.columnCount, media: media,
            network: .init(
                family: learned.memory.stored.familyName, depth: facts.depth, width: facts.width, activation: facts.activation,
                parameters: facts.parameterCount, properties: facts.properties),
            training: .init(
                preset: account.recipe, optimizer: account.optimizer, initializer: account.initializer,
                epochs: learned.memory.epochCount, mse: learned.memory.meanSquaredError, seconds: learned.trainSeconds,
                stopped: learned.stopReason, conditioning: account.conditioning, noise: account.noise, seed: UInt64(settings.seed),
                lossName: account.lossName, remarks: remarks),
            attractors: attractors, cycles: cycles, recall: analysis.recalls.map(recallRow), recovery: recoveryRows, seconds: seconds,
            seed: UInt64(settings.seed),
            threads: context.threadCount, versions: context.versions, notes: notes,
            sections: [
                interpretation, recoveryMethod, recoveryBaselines, certifiedRadii, spurious, theory, normTransition, learnability,
                tokens?.section,
            ])
    }

    private var certifiedRadii: DropReport.CertifiedRadii? {
        let sorted = basins.certifiedRadii.sorted()
        guard let least = sorted.first, let example = basins.certifiedRadii.firstIndex(of: least) else { return nil }
        return .init(
            least: least, median: median(sorted), largest: sorted.last, leastExample: drop.media.names[example],
            leastPerEntry: least / Double(drop.set.examples.columnCount).squareRoot() / drop.set.sampleRange)
    }

    private var interpretation: DropReport.Interpretation? {
        drop.media.interpretation.map { .init(takenFor: $0.takenFor, because: $0.because, setting: $0.setting) }
    }

    /// Where a kernel machine stands between small and large norms.
    private var normTransition: DropReport.NormTransition? {
        basins.normStudy.map { study in
            .init(
                norm: study.ownNorm, examples: study.exampleCount, evaluated: study.evaluatedCount, linearCount: study.linearCount,
                limit: study.limit,
                points: study.points.map {
                    .init(
                        norm: $0.norm, spectralRadius: $0.spectralRadius, operatorNorm: $0.operatorNorm, countNearOne: $0.countNearOne,
                        region: $0.region)
                })
        }
    }

    /// What some examples teach a kernel machine of the others.
    private var learnability: DropReport.Learnability? {
        basins.learnabilityStudy.map { study in
            let names = drop.media.names
            return .init(
                examples: study.exampleCount, ridge: study.ridge, effectiveDimension: study.effectiveDimension,
                condition: study.condition, draws: study.drawCount,
                levels: study.levels.map {
                    .init(
                        examples: $0.exampleCount, sum: $0.sum, predictedShare: $0.predictedLearnability,
                        measuredShare: $0.measuredLearnability, predictedError: $0.predictedError, measuredError: $0.measuredError)
                },
                modes: study.eigenvalues.enumerated().map { index, eigenvalue in
                    .init(eigenvalue: eigenvalue, learnabilities: study.levels.map { $0.learnabilities[index] })
                },
                items: study.items.sorted { ($0.independentShare, $0.example) < ($1.independentShare, $1.example) }.map {
                    .init(
                        name: names[$0.example], independentShare: $0.independentShare, learnedShare: $0.learnedShare,
                        nearest: names[$0.nearest], cosine: $0.cosine)
                })
        }
    }

    /// Theory beside measurement, for a drop of one example.
    private var theory: DropReport.Theory? {
        guard !basins.theory.isEmpty else { return nil }
        return DropReport.Theory(
            learningRate: BasinStudy.theoryLearningRate,
            criterion:
                "Gradient descent on full matrices from the same start, on the example scaled to norm 1, ended where ‖f(x) - x‖ was at most 1e-09",
            cases: basins.theory.map { result in
                .init(
                    name: result.item.name, hiddenWidths: result.item.flow.widths, closedForm: result.item.closedForm,
                    theory: result.theory.eigenvalue, measured: result.measured, steps: result.stepCount,
                    attractor: result.theory.isAttractor)
            })
    }

    private var media: DropReport.Media {
        let facts = drop.media.format.kind.facts
        var media = DropReport.Media(
            type: .init(rawValue: facts.typeName), width: facts.width, height: facts.height, channels: facts.channels,
            bitDepth: facts.bitDepth, sampleRateHz: facts.sampleRateHz, sampleFormat: facts.sampleFormat, frames: facts.frames,
            windowFrames: facts.windowFrames, elementType: facts.elementType, itemShape: facts.itemShape)
        media.reading = drop.media.rules.rawValue
        media.scale = drop.media.scaling.map { .init(offset: $0.offset, factor: $0.factor) }
        media.heldBits = drop.media.isRounded ? 24 : nil
        media.repeats = drop.set.marks.map { DropReport.Media.Repeats($0) }
        media.cycleLengths = drop.set.task.isAutoencoder ? nil : drop.set.task.cycles.map(\.count)
        return media
    }

    private var attractors: DropReport.Attractors {
        guard drop.set.task.isAutoencoder, !analysis.spectra.isEmpty else { return .init() }
        let radii = analysis.spectra.map(\.spectralRadius).sorted()
        let norms = basins.operatorNorms.sorted()
        return .init(
            verified: analysis.verdicts.count { $0 }, total: radii.count, spectralRadiusMax: radii.last,
            spectralRadiusMedian: median(radii),
            residualMax: analysis.residuals.max().map { ($0 * Double(drop.set.examples.columnCount)).squareRoot() },
            operatorNormMax: norms.last, operatorNormMedian: median(norms),
            spectralRadiusErrorBound: analysis.spectra.compactMap(\.radiusErrorBound).max())
    }

    private var cycles: [DropReport.Cycle] {
        zip(drop.set.task.cycles, analysis.spectra).enumerated().map { index, pair in
            DropReport.Cycle(
                name: drop.cycleName(index), first: pair.0.lowerBound, length: pair.0.count,
                log10SpectralRadius: pair.1.log10SpectralRadius, stable: analysis.verdicts[index],
                residualMax: (analysis.residuals[index] * Double(drop.set.examples.columnCount)).squareRoot(),
                log10OperatorNorm: basins.operatorNorms.indices.contains(index) ? basins.operatorNorms[index] : nil)
        }
    }

    private func recallRow(_ run: RecallRun) -> DropReport.Recall {
        let recovered = run.isRecovered.indices.filter { run.isRecovered[$0] }
        let reached = recovered.compactMap { run.outcomes[$0].reachedExample }
        // Memories are examples, or whole cycles whatever frame was met first.
        let memories = reached.map { example in drop.set.task.cycles.firstIndex { $0.contains(example) } ?? example }
        let whose = run.batch.start.isNoise ? "a" : "its own"
        let what = drop.set.task.isAutoencoder ? "\(whose) stored example" : "a whole round of \(whose) stored cycle, in order,"
        return DropReport.Recall(
            start: run.batch.start.name, starts: run.outcomes.count, recovered: recovered.count,
            exact: recovered.count { run.isExact[$0] }, distinct: Set(memories).count,
            iterationsMedian: median(recovered.map { Double(run.outcomes[$0].iterationCount) }.sorted()),
            mseMax: recovered.map { run.meanSquaredErrors[$0] }.max(),
            criterion:
                "it reached \(what) within a mean squared error of \(analysis.tolerance.scientific), 1e-07 of the squared range of the "
                + "samples; exact when every code agrees after rounding")
    }

    private var notes: [String] {
        var notes = drop.notes + learned.notes + basins.notes
        if analysis.spectra.contains(where: { !$0.isComplete }) {
            notes.append(
                "Of the \(analysis.restriction.subspace.dimension) eigenvalues at each example the largest were sought, by the Arnoldi method; "
                    + "analysis.spectra: all computes all of them.")
        }
        notes += learned.account.notes
        if let blur = roundingNote { notes.append(blur) }
        return notes
    }

    /// How the memory and its figures came about.
    private var remarks: [String] {
        var notes = learned.account.remarks
        let restriction = analysis.restriction
        let leakage = restriction.isProposed ? learned.memory.map.relativeLeakage(outside: restriction.subspace) : 0
        if leakage > 0 {
            notes.append(
                "Eigenvalues were computed in the \(restriction.subspace.dimension) dimensions that hold the network's outputs; "
                    + "\(leakage.scientific) of the output weights, float32 rounding, lies outside.")
        }
        if hasCutEigenvalues { notes.append("eigenvalues.csv holds the \(Self.eigenvaluesPerOwner) largest of each example.") }
        return notes
    }

    /// Which eigenvalues of cycles are below the rounding of their product; nil when none are.
    private var roundingNote: String? {
        guard !drop.set.task.isAutoencoder else { return nil }
        let floors = analysis.spectra.map { $0.log10Scale - Self.digitsBelowNorm }
        guard zip(analysis.spectra, floors).contains(where: { spectrum, floor in spectrum.log10Moduli.contains { $0 < floor } })
        else { return nil }
        let reachesLargest = zip(analysis.spectra, floors).contains { $0.log10SpectralRadius < $1 }
        return
            "Eigenvalues of a cycle more than \(Int(saturating: Self.digitsBelowNorm)) digits below the norm of its product of Jacobians are rounding "
            + (reachesLargest
                ? "of that product, even the largest here: the true radius is at most about what is reported."
                : "of that product; the largest, which decides stability, is not among them.")
    }

    /// Float64 keeps 16 digits of a product; the conditioning of eigenvalues takes up to three of them.
    private static let digitsBelowNorm = 13.0

    /// Above this many rows, eigenvalues.csv keeps the largest of each owner.
    private static let eigenvalueRowLimit = 100_000
    private static let eigenvaluesPerOwner = 64

    private var hasCutEigenvalues: Bool {
        analysis.spectra.reduce(0) { $0 + $1.scaledEigenvalues.count } > Self.eigenvalueRowLimit
    }

    /// The rows of eigenvalues.csv.
    func eigenvalueRows() -> [EigenvalueRow] {
        let limit = hasCutEigenvalues ? Self.eigenvaluesPerOwner : Int.max
        return analysis.spectra.enumerated().flatMap { index, spectrum in
            let owner = drop.set.task.isAutoencoder ? drop.media.names[index] : drop.cycleName(index)
            let scale = Double.exp10(spectrum.log10Scale)
            return zip(spectrum.scaledEigenvalues, spectrum.log10Moduli).prefix(limit).enumerated().map { rank, pair in
                EigenvalueRow(
                    owner: owner, index: rank, re: pair.0.real * scale, im: pair.0.imaginary * scale, modulus: pair.0.length * scale,
                    log10Modulus: pair.1, phase: pair.0.phase.isNaN ? 0 : pair.0.phase)
            }
        }
    }

    /// One verdict for each example.
    func exampleVerdicts(_ recalled: RecalledMedia) -> [ExampleVerdict] {
        let isVerified = drop.set.task.isAutoencoder && !analysis.spectra.isEmpty
        return (0..<drop.set.examples.rowCount).map { index in
            ExampleVerdict(
                name: drop.media.names[index], spectralRadius: isVerified ? analysis.spectra[index].spectralRadius : nil,
                operatorNorm: isVerified && !basins.operatorNorms.isEmpty ? basins.operatorNorms[index] : nil,
                residual: isVerified ? (analysis.residuals[index] * Double(drop.set.examples.columnCount)).squareRoot() : nil,
                isAttractor: isVerified ? analysis.verdicts[index] : nil,
                certifiedRadius: basins.certifiedRadii.isEmpty ? nil : basins.certifiedRadii[index],
                recovered: recalled.isRecovered[index], exact: recalled.isExact[index],
                fromNoise: recalled.isFromNoise(index))
        }
    }

    private func median(_ sorted: [Double]) -> Double? {
        guard !sorted.isEmpty else { return nil }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

extension Double {
    /// Two significant digits with an exponent, as 2.5e-08.
    var scientific: String {
        guard isFinite, self != 0 else { return "\(self)" }
        let exponent = Int(saturating: Double.log10(abs(self)).rounded(.down))
        let mantissa = (self / Double.exp10(Double(exponent)) * 10).rounded() / 10
        return "\(mantissa)e\(exponent < 0 ? "-" : "+")\(abs(exponent) < 10 ? "0" : "")\(abs(exponent))"
    }
}
