internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports

extension ResultRendering {
    /// More picture pairs than this are thinned out evenly; every missed example is kept.
    private static let pictureLimit = 400

    /// Original beside recalled for every example that is a picture.
    func pictures(_ recalled: RecalledMedia) throws -> [PicturePair] {
        guard drop.media.previewFormat != nil else { return [] }
        let count = drop.set.examples.rowCount
        let step = max(1, (count + Self.pictureLimit - 1) / Self.pictureLimit)
        return try (0..<count).filter { $0 % step == 0 || !recalled.isRecovered[$0] }.compactMap { index in
            guard let original = drop.media.preview(of: drop.media.row(index)),
                let picture = drop.media.preview(of: recalled.values.row(index).map { Float($0) })
            else { return nil }
            let start = recalled.startValues[index].flatMap { drop.media.preview(of: $0.map { Float($0) }) }
            return PicturePair(
                caption: drop.media.names[index], original: try original.png(), recalled: try picture.png(), noise: try start?.png(),
                mse: meanSquaredError(recalled, index), recovered: recalled.isRecovered[index],
                exact: recalled.isExact[index], fromNoise: recalled.isFromNoise(index))
        }
    }

    /// Original beside recalled for every window of a recording.
    func waveforms(_ recalled: RecalledMedia) -> [WaveformPair] {
        guard let format = drop.media.format.audio else { return [] }
        return (0..<drop.set.examples.rowCount).map { index in
            WaveformPair(
                caption: drop.media.names[index], seconds: Double(format.windowFrameCount) / Double(format.sampleRateHz),
                original: WaveformEnvelope(outlining: Array(drop.media.row(index))),
                recalled: WaveformEnvelope(outlining: recalled.values.row(index).map { Float($0) }),
                mse: meanSquaredError(recalled, index), recovered: recalled.isRecovered[index],
                exact: recalled.isExact[index])
        }
    }

    /// Statements for the head of the report.
    func facts(_ recalled: RecalledMedia) -> [String] {
        let count = drop.set.examples.rowCount
        let fromNoise = recalled.starts.indices.count { recalled.isFromNoise($0) }
        let missed = recalled.isRecovered.count { !$0 }
        var facts = ["Of the \(count) in recovered/, \(fromNoise) were recalled from pure noise"]
        if fromNoise + missed < count { facts[0] += ", \(count - fromNoise - missed) from corrupted copies" }
        if missed > 0 { facts[0] += ", and \(missed) were not recalled; what the network gave is shown" }
        facts[0] += "."
        return facts
    }

    private func meanSquaredError(_ recalled: RecalledMedia, _ index: Int) -> Double {
        squaredDistance(recalled.values.row(index), Array(drop.media.row(index))) / Double(drop.media.dimension)
    }
}
