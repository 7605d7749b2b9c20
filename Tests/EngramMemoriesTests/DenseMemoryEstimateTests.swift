import Testing

@testable import EngramMemories
import EngramSystem

@Suite struct DenseMemoryEstimateTests {
    private func estimate(
        _ exampleCount: Int, _ dimension: Int, width: Int, depth: Int = 3, preset: MemorySettings.Preset = .fast
    ) -> DenseMemoryEstimate {
        DenseMemoryEstimate(
            exampleCount: exampleCount, dimension: dimension, longestCycle: 1, width: width, depth: depth, preset: preset, startCount: 20,
            threadCount: 2)
    }

    /// What must be held at once at the very least: the network in float32 and float64.
    @Test(arguments: MemorySettings.Preset.allCases)
    func noEstimateIsBelowTheNetworkInBothPrecisions(preset: MemorySettings.Preset) {
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

    /// Twenty examples of the size of digits.
    private func failure(
        _ settings: MemorySettings = MemorySettings(), available: Double?, capacity: Double? = nil
    ) -> Failure? {
        do throws(Failure) {
            _ = try ExampleSets.fittedPlan(
                settings, for: ExampleSets.codes(20, dimension: 784), available: available, capacity: capacity)
            return nil
        } catch { return error }
    }

    private func wide(_ width: Int) -> MemorySettings {
        var settings = MemorySettings()
        settings.network.width = .value(width)
        return settings
    }

    private func limit(_ byteCount: Int) -> MemorySettings {
        var settings = MemorySettings(preset: .fast)
        settings.maxMemoryByteCount = .value(byteCount)
        return settings
    }

    @Test func aSetThatDoesNotFitIsRefusedWithTheWidthThatWould() throws {
        let failure = try #require(self.failure(wide(65536), available: 8e9))
        #expect(failure.stage == .train && failure.code == "memory" && !failure.isRetryable)
        #expect(failure.message.contains("width of 65536") && failure.message.hasSuffix("; 8.0 GB are available."))
        let remedy = try #require(failure.remedy)
        let width = try #require(remedy.split(separator: " ").compactMap { Int($0) }.first)
        #expect(remedy.hasPrefix("set network.width to \(width) or less; or "))
        #expect(self.failure(wide(width), available: 8e9) == nil)
        #expect(self.failure(wide(width + 1), available: 8e9) != nil)
    }

    @Test func aGivenLimitReplacesWhatTheMachineHas() throws {
        let failure = try #require(self.failure(limit(1_000_000), available: 1e15))
        #expect(failure.message.hasSuffix("1.0 MB are allowed by limits.max_memory."))
        #expect(failure.remedy?.hasSuffix("or raise limits.max_memory") == true)
        #expect(self.failure(limit(1_000_000_000_000), available: 1) == nil)
    }

    @Test func aSetThatFitsOnlyAtAnotherTimeWaits() throws {
        let failure = try #require(self.failure(wide(65536), available: 8e9, capacity: 1e15))
        #expect(failure.code == "memory-now" && failure.isRetryable)
        #expect(failure.message.contains("8.0 GB are free now, of 1.0 PB"), "\(failure.message)")
        // A limit of its own stays a limit, however much there is.
        #expect(self.failure(limit(1_000_000), available: 1, capacity: 1e15)?.code == "memory")
    }

    @Test func aMachineThatDoesNotSayIsTried() throws {
        #expect(failure(available: nil) == nil)
        #expect(failure(available: 16e9) == nil)
    }

    @Test func theClosedFormNamesNoWidth() throws {
        let failure = try #require(self.failure(MemorySettings(preset: .closedForm), available: 1e4))
        #expect(failure.remedy?.contains("network.width") == false)
    }

    @Test func sizesReadWell() {
        let texts = [0.0, 999, 1500, 8e9, 77.44e9, 3e40].map { byteText($0) }
        #expect(texts.prefix(5) == ["0 bytes", "999 bytes", "1.5 kB", "8.0 GB", "77.4 GB"])
        #expect(texts[5].hasSuffix(" PB"))
    }
}
