import EngramDynamics
import EngramNumerics
import Testing

@testable import EngramMemories

@Suite struct TrainingSetTests {
    private let examples = Matrix<Float>(rows: [[-1, 0, 2], [3, 1, 0], [-1, 0, 2]])

    @Test func whatIsNotGivenFollowsFromTheExamples() {
        let set = TrainingSet(examples: examples)
        #expect(set.task == .autoencoder(count: 3) && set.longestCycle == 1)
        #expect(set.raster == Raster(height: 1, width: 3))
        #expect(set.valueRange == -1...3 && set.squaredValueRange == 16)
        // The published 1e-7 for data on [0, 1], here on a range of 4.
        #expect(set.sampleRange == 4 && abs(set.recoveryTolerance / 16e-7 - 1) < 1e-15)
        #expect(set.equalExamples == [0, 1, 0] && set.trainingExamples == [0, 1])
        #expect(set.trainingSamples == examples.rows(at: [0, 1]) && set.trainingTask == .autoencoder(count: 2))
        #expect(set.sizeAdvice == "make the examples smaller or fewer")
    }

    @Test func whatIsGivenStays() {
        let set = TrainingSet(
            examples: examples, task: .sequences([0..<2, 2..<3]), raster: Raster(height: 3, width: 1), valueRange: -8...8)
        #expect(set.task == .sequences([0..<2, 2..<3]) && set.longestCycle == 2)
        #expect(set.raster == Raster(height: 3, width: 1) && set.valueRange == -8...8 && set.squaredValueRange == 256)
        // Of the samples, not of the medium.
        #expect(set.sampleRange == 4)
        #expect(set.trainingExamples == [0, 1, 2] && set.trainingTask == set.task && set.trainingSamples == examples)
    }

    @Test func examplesThatAreAllTheSameStillHaveARange() {
        let set = TrainingSet(examples: Matrix(rows: [[0.5, 0.5]]))
        #expect(set.sampleRange == 1 && set.recoveryTolerance == 1e-7)
        #expect(set.valueRange.lowerBound == 0.5 && set.valueRange.upperBound > 0.5)
    }

    @Test func equalExamplesAreOneMemoryAndStatesOfACycleAreTheirCycle() {
        let items = TrainingSet(examples: examples)
        #expect(items.isSameMemory(2, 0) && items.isSameMemory(0, 2) && !items.isSameMemory(1, 0))
        let cycles = TrainingSet(examples: examples, task: .sequences([0..<2, 2..<3]))
        // 2 lies in another cycle, but equals a state of the first.
        #expect(cycles.isSameMemory(1, 0) && cycles.isSameMemory(2, 1) && !cycles.isSameMemory(1, 2))
    }

    @Test func withoutAMediumExactIsEqualInFloat32() {
        let set = TrainingSet(examples: examples)
        let nearer = Double(Float(3).ulp) / 4
        #expect(set.isExactly([3 + nearer, 1, 0], example: 1) && !set.isExactly([3 + 4 * nearer, 1, 0], example: 1))
        #expect(!set.isExactly([3, 1, 0], example: 0) && set.isExactly([-1, 0, 2], example: 2))
    }

    @Test func whatDoesNotFitTogetherIsAProgrammersError() async {
        await #expect(processExitsWith: .failure) {
            _ = TrainingSet(examples: Matrix(rows: [[1], [2]]), task: .autoencoder(count: 3))
        }
        await #expect(processExitsWith: .failure) { _ = TrainingSet(examples: Matrix(rowCount: 0, columnCount: 4)) }
        await #expect(processExitsWith: .failure) { _ = TrainingSet(examples: Matrix(rowCount: 2, columnCount: 0)) }
    }
}
