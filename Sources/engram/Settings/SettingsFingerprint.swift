import EngramDrops
import EngramPipeline

/// Names everything that the settings say about a drop.
enum SettingsFingerprint {
    /// Equal for two drops that would be trained alike by this version.
    static func of(_ settings: DropSettings) -> String {
        SHA256.hash("engram \(Program.version)\n\(settings.yaml)".utf8)
    }
}
