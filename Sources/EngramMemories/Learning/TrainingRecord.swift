internal import EngramNetworks

/// What is known of a run in training besides the training itself: enough to go on as though it had never stopped.
struct TrainingRecord: Equatable {
    /// The round under way or being verified, from 1; 0 before the first.
    var round = 0
    /// Rounds of the present network, this one included: training may begin again with a larger one.
    var networkRound = 0
    /// Epochs of the networks before it.
    var earlierEpochCount = 0
    /// What the present network is; nil before there is one.
    var sizes: TrainingSizes?
    /// Whether training was begun again with a smaller learning rate.
    var hasRetried = false
    /// The best round that was verified.
    var best: BestRound?
    /// Whether the budget ended this round.
    var ranOutOfTime = false
    /// Seconds that training and verifying took, all attempts together.
    var elapsedSeconds = 0.0
    /// How many of those went into verifying.
    var analyseSeconds = 0.0
    /// What the last verification took, in seconds; the next will take about as long.
    var lastAnalyseSeconds = 0.0
    /// The loss of every epoch, and of the stored network after each round that was verified.
    var losses: [LossPoint] = []
    /// What users must be told about saving and resuming.
    var notes: [String] = []
}

extension TrainingRecord {
    func append(to writer: inout CheckpointWriter) {
        writer.append(round)
        writer.append(networkRound)
        writer.append(earlierEpochCount)
        writer.append(hasRetried)
        writer.append(sizes != nil)
        sizes?.append(to: &writer)
        writer.append(best != nil)
        best?.append(to: &writer)
        writer.append(ranOutOfTime)
        writer.append(elapsedSeconds)
        writer.append(analyseSeconds)
        writer.append(lastAnalyseSeconds)
        writer.append(notes.count)
        for note in notes { writer.append(note) }
        // A run has few phases and many epochs.
        var phases: [String] = []
        for row in losses where row.phase != phases.last { phases.append(row.phase) }
        writer.append(phases.count)
        for phase in phases { writer.append(phase) }
        writer.append(losses.count)
        var phase = 0
        for row in losses {
            if row.phase != phases[phase] { phase += 1 }
            writer.append(phase)
            writer.append(row.epoch)
            writer.append(row.mse)
            writer.append(row.learningRate != nil)
            writer.append(row.learningRate ?? 0)
            writer.append(row.seconds)
        }
    }

    init(from reader: inout CheckpointReader) throws(CheckpointError) {
        round = try reader.readCount()
        networkRound = try reader.readCount()
        earlierEpochCount = try reader.readCount()
        hasRetried = try reader.readBool()
        if try reader.readBool() { sizes = try TrainingSizes(from: &reader) }
        if try reader.readBool() { best = try BestRound(from: &reader) }
        ranOutOfTime = try reader.readBool()
        elapsedSeconds = try reader.readDouble()
        analyseSeconds = try reader.readDouble()
        lastAnalyseSeconds = try reader.readDouble()
        for _ in 0..<(try reader.readCount()) { notes.append(try reader.readString()) }
        var phases: [String] = []
        for _ in 0..<(try reader.readCount()) { phases.append(try reader.readString()) }
        for _ in 0..<(try reader.readCount()) {
            let phase = try reader.readCount()
            let epoch = try reader.readCount()
            let loss = try reader.readDouble()
            let hasRate = try reader.readBool()
            let rate = try reader.readDouble()
            let seconds = try reader.readDouble()
            guard phases.indices.contains(phase) else { throw .otherRun(what: "phases of training") }
            losses.append(
                LossPoint(epoch: epoch, mse: loss, learningRate: hasRate ? rate : nil, seconds: seconds, phase: phases[phase]))
        }
    }
}
