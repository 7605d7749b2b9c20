internal import EngramNumerics

// What a trainer's future depends on, besides what it was made from: parameters, moments and step count, generator, epoch, and the
// place in the round's schedule. What it was made from is not stored but recognised, by checksums.

extension EpochTrainer where Network.Scalar: BitwiseCopyable {
    /// Bytes that `appendState` takes, without small change.
    var stateByteCount: Int {
        MemoryLayout<Scalar>.stride * (3 * network.parameterCount + (cues?.rows.elements.count ?? 0))
    }

    /// Appends how to recognise the examples, then the state.
    func appendState(to writer: inout CheckpointWriter) {
        writer.append(MemoryLayout<Scalar>.stride)
        for size in sizes { writer.append(size) }
        writer.append(Checksum64.of(samples.elements))
        writer.append(Checksum64.of(targets.elements))
        for count in [epochCount, roundStep, roundEpochCount, optimizer.stepCount] { writer.append(count) }
        writer.append(generator.seed)
        writer.append(generator.stream)
        writer.append(generator.block)
        writer.append(generator.isHalfUsed)
        for layer in network.layers + optimizer.first + optimizer.second {
            writer.append(contentsOf: layer.weights.elements)
            writer.append(contentsOf: layer.biases)
        }
        if let cues {
            writer.append(cues.renewalCount)
            writer.append(contentsOf: cues.rows.elements)
        }
        writer.append(contentsOf: loss.carried)
    }

    /// Becomes the trainer whose state was appended, if it was made from the same examples; otherwise nothing is changed.
    mutating func restoreState(from reader: inout CheckpointReader) throws(CheckpointError) {
        guard try reader.readCount() == MemoryLayout<Scalar>.stride else { throw .otherRun(what: "precision") }
        for size in sizes {
            guard try reader.readCount() == size else { throw .otherRun(what: "sizes") }
        }
        // These are the examples in training coordinates: should those ever come out differently on another processor, the stored
        // parameters would not fit them.
        guard try reader.readUInt64() == Checksum64.of(samples.elements) else { throw .otherRun(what: "coordinates of the examples") }
        guard try reader.readUInt64() == Checksum64.of(targets.elements) else { throw .otherRun(what: "targets") }
        var restored = self
        restored.epochCount = try reader.readCount()
        restored.roundStep = try reader.readCount()
        restored.roundEpochCount = try reader.readCount()
        restored.optimizer.stepCount = try reader.readCount()
        restored.generator = CounterBasedGenerator(
            seed: try reader.readUInt64(), stream: try reader.readUInt64(), block: try reader.readUInt64(),
            isHalfUsed: try reader.readBool())
        try Self.readLayers(&restored.network.layers, from: &reader)
        try Self.readLayers(&restored.optimizer.first, from: &reader)
        try Self.readLayers(&restored.optimizer.second, from: &reader)
        if let rows = cues?.rows {
            let renewalCount = try reader.readCount()
            let elements: [Scalar] = try reader.readValues(count: rows.elements.count)
            restored.cues?.restore(
                rows: Matrix(rowCount: rows.rowCount, columnCount: rows.columnCount, elements: elements), renewalCount: renewalCount)
        }
        if !loss.carried.isEmpty { restored.loss.carried = try reader.readValues(count: loss.carried.count) }
        self = restored
    }

    /// Numbers that must agree before anything else can be compared.
    private var sizes: [Int] {
        [samples.rowCount, samples.columnCount, targets.rowCount, targets.columnCount, network.layers.count]
            + network.layers.flatMap { [$0.outputCount, $0.inputCount] } + [
                optimizer.first.count, optimizer.second.count, cues == nil ? 0 : 1,
            ]
    }

    private static func readLayers(
        _ layers: inout [DenseLayer<Scalar>], from reader: inout CheckpointReader
    ) throws(CheckpointError) {
        for index in layers.indices {
            let (rows, columns) = (layers[index].outputCount, layers[index].inputCount)
            layers[index] = DenseLayer(
                weights: Matrix(rowCount: rows, columnCount: columns, elements: try reader.readValues(count: rows * columns)),
                biases: try reader.readValues(count: rows))
        }
    }
}
