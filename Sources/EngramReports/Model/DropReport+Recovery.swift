extension DropReport {
    /// How many damaged examples came back, for one damage and one criterion, beside what two memories without training make of the same cues.
    package struct Recovery: ReportSectionEntry {
        package static let listKey = "recovery"

        /// Kind of damage, such as `uniform noise`, `square`, `gaussian noise`, `masked left half`.
        package var corruption: String
        /// Share of the entries or of the area; for Gaussian noise its standard deviation, in units of the medium.
        package var level: Double
        /// The criterion in units of the squared range of the samples: 1e-7 is the published one.
        package var criterion: Double
        /// The same in units of the medium: mean squared error within which the original counts as recovered.
        package var criterionMSE: Double
        /// Cues whose original came back within the criterion; of a sequence, the frame that was due.
        package var recovered: Int
        /// Lower end of Wilson's 95 % interval of the share recovered.
        package var recoveredLow: Double
        /// Upper end of it.
        package var recoveredHigh: Double
        /// Cues for which what came back is nearer to the original, or to the frame that was due, than to any other example.
        package var rightItem: Int
        /// Cues.
        package var total: Int
        /// Cues whose nearest example lies within the criterion of the original.
        package var baseline1NN: Int
        /// Cues that a modern Hopfield network takes to within the criterion of the original.
        package var baselineHopfield: Int

        /// Takes every value as given; nothing is computed or checked.
        package init(
            corruption: String, level: Double, criterion: Double, criterionMSE: Double, recovered: Int, recoveredLow: Double,
            recoveredHigh: Double, rightItem: Int, total: Int, baseline1NN: Int, baselineHopfield: Int
        ) {
            self.corruption = corruption
            self.level = level
            self.criterion = criterion
            self.criterionMSE = criterionMSE
            self.recovered = recovered
            self.recoveredLow = recoveredLow
            self.recoveredHigh = recoveredHigh
            self.rightItem = rightItem
            self.total = total
            self.baseline1NN = baseline1NN
            self.baselineHopfield = baselineHopfield
        }
    }

    /// What all entries of `recovery` depend on.
    package struct RecoveryMethod: ReportSection {
        package static let key: String? = "recoveryMethod"

        /// Examples that were damaged, once for each kind and level.
        package var examples: Int
        /// Seed of the damage.
        package var seed: UInt64
        /// Applications of f: at most for an autoencoder, exactly for a sequence.
        package var iterations: Int
        /// β of the modern Hopfield network, in units of the inverse square of the medium.
        package var hopfieldBeta: Double
        /// When a cue counts as recovered, in words.
        package var criterion: String

        /// Takes every value as given; nothing is computed or checked.
        package init(examples: Int, seed: UInt64, iterations: Int, hopfieldBeta: Double, criterion: String) {
            self.examples = examples
            self.seed = seed
            self.iterations = iterations
            self.hopfieldBeta = hopfieldBeta
            self.criterion = criterion
        }
    }
}

/// Snake case has no single way back to `baseline1NN`, so this part names its own keys and does without the coder's strategy.
extension DropReport.Recovery {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads the keys that `encode(to:)` writes, as they are or as a strategy turned them.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func value<Value: Decodable>(_ name: String) throws -> Value {
            let wanted = name.lowercased().filter { $0 != "_" }
            let key = container.allKeys.first { $0.stringValue.lowercased().filter { $0 != "_" } == wanted }
            return try container.decode(Value.self, forKey: key ?? Key(stringValue: name))
        }
        self.init(
            corruption: try value("corruption"), level: try value("level"), criterion: try value("criterion"),
            criterionMSE: try value("criterion_mse"), recovered: try value("recovered"), recoveredLow: try value("recovered_low"),
            recoveredHigh: try value("recovered_high"), rightItem: try value("right_item"), total: try value("total"),
            baseline1NN: try value("baseline_1nn"), baselineHopfield: try value("baseline_hopfield"))
    }

    /// Writes the documented keys.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        func write(_ value: some Encodable, _ name: String) throws { try container.encode(value, forKey: Key(stringValue: name)) }
        try write(corruption, "corruption")
        try write(level, "level")
        try write(criterion, "criterion")
        try write(criterionMSE, "criterion_mse")
        try write(recovered, "recovered")
        try write(recoveredLow, "recovered_low")
        try write(recoveredHigh, "recovered_high")
        try write(rightItem, "right_item")
        try write(total, "total")
        try write(baseline1NN, "baseline_1nn")
        try write(baselineHopfield, "baseline_hopfield")
    }
}

extension DropReport {
    /// How damaged examples came back: one entry for each damage and criterion; empty when none were tried, and in the oldest reports.
    package var recovery: [Recovery] {
        get { sections[[Recovery].self] ?? [] }
        set { sections[[Recovery].self] = newValue }
    }
}

extension DropReport {
    /// What the entries of `recovery` depend on; absent when there are none.
    package var recoveryMethod: RecoveryMethod? {
        get { sections[RecoveryMethod.self] }
        set { sections[RecoveryMethod.self] = newValue }
    }
}
