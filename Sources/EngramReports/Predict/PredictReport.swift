/// What learning labels came to: the exact content of `report.json` of a prediction, whose keys are these names in snake case.
package struct PredictReport: JobReport {
    package static let currentSchema = "engram-predict/1"
    package static let jobName = "predict"

    package var header: ReportHeader
    package var sections: ReportSections

    package init(header: ReportHeader, sections: ReportSections) {
        self.header = header
        self.sections = sections
    }

    /// Takes every value as given; nothing is computed or checked.
    package init(
        name: String, prediction: Prediction, features: Features?, limit: Limit?, answers: Answers, seconds: Seconds, summary: JobSummary,
        seed: UInt64, threads: Int, versions: [String: String], notes: [String]
    ) {
        header = Self.header(name: name, seed: seed, threads: threads, versions: versions, notes: notes)
        sections = ReportSections([prediction, answers, seconds, summary])
        sections[Features.self] = features
        sections[Limit.self] = limit
    }

    /// How well is predicted.
    package var prediction: Prediction {
        get { required() }
        set { sections[Prediction.self] = newValue }
    }

    /// Which columns count; nil where no metric could be learned.
    package var features: Features? { sections[Features.self] }
    /// What the infinitely deep network is.
    package var limit: Limit? { sections[Limit.self] }
    /// How many of the examples whose labels were held back are right; nil without any.
    package var test: Test? {
        get { sections[Test.self] }
        set { sections[Test.self] = newValue }
    }
    /// How a network's weights compare with its gradients; nil for other models.
    package var ansatz: Ansatz? {
        get { sections[Ansatz.self] }
        set { sections[Ansatz.self] = newValue }
    }
    /// What was predicted.
    package var answers: Answers { required() }
    /// Wall-clock time of each stage.
    package var seconds: Seconds { required() }
    /// In a few words.
    package var summary: JobSummary { required() }

    package static var sectionTypes: [any ReportSection.Type] { PredictPage.parts.flatMap(\.sections) }

    /// How well is predicted, measured on examples that were not learned from.
    package struct Prediction: ReportSection {
        package static let key: String? = "prediction"
        package static let isRequired = true

        /// `classification` or `regression`.
        package var task: String
        /// What is predicted, such as the name of a column.
        package var target: String
        /// Of a classification: the mean over folds of the share that is right, 0 to 1.
        package var accuracy: Double?
        /// Of a regression: R² over the examples of all folds together.
        package var r2: Double?
        /// 95 % interval of the accuracy (Wilson), or the mean R² with 1.96 standard errors over folds.
        package var interval: [Double]
        /// Names of the classes, in the order of `confusion`; empty for a regression.
        package var classes: [String]
        /// The same measure of other methods in the same folds.
        package var baselines: Baselines
        /// `laplace`, `features`, `deep` or `network`: what was learned from all examples and is stored.
        package var model: String
        /// Its settings.
        package var chosen: Chosen
        /// What each fold chose for itself.
        package var chosenInFolds: [String]
        /// Folds of cross-validation.
        package var folds: Int
        /// Examples with a label.
        package var rows: Int
        /// Examples that took part in cross-validation.
        package var validatedRows: Int
        /// Columns of numbers that the examples were turned into.
        package var columns: Int
        /// The measure after each round of a feature machine, from the plain kernel on; empty where none was chosen.
        package var rounds: [Double]
        /// How often examples of class i were taken for class j.
        package var confusion: [[Int]]
        /// Mean of -ln p of the known labels, p from the scores of held-out examples by one factor; absent for a regression.
        package var logLoss: Double?

        /// Takes every value as given.
        package init(
            task: String, target: String, accuracy: Double?, r2: Double?, interval: [Double], classes: [String], baselines: Baselines,
            model: String, chosen: Chosen, chosenInFolds: [String], folds: Int, rows: Int, validatedRows: Int, columns: Int,
            rounds: [Double], confusion: [[Int]]
        ) {
            self.task = task
            self.target = target
            self.accuracy = accuracy
            self.r2 = r2
            self.interval = interval
            self.classes = classes
            self.baselines = baselines
            self.model = model
            self.chosen = chosen
            self.chosenInFolds = chosenInFolds
            self.folds = folds
            self.rows = rows
            self.validatedRows = validatedRows
            self.columns = columns
            self.rounds = rounds
            self.confusion = confusion
        }

        /// The measure: accuracy or R².
        package var measure: Double { accuracy ?? r2 ?? 0 }
    }

    /// The measure of methods that are not new.
    package struct Baselines: Codable, Equatable, Sendable {
        /// The most frequent class, or the mean.
        package var majority: Double
        /// The nearest example.
        package var nearest: Double
        /// Kernel ridge regression with the plain Laplace kernel.
        package var laplace: Double
        /// The infinitely deep classifier; absent for a regression.
        package var deep: Double?

        /// Takes every value as given.
        package init(majority: Double, nearest: Double, laplace: Double, deep: Double?) {
            self.majority = majority
            self.nearest = nearest
            self.laplace = laplace
            self.deep = deep
        }
    }

    /// Settings of a model; those that it does not have are absent.
    package struct Chosen: Codable, Equatable, Sendable {
        /// λ.
        package var ridge: Double?
        /// L.
        package var bandwidth: Double?
        /// Rounds of learning M.
        package var rounds: Int?
        /// Whether M is diagonal.
        package var diagonal: Bool?
        /// Share of the identity in M.
        package var shrinkage: Double?
        /// d for which the infinitely deep network is consistent.
        package var dimension: Double?
        /// Units of each hidden layer of a network.
        package var layers: [Int]?

        /// Nothing yet.
        package init() {}
    }

    /// Which columns the metric M of a feature machine weighs.
    package struct Features: ReportSection {
        package static let key: String? = "features"

        /// Rounds by which M was learned.
        package var rounds: Int
        /// The columns by their share of the trace of M, largest first; at most 100.
        package var ranking: [Column]
        /// Shares of the trace along the first eigenvectors of M, largest first; at most 10.
        package var spectrum: [Double]
        /// Names and entries of M over the columns of largest weight, rows over its largest diagonal entry; at most 40.
        package var names: [String]
        /// Shape `[k, k]`.
        package var matrix: [[Double]]
        /// The first eigenvectors of M, by their columns of largest weight; at most 5. Absent in reports of earlier versions.
        package var directions: [Direction]?

        /// An eigenvector.
        package struct Direction: Codable, Equatable, Sendable {
            /// Its share of the trace.
            package var share: Double
            /// Its largest entries, with their signs.
            package var columns: [Column]

            /// Takes both as given.
            package init(share: Double, columns: [Column]) { (self.share, self.columns) = (share, columns) }
        }

        /// One column.
        package struct Column: Codable, Equatable, Sendable {
            /// Its name.
            package var name: String
            /// M_kk over the trace.
            package var weight: Double

            /// Takes both as given.
            package init(name: String, weight: Double) { (self.name, self.weight) = (name, weight) }
        }

        /// Takes every value as given.
        package init(rounds: Int, ranking: [Column], spectrum: [Double], names: [String], matrix: [[Double]]) {
            self.rounds = rounds
            self.ranking = ranking
            self.spectrum = spectrum
            self.names = names
            self.matrix = matrix
        }
    }

    /// What a network of infinite width and depth is for these data.
    package struct Limit: ReportSection {
        package static let key: String? = "limit"

        /// Dimension of the set on which the examples lie, on the sphere.
        package var dimension: Double
        /// Whether neighbours told it or settings did.
        package var isEstimated: Bool
        /// Its activation in words.
        package var activation: String
        /// α, the order of the singularity.
        package var order: Double
        /// How far kernels of finite depth are from it: depth and largest relative gap.
        package var gaps: [Gap]
        /// Distances on the sphere at which weights are told, for the drawing. Absent in reports of earlier versions.
        package var distances: [Double]?
        /// How examples are weighed by their distance.
        package var curves: [Curve]?
        /// Which classifier an infinitely deep network is, by its activation: this one and some that are usual.
        package var activations: [Activation]?

        /// Weights by distance, of one depth.
        package struct Curve: Codable, Equatable, Sendable {
            /// L; absent for the limit.
            package var depth: Int?
            /// log10 of the weight over that at distance 1, for each distance.
            package var logarithms: [Double]

            /// Takes both as given.
            package init(depth: Int?, logarithms: [Double]) { (self.depth, self.logarithms) = (depth, logarithms) }
        }

        /// What depth makes of one activation φ with E φ² = 1.
        package struct Activation: Codable, Equatable, Sendable {
            /// Its name.
            package var name: String
            /// `singular`, `nearest`, `majority` or `linear`.
            package var classifier: String
            /// A².
            package var squaredMean: Double
            /// A′².
            package var squaredMeanSlope: Double
            /// B′.
            package var meanSquaredSlope: Double
            /// α; absent where the classifier is not singular.
            package var order: Double?

            /// Takes every value as given.
            package init(
                name: String, classifier: String, squaredMean: Double, squaredMeanSlope: Double, meanSquaredSlope: Double, order: Double?
            ) {
                (self.name, self.classifier, self.order) = (name, classifier, order)
                (self.squaredMean, self.squaredMeanSlope, self.meanSquaredSlope) = (squaredMean, squaredMeanSlope, meanSquaredSlope)
            }
        }

        /// One depth.
        package struct Gap: Codable, Equatable, Sendable {
            /// L.
            package var depth: Int
            /// The largest relative difference of the kernels.
            package var gap: Double

            /// Takes both as given.
            package init(depth: Int, gap: Double) { (self.depth, self.gap) = (depth, gap) }
        }

        /// Takes every value as given.
        package init(dimension: Double, isEstimated: Bool, activation: String, order: Double, gaps: [Gap]) {
            self.dimension = dimension
            self.isEstimated = isEstimated
            self.activation = activation
            self.order = order
            self.gaps = gaps
        }
    }

    /// How many of the examples are right whose labels were given and not learned from, such as those of a second file.
    package struct Test: ReportSection {
        package static let key: String? = "test"

        /// Examples.
        package var examples: Int
        /// Those whose prediction is the label.
        package var right: Int
        /// Their share.
        package var accuracy: Double
        /// Wilson's 95 % interval.
        package var interval: [Double]

        /// Takes every value as given.
        package init(examples: Int, right: Int, accuracy: Double, interval: [Double]) {
            (self.examples, self.right, self.accuracy, self.interval) = (examples, right, accuracy, interval)
        }
    }

    /// The deep neural feature ansatz, measured on the network that was trained: what a layer's weights have learned beside the average outer
    /// product of the gradients of the rest of the network.
    package struct Ansatz: ReportSection {
        package static let key: String? = "ansatz"

        /// Hidden layers, from the input on.
        package var layers: [Layer]

        /// One layer.
        package struct Layer: Codable, Equatable, Sendable {
            /// From 1.
            package var layer: Int
            /// Length of its input.
            package var inputs: Int
            /// Its units.
            package var units: Int
            /// Correlation of (W - W₀)ᵀ(W - W₀) with the average outer product; absent where one of them has no spread.
            package var correlation: Double?
            /// The same with W₀ᵀW₀.
            package var initial: Double?

            /// Takes every value as given.
            package init(layer: Int, inputs: Int, units: Int, correlation: Double?, initial: Double?) {
                (self.layer, self.inputs, self.units, self.correlation, self.initial) = (layer, inputs, units, correlation, initial)
            }
        }

        /// Takes the layers as given.
        package init(layers: [Layer]) { self.layers = layers }
    }

    /// What was predicted, in short; `predictions.csv` has all.
    package struct Answers: ReportSection {
        package static let key: String? = "answers"
        package static let isRequired = true

        /// Examples without a label that got one.
        package var predicted: Int
        /// How many of them each class got, in the order of the classes; empty for a regression.
        package var perClass: [Int]

        /// Takes both as given.
        package init(predicted: Int, perClass: [Int]) { (self.predicted, self.perClass) = (predicted, perClass) }
    }

    /// Wall-clock seconds of each stage.
    package struct Seconds: ReportSection {
        package static let key: String? = "seconds"
        package static let isRequired = true

        /// Reading the drop.
        package var decode: Double
        /// Cross-validation.
        package var validate: Double
        /// Learning from all examples.
        package var learn: Double
        /// From start to end.
        package var total: Double

        /// Takes every value as given.
        package init(decode: Double = 0, validate: Double = 0, learn: Double = 0, total: Double = 0) {
            (self.decode, self.validate, self.learn, self.total) = (decode, validate, learn, total)
        }
    }
}

