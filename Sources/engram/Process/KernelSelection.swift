import EngramPipeline
import Foundation
import Glibc

/// Chooses OpenBLAS's kernels where AVX-512 would go unused.
///
/// An OpenBLAS that does not know the processor's model, or that the machine's image pins to an old one by `OPENBLAS_CORETYPE`, runs AVX2
/// kernels, about half as fast as the AVX-512 ones. The library reads the variable when it is loaded, so it has to be set before that: the
/// program replaces itself once by itself. A variable that is set is usually an image's and not this user's, so it does not bind;
/// `ENGRAM_KEEP_KERNELS` does, for who wants the same bytes on different processors.
enum KernelSelection {
    /// What the library reads.
    static let variable = "OPENBLAS_CORETYPE"
    /// Set in the second start, so that there is no third.
    static let guardVariable = "ENGRAM_KERNELS_CHOSEN"
    /// Set by users to whom the library's own choice matters.
    static let keepVariable = "ENGRAM_KEEP_KERNELS"
    /// Kernel sets of OpenBLAS that use AVX-512.
    private static let wideKernels: Set<String> = ["SkylakeX", "Cooperlake", "SapphireRapids"]
    /// What the SkylakeX kernels are compiled for.
    private static let neededFeatures: Set<String> = ["avx512f", "avx512dq", "avx512bw", "avx512vl"]

    /// Returns the value that the variable should be given before a restart, nil to go on as it is.
    /// - Parameters:
    ///   - environment: The process's variables; of interest are the guard and `keepVariable`.
    ///   - processorInformation: The text of `/proc/cpuinfo`.
    ///   - kernelName: What the library chose.
    static func choice(environment: [String: String], processorInformation: String, kernelName: String) -> String? {
        guard environment[keepVariable] == nil, environment[guardVariable] == nil, !wideKernels.contains(kernelName) else { return nil }
        let flags = processorInformation.split(separator: "\n").first { $0.hasPrefix("flags") }
        guard let list = flags?.split(separator: ":", maxSplits: 1).last else { return nil }
        return neededFeatures.isSubset(of: Set(list.split(separator: " ").map(String.init))) ? "SkylakeX" : nil
    }

    /// Restarts the program with better kernels, if there are any; comes back if not, or if the restart fails.
    static func restartIfBetter() {
        let before = ProcessInfo.processInfo.environment[variable]
        guard prepareRestart() else { return }
        // The arguments as they came, argv[0] included. Slower kernels are no reason to stop: a failed restart goes on without.
        execv("/proc/self/exe", CommandLine.unsafeArgv)
        if let before { setenv(variable, before, 1) } else { unsetenv(variable) }
    }

    /// Sets the variables for a restart with better kernels; returns whether there are any.
    static func prepareRestart() -> Bool {
        guard let information = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
            let name = choice(
                environment: ProcessInfo.processInfo.environment, processorInformation: information,
                kernelName: RuntimeLibraries.kernelName)
        else { return false }
        setenv(variable, name, 1)
        setenv(guardVariable, "1", 1)
        return true
    }
}
