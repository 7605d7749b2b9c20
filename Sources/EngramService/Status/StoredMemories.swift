package import EngramDrops
internal import EngramSystem

/// The folders of an outbox that hold a memory.
package struct StoredMemories: Sendable {
    /// Where results are.
    package let outbox: String
    package var files: FileSystem

    /// Names the outbox.
    package init(outbox: String, files: FileSystem = FileSystem()) {
        self.outbox = outbox
        self.files = files
    }

    /// The names of all whole results that may be memories.
    package func names() -> [String] {
        let names = (try? files.textNames(in: outbox)) ?? []
        return names.filter { !$0.hasPrefix(".") && isResult(outbox + "/" + $0) && isFile(outbox + "/" + $0 + "/network.safetensors") }
    }

    /// Whether a folder is a whole result: its manifest is written last.
    package func isResult(_ folder: String) -> Bool { isFile(folder + "/" + ResultManifest.fileName) }

    private func isFile(_ path: String) -> Bool { ((try? files.facts(of: path)) ?? nil)?.kind == .file }
}
