import Testing

@testable import engram

@Suite struct KernelSelectionTests {
    private let wide = "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: fpu sse2 avx2 avx512f avx512dq avx512cd avx512bw avx512vl\n"
    private let narrow = "processor\t: 0\nflags\t\t: fpu sse2 avx2 avx512f avx512cd\n"

    @Test func oldKernelsOnAWideProcessorAreReplacedOnce() {
        #expect(KernelSelection.choice(environment: [:], processorInformation: wide, kernelName: "Haswell") == "SkylakeX")
        let restarted = [KernelSelection.variable: "SkylakeX", KernelSelection.guardVariable: "1"]
        #expect(KernelSelection.choice(environment: restarted, processorInformation: wide, kernelName: "Haswell") == nil)
        // The guard alone holds too, should the library or something between have dropped the variable.
        let guarded = [KernelSelection.guardVariable: "1"]
        #expect(KernelSelection.choice(environment: guarded, processorInformation: wide, kernelName: "Haswell") == nil)
    }

    @Test func aVariableThatAnImageSetDoesNotBindAndTheUsersWordDoes() {
        let pinned = [KernelSelection.variable: "Haswell"]
        #expect(KernelSelection.choice(environment: pinned, processorInformation: wide, kernelName: "Haswell") == "SkylakeX")
        let kept = [KernelSelection.variable: "Haswell", KernelSelection.keepVariable: "1"]
        #expect(KernelSelection.choice(environment: kept, processorInformation: wide, kernelName: "Haswell") == nil)
    }

    @Test(arguments: ["SkylakeX", "Cooperlake", "SapphireRapids"])
    func wideKernelsStay(name: String) {
        #expect(KernelSelection.choice(environment: [:], processorInformation: wide, kernelName: name) == nil)
    }

    @Test(arguments: ["", "no flags here", "flags", "Features : fp asimd sve"])
    func processorWithoutAllFeaturesStays(text: String) {
        #expect(KernelSelection.choice(environment: [:], processorInformation: narrow, kernelName: "Haswell") == nil)
        #expect(KernelSelection.choice(environment: [:], processorInformation: text, kernelName: "Haswell") == nil)
    }
}
