import EngramMedia
import EngramNetworks
import EngramNumerics
import Foundation
import Testing

@testable import EngramPipeline

@Suite struct MemoryEstimateTests {
    private func estimate(
        _ exampleCount: Int, _ dimension: Int, width: Int, depth: Int = 3, preset: DropSettings.Preset = .fast
    ) -> MemoryEstimate {
        MemoryEstimate(
            exampleCount: exampleCount, dimension: dimension, longestCycle: 1, width: width, depth: depth, preset: preset, startCount: 20,
            threadCount: 2)
    }

    /// What must be held at once at the very least: the network in float32 and float64.
    @Test(arguments: DropSettings.Preset.allCases)
    func noEstimateIsBelowTheNetworkInBothPrecisions(preset: DropSettings.Preset) {
        for (count, dimension, width) in [(1, 3_240_000, 1024), (100, 784, 1024), (60_000, 784, 4096), (1, 12, 65_536)] {
            let estimate = estimate(count, dimension, width: preset == .closedForm ? count : width, depth: 1, preset: preset)
            #expect(estimate.byteCount >= 12 * 2 * Double(dimension) * Double(estimate.width), "\(count)×\(dimension)")
        }
    }

    @Test func theLargestWidthThatFitsIsTheLast() throws {
        let estimate = estimate(1, 3_240_000, width: 1024)
        #expect(estimate.byteCount > 70e9)
        let width = try #require(estimate.largestWidth(within: 16e9))
        var fitting = estimate
        fitting.width = width
        #expect(fitting.byteCount <= 16e9)
        fitting.width = width + 1
        #expect(fitting.byteCount > 16e9)
        #expect(estimate.largestWidth(within: 1e6) == nil)
        #expect(estimate.largestWidth(within: .infinity) == 1024)
    }

    @Test func sixtyThousandDigitsFitInBatches() {
        var whole = estimate(60_000, 784, width: 4096, depth: 4)
        #expect(whole.byteCount > 24e9)
        whole.batchSize = 1024
        whole.width = 2048
        #expect(whole.byteCount < 16e9)
        // What no batch can avoid: the digits in both precisions, and the slopes of every unit at every digit.
        #expect(whole.byteCount > 60_000 * (784 * 12 + 2048 * 4 * 8))
        let all = whole.byteCount
        whole.computesEigenvalues = false
        #expect(whole.byteCount < all / 1.5)
    }

    @Test func sizesBeyondAnIntegerAreLargeRatherThanACrash() {
        #expect(estimate(.max, .max, width: 65_536, depth: 256).byteCount > 1e30)
    }

    private func processor(_ overrides: [String]) throws -> DropProcessor {
        DropProcessor(
            settings: try PipelineSettings().dropSettings(named: "photo", overrides: overrides),
            context: .init(dropName: "photo", threadCount: 1, versions: [:], command: "", monotonicSeconds: { 0 }))
    }

