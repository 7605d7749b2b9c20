import Foundation
import Testing

/// A promise that an input broke.
struct FuzzFinding: Error, CustomStringConvertible {
    var description: String
}

/// One decoder under attack: where mutations start, how they are made believable, and what must hold.
struct FuzzTarget: Sendable, CustomTestStringConvertible {
    var name: String
    /// Whole inputs.
    var corpus: @Sendable () throws -> [[UInt8]]
    /// Pieces that the format gives a meaning to.
    var words: [[UInt8]] = []
    /// Puts checksums and lengths right.
    var repair: (@Sendable (inout [UInt8]) -> Void)?
    /// Reads the input; returns whether it was accepted. A crash, a hang, or a broken promise is what is looked for.
    var execute: @Sendable ([UInt8]) throws -> Bool

    var testDescription: String { name }

    /// What an execution did, for the report.
    struct Tally {
        var acceptedCount = 0
        var refusedCount = 0
        var slowestSeconds = 0.0
    }

    /// The input of one execution: the same for the same seed and number.
    func input(seed: UInt64, execution: Int, corpus: [[UInt8]]) -> [UInt8] {
        var generator = FuzzGenerator(seed: seed, execution: execution)
        var bytes = corpus[generator.below(corpus.count)]
        FuzzMutator.mutate(&bytes, with: corpus, words: words, using: &generator)
        if let repair, !generator.chance(4) { repair(&bytes) }
        return bytes
    }

    /// Runs the executions `range`.
    /// - Parameter keep: Given each input before it is read, to have it after a crash.
    func run(seed: UInt64, range: Range<Int>, keep: ([UInt8]) -> Void) throws -> Tally {
        let corpus = try corpus()
        var tally = Tally()
        for execution in range {
            let bytes = input(seed: seed, execution: execution, corpus: corpus)
            keep(bytes)
            let start = Self.threadSeconds()
            do {
                if try self.execute(bytes) { tally.acceptedCount += 1 } else { tally.refusedCount += 1 }
            } catch {
                throw FuzzFinding(description: "\(name), seed \(seed), execution \(execution), \(bytes.count) bytes: \(error)")
            }
            tally.slowestSeconds = max(tally.slowestSeconds, Self.threadSeconds() - start)
        }
        return tally
    }

    private static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Requires `condition`.
    static func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(FuzzFinding) {
        if !condition { throw FuzzFinding(description: text()) }
    }

    /// Files of Corpus/ with these endings.
    static func files(_ endings: [String]) throws -> [[UInt8]] {
        let folder = (Bundle.module.resourcePath ?? ".") + "/Corpus"
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        return try names.filter { name in endings.contains { name.hasSuffix($0) } }.map {
            [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")))
        }
    }
}
