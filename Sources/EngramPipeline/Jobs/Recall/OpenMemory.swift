internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
package import EngramReports
internal import Foundation

/// Where the files of a published memory are read from.
package struct MemoryFiles: Sendable {
    /// The folder, for messages and for readers that take paths.
    package var folder: String
    /// The bytes of a file by its path in the folder; refuses what is not what was published.
    package var bytes: @Sendable (_ relativePath: String) throws(MemoryFault) -> [UInt8]
    /// The paths of all files below a folder of it; refuses any that is not what was published.
    package var checkedPaths: @Sendable (_ below: String) throws(MemoryFault) -> [String]
    /// The SHA-256 of a file, in hexadecimal, as it was published.
    package var sha256: @Sendable (_ relativePath: String) -> String
    /// Whether the folder still holds what was read.
    package var isUnchanged: @Sendable () -> Bool

    /// All parts at once.
    package init(
        folder: String, bytes: @escaping @Sendable (_ relativePath: String) throws(MemoryFault) -> [UInt8],
        checkedPaths: @escaping @Sendable (_ below: String) throws(MemoryFault) -> [String] = { _ in [] },
        sha256: @escaping @Sendable (_ relativePath: String) -> String = { _ in "" },
        isUnchanged: @escaping @Sendable () -> Bool = { true }
    ) {
        self.folder = folder
        self.bytes = bytes
        self.checkedPaths = checkedPaths
        self.sha256 = sha256
        self.isUnchanged = isUnchanged
    }

    /// The name of the folder.
    var name: String { folder.split(separator: "/").last.map(String.init) ?? folder }
}

/// A memory that was opened to be asked; many cues can share one.
///
/// Its folder alone is needed: the map is `network.safetensors`, and what it stores is what it recalled when it was made, `recovered/`.
package struct OpenMemory: Sendable {
    let files: MemoryFiles
    /// What its report says.
    package let report: DropReport
    let settings: DropSettings
    let drop: DecodedDrop
    let retriever: Retriever
    let familyName: String
    /// SHA-256 of `network.safetensors`.
    let networkSHA256: String

    /// Opens a memory and checks that its parts belong together.
    ///
    /// - Parameters:
    ///   - files: The published folder.
    ///   - threadCount: Threads for linear algebra.
    /// - Throws: `MemoryFault`, about a file; `StageFailure` where what it stores cannot be decoded.
    package init(_ files: MemoryFiles, threadCount: Int) throws {
        self.files = files
        let stored = try StoredMemory(files)
        report = stored.report
        settings = stored.settings
        familyName = stored.map.familyName
        networkSHA256 = files.sha256(stored.networkFile)
        _ = try files.checkedPaths("recovered")
        let place = files.folder + "/recovered"
        drop = try DropDecoder(settings: stored.settings, dropName: files.name).decode(place)
        guard drop.set.examples.columnCount == stored.map.inputDimension, drop.set.examples.rowCount == stored.report.samples else {
            throw MemoryFault(
                place: place, expected: "\(stored.report.samples) items of \(stored.map.inputDimension) values, as report.json says",
                found: "\(drop.set.examples.rowCount) of \(drop.set.examples.columnCount)",
                remedy: "restore the whole folder from one copy")
        }
        let recipe = RecipeRegistry.recipe(for: stored.settings.memory, threadCount: threadCount)
        let span = try recipe.proposedBasis(for: drop.set.examples.converted(to: Double.self))
        retriever = try Retriever(
            map: stored.map, set: drop.set, spanBasis: span, iterationLimit: stored.settings.memory.recall.iterations.given)
    }

    /// Items are frames of cycles, or each for itself.
    var isSequence: Bool { !drop.set.task.isAutoencoder }
}
