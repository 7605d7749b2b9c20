import EngramDynamics
import EngramNumerics
import Testing

@testable import EngramMemories

@Suite struct RetrieverTests {
    private func retriever(_ set: TrainingSet) throws -> Retriever {
        var settings = MemorySettings()
        settings.network.family = .value(.kernel)
        let learned = try Learner(settings: settings).learn(set)
        return try Retriever(map: learned.memory.stored, set: set)
    }

    private func items(_ set: TrainingSet) -> Matrix<Double> { set.examples.converted(to: Double.self) }

    @Test func anItemAndADamagedCopyLeadToTheItem() throws {
        let set = ExampleSets.codes(12, dimension: 40)
        let asked = try retriever(set)
        var damaged = items(set).row(7)
        for entry in [3, 11, 30] { damaged[entry] = 1 - damaged[entry] }
        let answers = try asked.retrieve([Cue(values: items(set).row(2)), Cue(values: damaged)])
        #expect(answers.map(\.item) == [2, 7] && answers.map(\.isExact) == [true, true])
        #expect(answers.allSatisfy { $0.ending == .item && $0.tried.count == 1 && $0.method == .free })
        #expect(answers[1].neighbours.first?.item == 7)
        // Identity: the first distance is that of the cue, and the way begins with it.
        #expect(answers[1].distances[0] == Cue(values: damaged).distance(to: items(set).row(7)))
        #expect(answers[1].path.states.row(0) == damaged && answers[1].path.steps.first == 0)
        #expect(answers[1].distances.count == answers[1].stepCount + 1)
    }

    @Test func knownEntriesDecideWhereTheRestIsMissing() throws {
        let set = ExampleSets.codes(12, dimension: 40)
        let asked = try retriever(set)
        // 30 of 40 entries gone, and what stands in them is another item.
        let known = (0..<40).map { $0 % 4 == 0 }
        let values = (0..<40).map { known[$0] ? items(set).row(5)[$0] : items(set).row(9)[$0] }
        let answer = try asked.retrieve([Cue(values: values, isKnown: known)])[0]
        #expect(answer.item == 5 && answer.isExact)
        #expect(Set(answer.tried.map(\.method)) == [.free, .clamped, .solved])
        #expect(answer.neighbours[0] == Retrieval.Neighbour(item: 5, distance: 0))
    }

    /// 40 known entries of a point in the span of 12 items determine it: the regression finds it without the map.
    @Test func solvingInTheSpanIsExactWhereItIsDetermined() throws {
        let set = ExampleSets.codes(12, dimension: 200)
        let asked = try retriever(set)
        let known = (0..<200).map { $0 < 40 }
        let starts = try asked.starts(of: Cue(values: items(set).row(4), isKnown: known), index: 0) { _, _ in }
        let solved = try #require(starts.first { $0.method == .solved })
        // λ is at least 1e-12 of the largest eigenvalue of K, and the smallest is some 1e-2 of it: shrinkage of 1e-10 at most.
        #expect(zip(solved.values, items(set).row(4)).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func aMaskOfNothingMissingIsNoMask() {
        #expect(Cue(values: [1, 2], isKnown: [true, true]).isKnown == nil)
        #expect(Cue(values: [1, 2], isKnown: [true, false]).distance(to: [4.0, 9]) == 3)
        #expect(Cue(values: [1, 2], isKnown: [false, false]).distance(to: [4.0, 9]) == 0)
    }

    /// The place of a cue in a sequence is its own frame, whatever frame was met first, and play goes on from there.
    @Test func aSequenceIsPlayedFromTheCuesPlaceOn() throws {
        let set = ExampleSets.codes(10, dimension: 30, task: .sequences([0..<6, 6..<10]))
        let asked = try retriever(set)
        for item in [0, 4, 8] {
            var cue = items(set).row(item)
            cue[2] = 1 - cue[2]
            let answer = try asked.retrieve([Cue(values: cue)])[0]
            #expect(answer.item == item && answer.isExact)
            let round = try #require(answer.round)
            #expect(round.rowCount == (item < 6 ? 6 : 4))
            var due = item
            for row in 0..<round.rowCount {
                #expect(set.isExactly(round.row(row), example: due))
                due = set.task.successors[due]
            }
            // Twice round by iterating gives the round twice, to the codes.
            let played = asked.played(from: answer.values, count: 2 * round.rowCount)
            for row in 0..<played.rowCount {
                #expect(zip(played.row(row), round.row(row % round.rowCount)).allSatisfy { abs($0 - $1) < 1e-6 })
            }
        }
    }

    @Test func noiseIsAnsweredLikeAnyCue() throws {
        let set = ExampleSets.codes(6, dimension: 40)
        var generator = SplitMix64(seed: 3)
        let noise = NoiseStart.uniform(0...1).draw(count: 4, dimension: 40, using: &generator)
        for answer in try retriever(set).retrieve((0..<4).map { Cue(values: noise.row($0)) }) {
            #expect(answer.item != nil && answer.isExact)
        }
    }

    /// Closed form: of two items the basins meet half way, so from one of them the shortest way out is half the way to the other.
    @Test func theSmallestEscapeOfTwoItemsIsHalfWay() throws {
        let set = ExampleSets.codes(2, dimension: 40)
        let asked = try retriever(set)
        let answer = try asked.retrieve([Cue(values: items(set).row(0))])[0]
        let sure = try #require(try asked.assurance(of: answer))
        let half = Cue(values: items(set).row(0)).distance(to: items(set).row(1)) / 2
        let escape = try #require(sure.escape)
        // The radius is narrowed to the last of three divisions, each by 5, of a range of 256: 256^(1/(3·25)) is 1.08.
        #expect(escape >= half * 0.999 && escape < half * 1.12, "\(escape) against \(half)")
        #expect(sure.escapeItem == 1)
        #expect(sure.firstOrderRadius >= half)
    }

    @Test func nothingIsSaidOfAnAnswerThatReachedNothing() throws {
        let set = ExampleSets.codes(4, dimension: 20)
        let asked = try retriever(set)
        var answer = try asked.retrieve([Cue(values: items(set).row(0))])[0]
        #expect(try asked.assurance(of: answer) != nil)
        answer = Retrieval(
            method: .free, tried: [], ending: .unsettled, item: nil, stepCount: 1, values: answer.values, error: 1,
            round: nil,
            isExact: false, path: answer.path, distances: [], neighbours: [], finalNeighbours: [])
        #expect(try asked.assurance(of: answer) == nil)
    }
}
