import EngramDynamics
import EngramNumerics
import EngramTestSupport
import Testing

@testable import EngramMemories

@Suite struct RepeatMarksTests {
    /// Samples of one entry each.
    private func samples(_ values: [Float]) -> Matrix<Float> { Matrix(rows: values.map { [$0] }) }

    private func numbers(_ values: [Float], _ cycles: [Range<Int>]? = nil) -> [Int]? {
        MemoryTask.sequences(cycles ?? [0..<values.count]).repeatNumbers(of: samples(values).equalRowGroups())
    }

    @Test func repeatsAreCountedWhereTheyGoOnDifferently() {
        #expect(numbers([1, 2, 3, 3, 4]) == [0, 0, 0, 1, 0])
        #expect(numbers([1, 2, 1, 3]) == [0, 0, 1, 0])
        #expect(numbers([5, 0, 0, 0, 7]) == [0, 0, 1, 2, 0])
        // There and back: 3 and 2 come twice.
        #expect(numbers([1, 2, 3, 4, 3, 2]) == [0, 0, 0, 0, 1, 1])
        // Two clips that begin alike.
        #expect(numbers([1, 2, 1, 3], [0..<2, 2..<4]) == [0, 0, 1, 0])
    }

    @Test func whatRepeatsWholeNeedsNoMark() {
        #expect(numbers([1, 2, 1, 2]) == nil && numbers([1, 2, 1, 2], [0..<2, 2..<4]) == nil && numbers([3, 3, 3]) == nil)
        #expect(numbers([1, 2, 3]) == nil)
        #expect(MemoryTask.autoencoder(count: 2).repeatNumbers(of: [0, 0]) == nil)
        // A held frame in a film that is there twice: the two rounds are the same states.
        #expect(numbers([1, 2, 2, 1, 2, 2]) == [0, 0, 1, 0, 0, 1])
    }

    /// Against the definition: two examples are one state where both sequences from them are equal for as long as any two can differ.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func numbersTellApartExactlyWhatGoesOnDifferently(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let lengths = (0..<1 + Int(generator.next() % 3)).map { _ in 1 + Int(generator.next() % 9) }
            let values = lengths.flatMap { length in (0..<length).map { _ in Float(generator.next() % 2) } }
            var ranges: [Range<Int>] = []
            for length in lengths { ranges.append((ranges.last?.upperBound ?? 0)..<(ranges.last?.upperBound ?? 0) + length) }
            let task = MemoryTask.sequences(ranges)
            let found = numbers(values, ranges) ?? Array(repeating: 0, count: values.count)
            let futures = values.indices.map { task.played(from: $0, count: 40).map { values[$0] } }
            for first in values.indices {
                for second in values.indices where values[first] == values[second] {
                    #expect((found[first] == found[second]) == (futures[first] == futures[second]), "seed \(seed): \(values) in \(ranges)")
                }
            }
        }
    }

    @Test func marksDifferByAboutHalfOfTheirEntriesAndFitTheRaster() throws {
        var generator = SplitMix64(seed: 9)
        let picture = (0..<6).map { _ in (0..<60).map { _ in Float(generator.next() % 256) / 255 } }
        let rows = Matrix(rows: [0, 1, 2, 2, 2, 3, 4, 5].map { picture[$0] })
        let task = MemoryTask.sequences([0..<8])
        let raster = Raster(height: 5, width: 4, channels: 3)
        let marks = try #require(RepeatMarks(tellingApart: rows, task: task, raster: raster))
        // 64 entries in rows of 12.
        #expect(marks.entryCount == 72 && marks.markedCount == 2 && marks.markCount == 3)
        #expect(marks.extending(raster) == Raster(height: 11, width: 4, channels: 3))
        let set = TrainingSet(examples: rows, task: task, raster: raster).marked(by: marks)
        #expect(set.task.firstContradiction(in: set.examples) == nil && set.equalExamples == Array(0..<8))
        #expect(set.raster.count == set.examples.columnCount && set.sampleEntryCount == 60)
        #expect(set.samples(of: set.examples.converted(to: Double.self)) == rows.converted(to: Double.self))
        #expect(set.isExactly(rows.row(2).map(Double.init) + Array(repeating: 7, count: 72), example: 2))
        for first in 0..<200 {
            let difference = zip(marks.mark(first), marks.mark(first + 1)).count { $0 != $1 }
            // Of 72 coin flips the mean is 36 and the standard deviation 4.2.
            #expect((15...57).contains(difference), "\(first)")
        }
    }

    @Test func publishedMarksThatAreNoneAreRefused() {
        #expect(RepeatMarks(entryCount: 64, numbers: [0, 1], range: 0...1) != nil)
        #expect(RepeatMarks(entryCount: 63, numbers: [0, 1], range: 0...1) == nil)
        #expect(RepeatMarks(entryCount: 64, numbers: [0, -1], range: 0...1) == nil)
        #expect(RepeatMarks(entryCount: 64, numbers: [0, 1], range: 1...1) == nil)
        #expect(RepeatMarks(entryCount: 64, numbers: [0, 1], range: 0...Float.infinity) == nil)
    }
}
