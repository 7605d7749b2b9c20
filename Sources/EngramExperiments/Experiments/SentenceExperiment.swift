internal import EngramDynamics
internal import EngramMemories
internal import EngramNetworks
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem

/// [RBU20] Appendix F: a recurrent network that says a sentence for ever. That sentence has no word twice, so a second text has.
struct SentenceExperiment: Experiment {
    let name = "sentence"
    let scaling = "epochs; random states, of 1000"
    let defaultScale = 0.1
    let defaultEpochs = 2000
    let dataNeeded = "none"
    let cost = "8 networks; the published one has two maps of 31 layers of 128"

    /// What is to be said.
    private struct SpokenText {
        let name: String
        let words: [String]
        let printed: String

        /// The words as numbers, in the order in which they first occur.
        var tokens: [Int] {
            var numbers: [String: Int] = [:]
            return words.map { word in
                let number = numbers[word] ?? numbers.count
                numbers[word] = number
                return number
            }
        }
    }

    /// The sentence as [RBU20] quotes it from its introduction, and a text of our own in which words occur up to nine times.
    private static let texts = [
        SpokenText(
            name: "the sentence",
            words: "Hopfield networks are able to store binary training patterns as attractive fixed points.".split(separator: " ").map(
                String.init), printed: "the entire sentence, for ever"),
        SpokenText(
            name: "a text with repeats",
            words: ("the cat sat on the mat and the dog sat by the door and the bird sat on the roof and the cat saw the bird and "
                + "the dog saw the cat and the bird saw the dog by the door").split(separator: " ").map(String.init), printed: "-"),
    ]

    /// How one network is trained.
    private struct Recipe {
        let name: String
        let size: NetworkSize
        let learningRate: Double
        var initializer = Initializer.standard
        /// Rounds of the text in one sequence, the first from the zero state.
        var roundCount = 1
        /// Whether each sequence begins in the state that the last one ended in.
        var goesRound = false
        /// Whether nothing is trained: the recipe of a drop, `PlaceNetwork`.
        var isWrittenDown = false
    }

    /// What one network does.
    private struct Result {
        var epochCount = 0
        var loss = Double.nan
        /// Words from which the text goes on without an error, for twenty rounds.
        var wordCount = 0
        var least = Double.nan
        var randomCount = 0
        var log10Radius = Double.nan
    }

    /// Training ends at this cross-entropy, once the text is played.
    private static let targetLoss = 1e-3
    private static let playedRoundCount = 20

    func outcome(_ run: ExperimentRun) throws -> ExperimentOutcome {
        let size = try run.network(published: 128, depth: 31)
        var recipes: [Recipe] = []
        if run.options.presets.includesPaper {
            recipes.append(Recipe(name: "paper", size: size, learningRate: 1e-4))
            recipes.append(
                Recipe(name: "paper, N(0, 1/n), round and round", size: size, learningRate: 1e-4, initializer: .leCun, goesRound: true))
        }
        if run.options.presets.includesFast {
            let single = NetworkSize(width: size.width, depth: 1)
            recipes.append(Recipe(name: "fast, trained", size: single, learningRate: 1e-3, roundCount: 3))
            recipes.append(Recipe(name: "fast", size: single, learningRate: 0, isWrittenDown: true))
        }
        let startCount = run.scaled(1000, atLeast: 10)
        run.plan(totalWork: Double(Self.texts.count * recipes.count))
        var table = ExperimentTable(
            title: "Said for ever",
            caption:
                "Plays on: words from which, with the zero state, \(Self.playedRoundCount) rounds follow without an error. Random states: starts of "
                + "a random word and h from N(0, 1) whose last round is the text. Radius: of the product of ∂h/∂h round the text, where it is played.",
            columns: [
                "text", "preset", "published", "words", "different", "epochs", "cross-entropy", "plays on from", "least margin",
                "random states", "log10 radius",
            ], labelCount: 2)
        var outcome = ExperimentOutcome(
            scaleNote:
                "\(startCount) of 1000 random states, at most \(run.epochLimit) epochs as published; paper preset: two maps, each of \(size.words)."
        )
        for text in Self.texts {
            for recipe in recipes {
                let result = try run.piece("\(text.name), \(recipe.name)", work: 1) {
                    try measured(run, text, recipe, startCount: startCount)
                }
                table.append(row(text, recipe, result, startCount: startCount))
                if result.wordCount < text.words.count {
                    outcome.findings.append(
                        "\(text.name), preset \(recipe.name): from \(result.wordCount) of \(text.words.count) words the text is played after "
                            + "\(result.epochCount) epochs.")
                }
            }
        }
        outcome.tables = [table]
        outcome.notes = [
            "Published: 31 layers of 128 for the next state and for the output, SELU, Adam, 1e-4, cross-entropy; when training stopped is not printed. "
                + "Here it stops at a cross-entropy of \(Text.scientific(Self.targetLoss)) once the text is played.",
            "As printed, with PyTorch's default initialisation, the signal is divided by the root of 3 in every layer: after 31 layers words differ by 1e-8 "
                + "of a state, and the loss stays at that of guessing, the logarithm of the number of words. The second row of the preset draws weights "
                + "from N(0, 1/n), which SELU is made for, and begins each pass in the state that the last one ended in: from the zero state alone the "
                + "sentence is said once or twice and then lost.",
            "fast, trained: one layer in each map, Adam, 1e-3, three rounds in a row from the zero state, so that going round is learned too. fast: the "
                + "network that a drop NAME.txt gets, written down and not trained.",
        ]
        return outcome
    }

