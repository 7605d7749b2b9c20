internal import ComplexModule
internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import RealModule

extension ResultRendering {
    /// The entries of `recovery` in report.json.
    var recoveryRows: [DropReport.Recovery] {
        (basins.recovery?.rates ?? []).flatMap { damage, rates in
            zip(BasinPlan.criteria, rates).map { criterion, rate in
                let interval = WilsonInterval(count: rate.recoveredCount, total: rate.total)
                return DropReport.Recovery(
                    corruption: damage.name, level: damage.level, criterion: criterion, criterionMSE: rate.criterion,
                    recovered: rate.recoveredCount, recoveredLow: interval.lower, recoveredHigh: interval.upper,
                    rightItem: rate.rightItemCount, total: rate.total, baseline1NN: rate.nearestExampleCount,
                    baselineHopfield: rate.hopfieldCount)
            }
        }
    }

    /// What simpler methods make of the same cues.
    var recoveryBaselines: DropReport.RecoveryBaselines? {
        guard let measured = basins.baselines, let recovery = basins.recovery else { return nil }
        return DropReport.RecoveryBaselines(
            methods: measured.methods.map { .init(name: $0.variant.method.rawValue, parameter: $0.variant.parameter) },
            rows: recovery.rates.enumerated().map { index, entry in
                .init(
                    corruption: entry.damage.name, level: entry.damage.level, total: entry.rates.first?.total ?? 0,
                    rightItem: entry.rates.first?.rightItemCount ?? 0, baselines: measured.methods.map { $0.rightCounts[index] })
            })
    }

    /// What these entries depend on.
    var recoveryMethod: DropReport.RecoveryMethod? {
        guard let recovery = basins.recovery else { return nil }
        let how =
            drop.set.task.isAutoencoder
            ? "the network, iterated until a step is shorter than 1e-08 and at most \(recovery.iterationCount) times, ends"
            : "after \(recovery.iterationCount) steps from a damaged example the network is"
        let what = drop.set.task.isAutoencoder ? "the original" : "the one that is due then"
        return DropReport.RecoveryMethod(
            examples: recovery.sources.count, seed: recovery.seed, iterations: recovery.iterationCount,
            hopfieldBeta: recovery.inverseTemperature,
            criterion: "\(how) within the criterion, a mean squared error, of \(what)")
    }

    /// The census.
    var spurious: DropReport.Spurious? {
        guard let measured = basins.census else { return nil }
        let census = measured.census
        let memories = census.reachedExamples.compactMap { example in
            example.map { reached in drop.set.task.cycles.firstIndex { $0.contains(reached) } ?? drop.set.equalExamples[reached] }
        }
        let clusters = census.clusters.enumerated().map { index, cluster in
            DropReport.Spurious.Cluster(
                period: cluster.states.rowCount, starts: cluster.starts.count, nearest: drop.media.names[cluster.nearestExample],
                mse: cluster.meanSquaredError,
                log10SpectralRadius: measured.log10Radii.indices.contains(index) ? measured.log10Radii[index] : nil,
                picture: hasPicture(index) ? Self.spuriousFile(index) : nil)
        }
        let stored =
            drop.set.task.isAutoencoder ? "the next state is too" : "a whole round of the cycle follows from there, each frame as near"
        return DropReport.Spurious(
            starts: census.ends.count, reachedStored: census.storedCount,
            reachedSpurious: census.clusters.reduce(0) { $0 + $1.starts.count }, unsettled: census.unsettledCount,
            diverged: census.divergedCount, distinctStored: Set(memories).count,
            groups: measured.groups.map { group in
                .init(
                    start: group.name, starts: group.rows.count,
                    reachedStored: census.reachedExamples[group.rows].count { $0 != nil })
            },
            clusters: clusters, seed: measured.seed, iterations: measured.iterationCount,
            criterion: "a start ends when a state is within 1e-08 of one before; it is stored when it is within a mean squared error of "
                + "\(analysis.tolerance.scientific) of an example and \(stored); states as near to each other are one attractor")
    }

    private func hasPicture(_ index: Int) -> Bool {
        drop.media.previewFormat != nil && index < BasinStudy.describedClusterCount
    }

    private static func spuriousFile(_ index: Int) -> String { "spurious/\(index < 9 ? "0" : "")\(index + 1).png" }

    /// Pictures of what is not stored, each also as a file; none where samples are no pictures.
    func spuriousPictures(write: ([UInt8], String) throws -> Void) throws -> [SpuriousPicture] {
        guard let census = basins.census?.census else { return [] }
        var pictures: [SpuriousPicture] = []
        for (index, cluster) in census.clusters.enumerated() where hasPicture(index) {
            let states = drop.set.samples(of: analysis.restriction.points(at: cluster.states))
            let frames = (0..<states.rowCount).map { (values: states.row($0), seconds: Self.spuriousFrameSeconds) }
            let bytes =
                frames.count > 1
                ? try drop.media.animation(frames) : try drop.media.preview(of: states.row(0).map { Float($0) })?.png()
            guard let bytes, let nearest = drop.media.preview(of: drop.media.row(cluster.nearestExample)) else { continue }
            try write(bytes, Self.spuriousFile(index))
            pictures.append(SpuriousPicture(picture: bytes, nearest: try nearest.png()))
        }
        return pictures
    }

    /// A cycle that nobody asked for is watched state by state.
    private static let spuriousFrameSeconds = 0.4

    /// The largest 1 % of the d eigenvalues at each example of an autoencoder, as [RBU20] Fig. 13 shows them.
    var leadingModuli: [Double] {
        guard drop.set.task.isAutoencoder, analysis.spectra.allSatisfy(\.isComplete) else { return [] }
        let count = max(1, Int(saturating: (Double(drop.set.examples.columnCount) / 100).rounded(.up)))
        return analysis.spectra.flatMap { spectrum in
            let moduli = spectrum.scaledEigenvalues.prefix(count).map(\.length)
            return moduli + Array(repeating: 0, count: count - moduli.count)
        }
    }
}
