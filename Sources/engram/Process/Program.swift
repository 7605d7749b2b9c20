import EngramDrops
import EngramPipeline

/// The program as it runs now.
enum Program {
    /// The release.
    static let version = "0.1.0"

    /// The compiler's language version, known only when it is compiled.
    static var swiftVersion: String {
        #if compiler(>=6.5)
            "6.5 or newer"
        #elseif compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "older than 6.3"
        #endif
    }

    /// Versions of what makes a result, by name, for manifests and reports.
    static var versions: [String: String] {
        RuntimeLibraries.versions.merging(["engram": version, "swift": swiftVersion]) { _, own in own }
    }

    /// What `--version` prints.
    static var versionText: String {
        var lines = ["engram \(version)", "Swift \(swiftVersion)"]
        lines += RuntimeLibraries.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        lines.append("kernels for \(RuntimeLibraries.kernelName) (ENGRAM_KEEP_KERNELS=1 leaves the choice to OpenBLAS)")
        return lines.joined(separator: "\n")
    }

    /// This program's file, by its absolute path: workers start in another folder, and `argv[0]` may be anything. It is held open from now
    /// on, and what is started under this path is what runs now, whatever lies there then.
    static func executablePath() throws(CommandFailure) -> String {
        guard let path = OwnProgram.path else {
            throw CommandFailure(
                .internalError, code: "executable", message: "the path of the running program cannot be read from /proc/self/exe",
                remedy: "mount /proc")
        }
        OwnProgram.hold()
        return path
    }
}
