package import EngramReports

/// One published experiment and how it is repeated.
protocol Experiment: Sendable {
    /// On the command line and in the data files.
    var name: String { get }
    /// What `--scale` changes, for `--list` and reports.
    var scaling: String { get }
    /// A share of the published work that takes a few minutes on two cores.
    var defaultScale: Double { get }
    /// Most epochs of one training at the default scale; in proportion elsewhere, the published 1,000,000 at most.
    var defaultEpochs: Int { get }
    /// Where its data come from, for `--list`.
    var dataNeeded: String { get }
    /// What the default scale costs.
    var cost: String { get }

    /// Whether the fast preset takes part.
    var hasFast: Bool { get }
    /// Whether networks of infinite width take part.
    var hasKernel: Bool { get }
    /// Whether it can look for attractors from as many starts as published.
    var hasCensus: Bool { get }

    /// Repeats it.
    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome
}

extension Experiment {
    var hasFast: Bool { true }
    var hasKernel: Bool { false }
    var hasCensus: Bool { false }
}

/// What an experiment gave; the rest of the report is the same for all.
struct ExperimentOutcome {
    /// What part of the published work was done, in one sentence.
    var scaleNote: String
    var findings: [String] = []
    var notes: [String] = []
    var settings: [ExperimentReport.Setting] = []
    var tables: [ExperimentTable] = []
    var figures: [ExperimentFigure] = []
}

/// Every experiment, as the command line sees them.
package enum ExperimentCatalogue {
    /// What there is to know before running one.
    package struct Entry: Sendable, Equatable {
        /// On the command line.
        package let name: String
        /// What it shows.
        package let title: String
        /// Where it was published.
        package let source: String
        /// What `--scale` changes.
        package let scaling: String
        /// The scale when none is given.
        package let defaultScale: Double
        /// Data that it reads.
        package let dataNeeded: String
        /// What the default scale costs.
        package let cost: String
    }

    static let all: [any Experiment] =
        [
            PhotographsExperiment(), PlanePointsExperiment(), FilmExperiment(), CountingExperiment(), PlaneCyclesExperiment(),
            DepthWidthExperiment(), DigitsExperiment(), EigenvalueHistogramExperiment(topShare: nil),
            EigenvalueHistogramExperiment(topShare: 0.01), ConvolutionalExperiment(figure: .ten), ConvolutionalExperiment(figure: .hundred),
            OptimizerExperiment(), InitializerExperiment(), SpeechExperiment(),
            SentenceExperiment(),
            TheoryExperiment(), KernelDepthExperiment(), KernelRadiusExperiment(), KernelBasinExperiment(), KernelActivationExperiment(),
            KernelLinearExperiment(), LinearisedExperiment(), LearnabilityExperiment(domains: .finite),
            LearnabilityExperiment(domains: .sphere),
            CapacityExperiment(), NoisyRecallExperiment(), CompletionExperiment(),
            PicturesExperiment(task: .inpaint), PicturesExperiment(task: .reconstruct),
            DeepLimitExperiment(), SingularityExperiment(), FeatureMachineExperiment(target: .rfm),
            FeatureMachineExperiment(target: .parity), FeatureMachineExperiment(target: .features), FeatureTablesExperiment(),
            FeatureAnsatzExperiment(),
        ]

    /// All entries, in the order of the papers.
    /// - Throws: `ExperimentError.failed` if the data files of this program are damaged.
    package static func entries() throws(ExperimentError) -> [Entry] {
        let published = try loaded()
        return all.map { experiment in
            Entry(
                name: experiment.name, title: published[experiment.name]?.title ?? "", source: published[experiment.name]?.source ?? "",
                scaling: experiment.scaling, defaultScale: experiment.defaultScale, dataNeeded: experiment.dataNeeded, cost: experiment.cost
            )
        }
    }

    /// Repeats the experiment of that name.
    ///
    /// - Throws: `ExperimentError`; `CancellationError` once the context says so.
    package static func reproduce(_ name: String, options: ExperimentOptions, context: ExperimentContext) throws -> ExperimentReport {
        guard let experiment = all.first(where: { $0.name == name }) else {
            throw ExperimentError.unknownName(name, known: all.map(\.name))
        }
        guard let published = try loaded()[name] else {
            throw ExperimentError.failed(what: name, reason: "its published figures are missing in this program's data")
        }
        let run = try ExperimentRun(experiment: experiment, published: published, options: options, context: context)
        var outcome = try experiment.outcome(run)
        if experiment.hasFast, options.presets.includesFast, !options.isCensus {
            outcome.scaleNote += " Fast preset: at most \(options.fastEpochs) epochs."
        }
        for index in outcome.tables.indices { outcome.tables[index].caption = outcome.scaleNote + " " + outcome.tables[index].caption }
        return ExperimentReport(
            name: name, title: published.title, source: published.source, scaleNote: outcome.scaleNote, findings: outcome.findings,
            notes: outcome.notes + published.statements.map { "\($0.source): \($0.says)" },
            settings: run.publishedSettings + outcome.settings, tables: outcome.tables, figures: outcome.figures,
            command: context.command, seed: options.seed, threads: context.threadCount, seconds: run.elapsedSeconds,
            versions: context.versions)
    }

    private static func loaded() throws(ExperimentError) -> [String: PublishedExperiment] {
        do {
            return try PublishedFigures.all()
        } catch {
            throw .failed(what: "the published figures", reason: "\(error)")
        }
    }
}
