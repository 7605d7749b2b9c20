internal import EngramMedia
internal import EngramNetworks
internal import EngramNumerics

/// What one kind of start led to, as in `recall[]` of `report.json`.
public struct RecheckedRecall: Equatable, Sendable {
    /// The kind of start.
    public var start: String
    /// Starts tried.
    public var starts: Int
    /// Starts that came back to a memory.
    public var recovered: Int
    /// Starts whose recall equals the original in every code.
    public var exact: Int
}

extension DropProcessor {
    /// Recalls from the stored network again: the same starts as when it was published, since they come from the drop's seed.
    ///
    /// Nothing is trained and no eigenvalue is computed, so it takes what recall took: seconds for most memories.
    /// - Parameters:
    ///   - inputPath: The drop as it was; its examples are what has to be recalled.
    ///   - networkPath: The published `network.safetensors`.
    /// - Throws: `StageFailure` where the network or the drop cannot be read or do not belong together; `CancellationError`.
    public func recheckRecall(inputPath: String, networkPath: String) throws -> [RecheckedRecall] {
        let drop = try decode(inputPath)
        let network: FullyConnectedNetwork<Float>
        do {
            network = try StoredMemory.network(at: networkPath)
        } catch {
            throw StageFailure(stage: .analyse, dropName: context.dropName, code: "network", message: "\(error)")
        }
        guard network.inputDimension == drop.samples.columnCount else {
            throw StageFailure(
                stage: .analyse, dropName: context.dropName, code: "network",
                message:
                    "the stored network maps \(network.inputDimension) values and an example of the drop has \(drop.samples.columnCount)",
                remedy: "look whether the archived source is that of this result")
        }
        var quick = self
        quick.settings.analysis.eigenvalues = false
        let memory = Memory(
            network: network, precise: network.converted(to: Double.self), spanBasis: nil, epochCount: 0, meanSquaredError: 0)
        let analysis = try failing(in: .analyse) { try quick.analyse(memory, drop, began: context.monotonicSeconds()) }
        return analysis.recalls.map { run in
            let recovered = run.isRecovered.indices.filter { run.isRecovered[$0] }
            return RecheckedRecall(
                start: run.batch.start.name, starts: run.outcomes.count, recovered: recovered.count,
                exact: recovered.count { run.isExact[$0] })
        }
    }
}
