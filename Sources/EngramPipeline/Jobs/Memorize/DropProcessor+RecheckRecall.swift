internal import EngramDynamics
internal import EngramMemories
internal import EngramNumerics
internal import EngramSystem

/// What one kind of start led to, as in `recall[]` of `report.json`.
package struct RecheckedRecall: Equatable, Sendable {
    /// The kind of start.
    package var start: String
    /// Starts tried.
    package var starts: Int
    /// Starts that came back to a memory.
    package var recovered: Int
    /// Starts whose recall equals the original in every code.
    package var exact: Int
}

extension DropProcessor {
    /// Recalls from the stored network again: the same starts as when it was published, since they come from the drop's seed.
    ///
    /// Nothing is trained and no eigenvalue is computed, so it takes what recall took: seconds for most memories.
    /// - Parameters:
    ///   - inputPath: The drop as it was; its examples are what has to be recalled.
    ///   - networkPath: The published `network.safetensors`.
    /// - Throws: `Failure` where the network or the drop cannot be read or do not belong together; `CancellationError`.
    package func recheckRecall(inputPath: String, networkPath: String) throws -> [RecheckedRecall] {
        let decoded = try DropDecoder(settings: settings).decode(inputPath)
        let map: any StoredMap
        do {
            map = try StoredMemory.map(at: networkPath)
        } catch {
            throw Failure(stage: .analyse, code: "network", message: "\(error)")
        }
        let drop = decoded.carried(by: map.iterable())
        guard map.inputDimension == drop.set.examples.columnCount else {
            throw Failure(
                stage: .analyse, code: "network",
                message:
                    "the stored network maps \(map.inputDimension) values and an example of the drop has \(drop.set.examples.columnCount)",
                remedy: "look whether the archived source is that of this result")
        }
        var quick = settings.memory
        quick.analysis.eigenvalues = false
        let recipe = RecipeRegistry.recipe(for: quick, threadCount: context.threadCount)
        let verification = try failing(in: .analyse) {
            try Verifier(recipe: recipe, context: learningContext).verify(
                Memory(map, of: drop.set), of: drop.set, began: context.monotonicSeconds())
        }
        return verification.recalls.map { run in
            let recovered = run.isRecovered.indices.filter { run.isRecovered[$0] }
            return RecheckedRecall(
                start: run.batch.start.name, starts: run.outcomes.count, recovered: recovered.count,
                exact: recovered.count { run.isExact[$0] })
        }
    }
}