    private func failure(_ overrides: [String], available: Double?, capacity: Double? = nil) throws -> StageFailure? {
        let path = try #require(
            Bundle.module.url(forResource: "counting-idx3-ubyte", withExtension: nil, subdirectory: "Fixtures")
        ).path
        let processor = try processor(overrides)
        let drop = try processor.decode(path)
        do throws(StageFailure) {
            _ = try processor.planned(for: drop, available: { available }, capacity: { capacity ?? available })
            return nil
        } catch { return error }
    }

    @Test func aDropThatDoesNotFitIsRefusedWithTheWidthThatWould() throws {
        let failure = try #require(try failure(["network.width=65536"], available: 8e9))
        #expect(failure.stage == .train && failure.code == "memory" && !failure.isRetryable)
        #expect(failure.message.contains("width of 65536") && failure.message.hasSuffix("; 8.0 GB are available."))
        let remedy = try #require(failure.remedy)
        let width = try #require(remedy.split(separator: " ").compactMap { Int($0) }.first)
        #expect(remedy.hasPrefix("set network.width to \(width) or less; or "))
        #expect(try self.failure(["network.width=\(width)"], available: 8e9) == nil)
        #expect(try self.failure(["network.width=\(width + 1)"], available: 8e9) != nil)
    }

    @Test func aGivenLimitReplacesWhatTheMachineHas() throws {
        let failure = try #require(try failure(["limits.max_memory=1000000"], available: 1e15))
        #expect(failure.message.hasSuffix("1.0 MB are allowed by limits.max_memory."))
        #expect(failure.remedy?.hasSuffix("or raise limits.max_memory") == true)
        #expect(try self.failure(["limits.max_memory=1000000000000"], available: 1) == nil)
    }

    @Test func aDropThatFitsOnlyAtAnotherTimeWaits() throws {
        let failure = try #require(try failure(["network.width=65536"], available: 8e9, capacity: 1e15))
        #expect(failure.code == "memory-now" && failure.isRetryable)
        #expect(failure.message.contains("8.0 GB are free now, of 1.0 PB"), "\(failure.message)")
        // A limit of its own stays a limit, however much there is.
        #expect(try self.failure(["limits.max_memory=1000000"], available: 1, capacity: 1e15)?.code == "memory")
    }

    @Test func theProcessesOwnLimitCounts() {
        let files = [
            "/proc/meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n",
            "/proc/self/limits": "Limit    Soft Limit    Hard Limit    Units\nMax data size             5120000    6000000    bytes\n",
            "/proc/self/status": "Name: x\nVmData:\t    1000 kB\n",
        ]
        let memory = MemoryAvailability { files[$0] }
        #expect(memory.byteCount == 4_096_000 && memory.capacityByteCount == 4_096_000)
        let unlimited = MemoryAvailability { $0 == "/proc/self/limits" ? "Max data size  unlimited  unlimited  bytes\n" : files[$0] }
        #expect(unlimited.byteCount == 8_192_000 && unlimited.capacityByteCount == 9_216_000)
        #expect(unlimited.share(ofEachOf: 3) == 0.3 * 9_216_000)
        #expect(MemoryAvailability { _ in nil }.share(ofEachOf: 1) == nil)
    }

    @Test func aMachineThatDoesNotSayIsTried() throws {
        #expect(try failure([], available: nil) == nil)
        #expect(try failure([], available: 16e9) == nil)
    }

    @Test func theClosedFormNamesNoWidth() throws {
        let failure = try #require(try failure(["preset=closed-form"], available: 1e4))
        #expect(failure.remedy?.contains("network.width") == false)
    }

    @Test func theLeastOfMachineAndGroupsIsAvailable() {
        let meminfo = "MemTotal:  32000000 kB\nMemFree: 5 kB\nMemAvailable:   8000000 kB\n"
        func available(_ files: [String: String]) -> Double? { MemoryAvailability { files[$0] }.byteCount }
        #expect(available([:]) == nil)
        #expect(available(["/proc/meminfo": meminfo]) == 8_192_000_000)
        // Version 2: the parent's limit is the tighter one, and 300 of its 500 used bytes can be reclaimed.
        let version2 = [
            "/proc/meminfo": meminfo, "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max": "max\n",
            "/sys/fs/cgroup/a/memory.max": "4000\n", "/sys/fs/cgroup/a/memory.current": "500\n",
            "/sys/fs/cgroup/a/memory.stat": "anon 200\ninactive_file 300\n",
        ]
        #expect(available(version2) == 3800)
        // Version 1, in a container that sees its own group as the root.
        let version1 = [
            "/proc/meminfo": meminfo, "/proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/1\n0::/\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9000\n", "/sys/fs/cgroup/memory/memory.usage_in_bytes": "9500\n",
            "/sys/fs/cgroup/memory/memory.stat": "total_inactive_file 100\n",
        ]
        #expect(available(version1) == 0)
    }

    @Test func sizesReadWell() {
        let texts = [0.0, 999, 1500, 8e9, 77.44e9, 3e40].map { DropProcessor.sizeText($0) }
        #expect(texts.prefix(5) == ["0 bytes", "999 bytes", "1.5 kB", "8.0 GB", "77.4 GB"])
        #expect(texts[5].hasSuffix(" PB"))
    }
}