    private func row(_ text: SpokenText, _ recipe: Recipe, _ result: Result, startCount: Int) -> [ExperimentTable.Cell] {
        let isWhole = result.wordCount == text.words.count
        return [
            .init(text.name), .init(recipe.name), .init(text.printed), .init("\(text.words.count)", value: Double(text.words.count)),
            .init("\(Set(text.words).count)", value: Double(Set(text.words).count)),
            .init("\(result.epochCount)", value: Double(result.epochCount)), .init(Text.scientific(result.loss), value: result.loss),
            .init("\(result.wordCount)/\(text.words.count)", value: Double(result.wordCount), tone: isWhole ? .good : .bad),
            .init(Text.significant(result.least), value: result.least),
            .init("\(result.randomCount)/\(startCount)", value: Double(result.randomCount)),
            .init(
                Text.significant(result.log10Radius), value: result.log10Radius.isFinite ? result.log10Radius : nil,
                tone: result.log10Radius < 0 ? .good : .bad),
        ]
    }

    private func measured(_ run: ExperimentRun, _ text: SpokenText, _ recipe: Recipe, startCount: Int) throws -> Result {
        let tokens = text.tokens
        let (network, epochCount, loss) = try trained(run, tokens, recipe)
        let loop = ClosedLoopMap(network: network)
        var result = Result(epochCount: epochCount, loss: loss)
        let length = tokens.count
        // A word that occurs twice does not say where it stands: the start is the zero state, and the place is what the text has first.
        for start in tokens.indices {
            let played = loop.played(from: tokens[start], count: Self.playedRoundCount * length)
            if Self.isRound(played.tokens.suffix(length), of: tokens) {
                result.wordCount += 1
                result.least = min(result.least.isNaN ? .infinity : result.least, played.margins.suffix(length).min() ?? .nan)
            }
        }
        var generator = run.generator(7)
        for index in 0..<startCount {
            try run.step(0.8 + 0.15 * Double(index) / Double(startCount), "random states")
            let state = (0..<network.stateSize).map { _ in generator.nextNormal() }
            let word = Int(saturating: generator.nextUniform() * Double(network.vocabularySize))
            let played = loop.played(from: min(word, network.vocabularySize - 1), state: state, count: 6 * length)
            if Self.isRound(played.tokens.suffix(length), of: tokens) { result.randomCount += 1 }
        }
        let settled = loop.played(from: tokens[0], count: (Self.playedRoundCount + 1) * length)
        guard Self.isRound(settled.tokens.suffix(length), of: tokens) else { return result }
        let points = settled.points.rows(at: settled.points.rowCount - length..<settled.points.rowCount)
        do {
            result.log10Radius = try CycleProduct(of: loop, along: points).spectrum().log10SpectralRadius
        } catch let error as NumericsError {
            throw ExperimentError.failed(what: text.name, reason: "\(error)")
        }
        return result
    }

    /// Whether tokens are one round of the text, from whatever place on.
    static func isRound(_ tokens: ArraySlice<Int>, of text: [Int]) -> Bool {
        tokens.count == text.count
            && text.indices.contains { start in
                zip(tokens, text.indices).allSatisfy { $0 == text[(start + $1) % text.count] }
            }
    }

    private func trained(
        _ run: ExperimentRun, _ tokens: [Int], _ recipe: Recipe
    ) throws -> (network: RecurrentNetwork<Double>, epochCount: Int, loss: Double) {
        let vocabulary = (tokens.max() ?? 0) + 1
        guard !recipe.isWrittenDown else {
            let set = MemoryTask.sequences([0..<tokens.count])
            let firsts = tokens.map { token in tokens.firstIndex(of: token) ?? 0 }
            let written = try PlaceNetwork(
                [tokens], vocabularySize: vocabulary, firstEqual: set.pasts(of: firsts),
                design: .init(width: recipe.size.width, decay: 0.9, seed: UInt64(run.options.seed)))
            return (written.network.converted(to: Double.self), 0, 0)
        }
        var network = RecurrentNetwork<Float>(
            vocabularySize: vocabulary, width: recipe.size.width, depth: recipe.size.depth, activation: .selu)
        network.trainsRoundAndRound = recipe.goesRound
        var seeds = SplitMix64(seed: UInt64(run.options.seed))
        recipe.initializer.initialize(&network, using: &seeds)
        let count = recipe.roundCount * tokens.count
        func oneHot(from first: Int) -> Matrix<Float> {
            Matrix(
                rows: (first..<first + count).map { place in
                    (0..<vocabulary).map { $0 == tokens[place % tokens.count] ? 1 : 0 }
                })
        }
        var trainer = EpochTrainer(
            network: network, samples: oneHot(from: 0), targets: oneHot(from: 1), maximumNoise: 0, optimizer: .adam(), seed: seeds.next())
        let limit = recipe.size.depth == 1 ? run.options.fastEpochs : run.epochLimit
        var loss = Double.infinity
        do {
            while trainer.epochCount < limit {
                loss = try trainer.runEpoch(learningRate: recipe.learningRate)
                try run.step(0.8 * Double(trainer.epochCount) / Double(limit), "training", epoch: trainer.epochCount, loss: loss)
                guard loss <= Self.targetLoss, trainer.epochCount % 10 == 0 else { continue }
                let played = ClosedLoopMap(network: trainer.network.converted(to: Double.self)).played(
                    from: tokens[0], count: Self.playedRoundCount * tokens.count)
                if Self.isRound(played.tokens.suffix(tokens.count), of: tokens) { break }
            }
        } catch let error as TrainingError {
            throw ExperimentError.failed(what: recipe.name, reason: "\(error)")
        }
        return (trainer.network.converted(to: Double.self), trainer.epochCount, loss)
    }
}
