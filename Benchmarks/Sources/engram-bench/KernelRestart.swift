import EngramNumerics
import Foundation

/// Starts this program again with AVX-512 kernels where OpenBLAS chose others, as `engram` does for itself.
enum KernelRestart {
    private static let guardVariable = "ENGRAM_BENCH_KERNELS_CHOSEN"

    static func restartIfBetter() {
        let environment = ProcessInfo.processInfo.environment
        let wide: Set<String> = ["SkylakeX", "Cooperlake", "SapphireRapids"]
        guard environment[guardVariable] == nil, environment["ENGRAM_KEEP_KERNELS"] == nil, !wide.contains(BLASLibrary.coreName),
            let information = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
            let flags = information.split(separator: "\n").first(where: { $0.hasPrefix("flags") })?.split(separator: " ")
        else { return }
        guard Set(["avx512f", "avx512dq", "avx512bw", "avx512vl"]).isSubset(of: Set(flags.map(String.init))) else { return }
        setenv("OPENBLAS_CORETYPE", "SkylakeX", 1)
        setenv(guardVariable, "1", 1)
        // A failed restart comes back, and what follows names the kernels it ran with.
        execv("/proc/self/exe", CommandLine.unsafeArgv)
    }
}
