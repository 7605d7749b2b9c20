// Stores ten handwritten digits as fixed points of a network, and recalls one of them from a damaged copy.
import Engram

@main
struct StoreTenDigits {
    static func main() throws {
        let path = CommandLine.arguments.dropFirst().first ?? "Examples/drops/digits-idx3-ubyte"
        let digits = try TrainingSet(MediaReader.read(path: path).prefix(10))
        let learned = try Learner().learn(digits)

        // The file begins with one image of each digit, from 0 to 9. Of the 6, three pixels in ten are replaced by noise.
        var generator = SplitMix64(seed: 1)
        let original = digits.examples.rows(at: [6]).converted(to: Double.self)
        let cue = Corruption.uniformEntries(fraction: 0.3, range: digits.valueRange).applied(to: original, using: &generator)
        let found = try learned.recall(from: cue, of: digits)[0]

        print("recalled: digit \(found.nearestExample) after \(found.iterationCount) iterations")
        print("distance of the cue to the stored 6: \(squaredDistance(cue.row(0), original.row(0)).squareRoot())")
        print("distance of what was recalled to digit \(found.nearestExample): \(found.distance)")
        print("largest eigenvalue modulus of the Jacobian there: \(learned.verification.spectra[found.nearestExample].spectralRadius)")
    }
}
