import Engram
@testable import EngramMemories
import Testing
import EngramSystem

/// The family of the article "Add a family": what a new family and a new recipe have to hold.
@Suite struct AddedFamilyTests {
    /// Six points of R^4 in the unit cube.
    private static let examples = Matrix<Float>(
        rowCount: 6, columnCount: 4,
        elements: [0, 0, 0, 1, 1, 0, 0.5, 0, 0, 1, 0, 0.25, 1, 1, 1, 1, 0.5, 0, 1, 0, 0.25, 0.75, 1, 0])

    private static let memory = SoftmaxMemory(patterns: examples.converted(to: Double.self), inverseTemperature: 2)

    private static func points(_ count: Int) -> Matrix<Double> {
        var generator = SplitMix64(seed: 3)
        return NoiseStart.uniform(0...1).draw(count: count, dimension: 4, using: &generator)
    }

    @Test func jacobianMatchesCentralDifferences() {
        let (points, step) = (Self.points(3), 1e-5)
        for row in 0..<points.rowCount {
            let x = points.row(row)
            let jacobian = Self.memory.jacobian(at: x)
            for j in 0..<4 {
                let ends = [step, -step].map { move in
                    var moved = x
                    moved[j] += move
                    return Self.memory.outputs(of: Matrix(rowCount: 1, columnCount: 4, elements: moved)).row(0)
                }
                for i in 0..<4 {
                    let slope = (ends[0][i] - ends[1][i]) / (2 * step)
                    // h² f''' / 6 ≈ 1e-10 at β = 2, rounding ε / h ≈ 2e-11; slack 10.
                    #expect(abs(jacobian[i, j] - slope) < 1e-9, "row \(row), ∂f_\(i)/∂x_\(j): \(jacobian[i, j]) and \(slope)")
                }
            }
        }
    }

    @Test func pushForwardAndPullBackAreAdjoint() {
        let points = Self.points(2)
        let linearization = Self.memory.linearized(at: points)
        let (tangents, cotangents) = (Self.points(4).rows(at: [0, 1]), Self.points(4).rows(at: [2, 3]))
        let forward = linearization.pushForward(rows: tangents, at: [0, 1])
        let back = linearization.pullBack(rows: cotangents, at: [0, 1])
        for row in 0..<2 {
            let left = zip(forward.row(row), cotangents.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
            let right = zip(tangents.row(row), back.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
            // Sums of some tens of terms of size 1.
            #expect(abs(left - right) < 1e-14, "row \(row): \(left) and \(right)")
        }
    }

    @Test func spectrumInTheImageIsThatOfTheWholeJacobian() throws {
        // Five patterns of a plane in R^4: the image has two dimensions, and the other two eigenvalues are 0.
        let plane = Matrix<Double>(
            rowCount: 5, columnCount: 4, elements: [1, 0, 0, 2, 0, 1, 0, 2, 1, 1, 0, 2, 2, 1, 0, 2, 1, 3, 0, 2])
        let memory = SoftmaxMemory(patterns: plane, inverseTemperature: 0.7)
        let restriction = try ImageRestriction(of: memory)
        #expect(restriction.map.inputDimension == 2)
        let point = memory.outputs(of: Self.points(1))
        let reduced = try restriction.map.spectra(at: restriction.coordinates(of: point))[0]
        let whole = try memory.spectra(at: point)[0]
        for (a, b) in zip(reduced.scaledEigenvalues, whole.scaledEigenvalues) {
            // LAPACK's rounding of a matrix of norm below 3.
            #expect((a - b).length < 1e-13, "\(a) and \(b)")
        }
    }

    @Test func fileGivesTheSameMap() throws {
        let stored = StoredSoftmaxMemory(patterns: Self.examples, inverseTemperature: 12.5)
        let file = try Safetensors(decoding: stored.encoded(metadata: ["name": "six points"]))
        #expect(file.metadata["family"] == "softmax" && file.metadata["name"] == "six points")
        let read = try StoredSoftmaxMemory(from: file)
        #expect(read.patterns == Self.examples && read.inverseTemperature == 12.5)
        // The registry of this version does not list the family of a test.
        #expect(throws: SafetensorsError.unsupported(entry: "family", found: "softmax")) {
            try MapRegistry.map(decoding: stored.encoded())
        }
    }

    @Test func learningLoopTakesTheRecipe() throws {
        let set = TrainingSet(examples: Self.examples)
        let loop = LearningLoop(recipe: SoftmaxRecipe(settings: MemorySettings(), threadCount: 1), context: LearningContext())
        let learned = try loop.learn(set, loop.fittedPlan(for: set))
        // As the temperature falls, every pattern becomes a fixed point with a Jacobian of almost zero [R21, Theorem 3 and Lemma A7].
        #expect(learned.verification.verdicts == Array(repeating: true, count: 6))
        #expect(learned.account.recipe == "softmax" && learned.stopReason == "every example was verified to be an attractor")
        // A cue belongs to the nearest pattern, by the definition of s.
        let cues = Self.points(20)
        for (row, found) in try learned.recall(from: cues, of: set).enumerated() {
            let distances = (0..<6).map { squaredDistance(cues.row(row), Self.examples.row($0)) }
            #expect(found.example == distances.indices.min { distances[$0] < distances[$1] }, "cue \(row)")
            let distance = squaredDistance(found.values, Self.examples.row(found.nearestExample)).squareRoot()
            // Both are the same sum in other coordinates; values are of size 1.
            #expect(abs(found.distance - distance) < 1e-14, "cue \(row): \(found.distance) and \(distance)")
        }
    }

    @Test func planRefusesWhatDoesNotFit() {
        let recipe = SoftmaxRecipe(settings: MemorySettings(), threadCount: 1)
        #expect(throws: Failure.self) { try recipe.plan(for: TrainingSet(examples: Self.examples), within: 100) }
    }
}
