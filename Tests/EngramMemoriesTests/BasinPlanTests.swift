import Testing

@testable import EngramMemories

@Suite struct BasinPlanTests {
    @Test func whereStatesMeetPlayingCostsWhatTheExamplesCost() {
        func plan(_ examples: Int, dimension: Int, merges: Bool) -> BasinPlan {
            BasinPlan(
                operationCountPerStep: 4 * Double(examples * examples), exampleCount: examples, dimension: dimension, isAutoencoder: false,
                longestCycle: examples, mergesStates: merges)
        }
        // A film of 382 frames: 223 million operations a step of all frames, 63 million a cue.
        #expect(plan(382, dimension: 16384, merges: true).sourceCount(.auto, damageCount: 12) == 120)
        #expect(plan(382, dimension: 16384, merges: false).sourceCount(.auto, damageCount: 12) == 18)
        #expect(plan(4000, dimension: 784, merges: true).sourceCount(.auto, damageCount: 12) == 8)
    }

    @Test func whatAutoTriesIsBoundedByOperationsAndNotBelowEight() {
        func plan(_ operations: Double, examples: Int, dimension: Int = 100) -> BasinPlan {
            BasinPlan(
                operationCountPerStep: operations, exampleCount: examples, dimension: dimension, isAutoencoder: true, longestCycle: 1,
                mergesStates: false)
        }
        #expect(plan(1, examples: 5000).sourceCount(.auto, damageCount: 12) == 100)
        #expect(plan(2e6, examples: 500).sourceCount(.auto, damageCount: 10) == 25)
        #expect(plan(1e12, examples: 500).sourceCount(.auto, damageCount: 12) == 8)
        #expect(plan(1e12, examples: 3).sourceCount(.auto, damageCount: 12) == 3)
        #expect(plan(1, examples: 60_000, dimension: 784).sourceCount(.auto, damageCount: 12) == 0)
        #expect(plan(1, examples: 60_000, dimension: 784).sourceCount(.full, damageCount: 30) == 1000)
        #expect(plan(1, examples: 500).sourceCount(.none, damageCount: 12) == 0)
        #expect(plan(1e12, examples: 9).startCount(.value(3), kindCount: 2) == 3)
        #expect(plan(1e12, examples: 9).startCount(.auto, kindCount: 2) == 8)
        #expect(plan(1, examples: 1, dimension: 36_000_000).startCount(.auto, kindCount: 2) == 0)
        #expect(BasinPlan.spread([5, 6, 7, 8], count: 2) == [5, 7])
    }
}
