internal import EngramMemories
internal import EngramReports

extension DropReport.Media.Repeats {
    /// Marks as `report.json` holds them.
    init(_ marks: RepeatMarks) {
        let samples = marks.numbers.indices.filter { marks.numbers[$0] > 0 }
        self.init(
            entries: marks.entryCount, low: marks.range.lowerBound, high: marks.range.upperBound, samples: samples,
            numbers: samples.map { marks.numbers[$0] })
    }
}

extension RepeatMarks {
    /// The marks of `count` samples from what `report.json` says; nil where it does not fit them.
    init?(_ repeats: DropReport.Media.Repeats, count: Int) {
        guard repeats.samples.count == repeats.numbers.count, repeats.samples.allSatisfy((0..<count).contains), repeats.low < repeats.high
        else { return nil }
        var numbers = [Int](repeating: 0, count: count)
        for (sample, number) in zip(repeats.samples, repeats.numbers) { numbers[sample] = number }
        self.init(entryCount: repeats.entries, numbers: numbers, range: repeats.low...repeats.high)
    }
}