/// One line of `predictions.csv`.
package struct PredictionRow: Equatable, Sendable {
    /// The example.
    package var item: String
    /// Its label where it is known: then the prediction is of a model that did not see it.
    package var known: String?
    /// What is predicted.
    package var predicted: String
    /// By how much its score exceeds the second; nil for numbers.
    package var margin: Double?
    /// How likely it is, from its scores by the factor that suits held-out examples best; nil for numbers.
    package var probability: Double?
    /// The nearest examples in the model's geometry.
    package var nearest: [String]

    /// Takes every value as given.
    package init(item: String, known: String?, predicted: String, margin: Double?, probability: Double?, nearest: [String]) {
        self.item = item
        self.known = known
        self.predicted = predicted
        self.margin = margin
        self.probability = probability
        self.nearest = nearest
    }
}

/// Everything the folder of a prediction is written from, but the model.
package struct PredictContent: Equatable, Sendable {
    /// The content of report.json.
    package var report: PredictReport
    /// Lines of `predictions.csv`.
    package var rows: [PredictionRow]
    /// Every column with its weight, in the order of the drop; nil where no metric could be learned.
    package var weights: [PredictReport.Features.Column]?
    /// The diagonal of M as a picture, PNG bytes, for pictures.
    package var diagonal: [UInt8]?
    /// M itself as a picture, PNG bytes.
    package var metric: [UInt8]?
    /// Its first eigenvectors as pictures side by side, PNG bytes, for pictures.
    package var directions: [UInt8]?
    /// The command that repeats it, ready for a shell.
    package var command: String

    /// Takes every value as given.
    package init(
        report: PredictReport, rows: [PredictionRow], weights: [PredictReport.Features.Column]?, diagonal: [UInt8]?, command: String
    ) {
        self.report = report
        self.rows = rows
        self.weights = weights
        self.diagonal = diagonal
        self.command = command
    }
}
