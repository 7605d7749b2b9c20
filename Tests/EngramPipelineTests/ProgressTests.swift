import EngramMemories
import EngramReports
import EngramSystem
import Foundation
import Synchronization
import Testing

@testable import EngramMedia
@testable import EngramPipeline

/// Every step of a drop says how much of it is done, and a share that was told is not taken back.
@Suite struct ProgressTests {
    private let work: TemporaryFolder

    init() throws { work = try TemporaryFolder() }

    private func pictures(_ count: Int) throws -> String {
        let folder = try work.folder("film")
        let format = ImageFormat(width: 4, height: 4, colorKind: .gray, bitDepth: 8)
        for index in 0..<count {
            let codes = (0..<16).map { UInt8(15 * index + ($0 == index ? 40 : 0)) }
            _ = try work.write(try PNGEncoder.encode(codes, format: format, file: "test"), "film/p_\(index).png")
        }
        return folder
    }

    /// A clock on which every look takes a second, so that every step is told.
    private func told(_ overrides: [String]) throws -> [PipelineProgress] {
        let told = Mutex<[PipelineProgress]>([])
        let seconds = Mutex(0.0)
        let processor = DropProcessor(
            settings: try PipelineSettings().dropSettings(named: "film", overrides: overrides),
            context: .init(
                dropName: "film", threadCount: 1, versions: [:], command: "",
                monotonicSeconds: {
                    seconds.withLock {
                        $0 += 1
                        return $0
                    }
                }, onProgress: { progress in told.withLock { $0.append(progress) } }))
        _ = try processor.process(inputPath: try pictures(12), into: try work.folder("out"))
        return told.withLock { $0 }
    }

    @Test(
        arguments: [
            ["preset=closed-form"], ["preset=tournament", "kind=autoencoder"], ["preset=discriminative", "training.epochs=3"],
            ["network.family=kernel", "kind=autoencoder"],
        ])
    func sharesOfAStageRiseToItsEnd(overrides: [String]) throws {
        let all = try told(overrides + ["recall.starts=3", "analysis.census=4", "report.animation=false", "training.budget=24h"])
        for stage in [Failure.Stage.train, .analyse, .render] {
            let shares = all.filter { $0.stage == stage }.compactMap(\.fraction)
            // What is decided at the first try is decided before anything can be told.
            #expect(shares.count > (stage == .train ? 0 : 2), "\(stage) \(overrides)")
            // A search for a better kernel verifies again, and each verification is a whole.
            if overrides[0] != "network.family=kernel" { #expect(shares == shares.sorted(), "\(stage) \(overrides): \(shares)") }
            #expect((0...1).contains(shares.last ?? -1), "\(stage) \(overrides): \(shares)")
            if stage == .analyse { #expect((shares.last ?? 0) > 0.4, "\(stage) \(overrides): \(shares)") }
        }
        let left = all.filter { $0.stage == .analyse }.compactMap(\.remainingSeconds)
        #expect(!left.isEmpty && left.allSatisfy { $0 >= 0 && $0.isFinite })
        // The analysis names its parts in their order.
        let details = all.filter { $0.stage == .analyse }.map(\.detail)
        let parts = ["images of", "recall from noise", "comparing", "recovery from damage", "census of attractors"]
        let places = parts.map { part in details.firstIndex { $0.hasPrefix(part) } ?? -1 }
        #expect(places == places.sorted() && !places.contains(-1), "\(details)")
    }
}
