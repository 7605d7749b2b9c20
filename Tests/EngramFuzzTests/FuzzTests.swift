import Foundation
import Testing

/// Seeded mutations against every decoder: a few hundred each in every run of the tests, as many as ENGRAM_FUZZ says with `make fuzz`.
@Suite struct FuzzTests {
    static let targets = FuzzTarget.media + FuzzTarget.files
    private static let environment = ProcessInfo.processInfo.environment

    /// All of them, or those that ENGRAM_FUZZ_TARGETS names, between commas.
    private static let chosenTargets = targets.filter { target in
        environment["ENGRAM_FUZZ_TARGETS"].map { $0.split(separator: ",").contains { $0 == target.name } } ?? true
    }

    /// Number and seed of the executions; ENGRAM_FUZZ_FIRST goes on where another run ended.
    private static let executionCount = environment["ENGRAM_FUZZ"].flatMap { Int($0) }
    private static let firstExecution = environment["ENGRAM_FUZZ_FIRST"].flatMap { Int($0) } ?? 0
    private static let seed = environment["ENGRAM_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    @Test(arguments: chosenTargets)
    func noInputCrashesADecoderOrBreaksItsPromises(target: FuzzTarget) throws {
        guard let count = Self.executionCount else {
            _ = try target.run(seed: Self.seed, range: 0..<300) { _ in }
            return
        }
        // The input that is being read, and its number: a crash leaves them behind.
        let path = (Self.environment["ENGRAM_FUZZ_FOLDER"] ?? NSTemporaryDirectory()) + "/engram-fuzz-\(target.name).last"
        guard let file = fopen(path, "w+") else { throw FuzzFinding(description: "\(path) cannot be written") }
        defer { fclose(file) }
        setvbuf(file, nil, _IONBF, 0)
        let (end, step) = (Self.firstExecution + count, max(1, min(100_000, count)))
        var (accepted, refused, slowest) = (0, 0, 0.0)
        for start in stride(from: Self.firstExecution, to: end, by: step) {
            let tally = try target.run(seed: Self.seed, range: start..<min(end, start + step)) { bytes in
                rewind(file)
                fwrite(bytes, 1, bytes.count, file)
                ftruncate(fileno(file), bytes.count)
            }
            accepted += tally.acceptedCount
            refused += tally.refusedCount
            slowest = max(slowest, tally.slowestSeconds)
            let milliseconds = (slowest * 1e5).rounded() / 100
            print(
                "fuzz \(target.name): \(accepted + refused) executions, \(accepted) accepted, \(refused) refused, slowest \(milliseconds) ms"
            )
            fflush(nil)
        }
        // A decoder that hangs on few bytes would hold a worker until its wall time.
        #expect(slowest < 10, "\(target.name): \(slowest) s for one input")
    }

    /// Mutations that never get past the first check would find nothing.
    @Test(arguments: targets)
    func someMutantsAreRead(target: FuzzTarget) throws {
        let tally = try target.run(seed: 2, range: 0..<300) { _ in }
        #expect(tally.acceptedCount > 0 && tally.refusedCount > 0, "\(tally)")
    }

    @Test(arguments: targets)
    func wholeInputsAreAccepted(target: FuzzTarget) throws {
        for bytes in try target.corpus() { #expect(try target.execute(bytes), "\(bytes.count) bytes") }
    }

    /// Inputs that once broke something, named TARGET-what.bin.
    @Test func whatWasFoundStaysMended() throws {
        let folder = (Bundle.module.resourcePath ?? ".") + "/Corpus/regressions"
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() where name.hasSuffix(".bin") {
            let target = try #require(Self.targets.filter { name.hasPrefix($0.name + "-") }.max { $0.name.count < $1.name.count })
            _ = try target.execute([UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))))
        }
    }

    /// The harness itself: a decoder that breaks a promise is found, with what is needed to repeat it.
    @Test func aBrokenPromiseIsReportedWithItsExecution() throws {
        let target = FuzzTarget(
            name: "broken", corpus: { [[1, 2, 3, 4]] },
            execute: { if $0.count > 4 { throw FuzzFinding(description: "too long") } else { true } })
        do {
            _ = try target.run(seed: 7, range: 0..<1000) { _ in }
            Issue.record("nothing was found")
        } catch let finding as FuzzFinding {
            #expect(finding.description.hasPrefix("broken, seed 7, execution ") && finding.description.hasSuffix("too long"))
            let execution = try #require(finding.description.split(separator: " ").compactMap { Int($0.dropLast()) }.last)
            #expect(target.input(seed: 7, execution: execution, corpus: [[1, 2, 3, 4]]).count > 4)
        }
    }
}
