internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
package import EngramReports
internal import Foundation
package import EngramSystem

extension Failure {
    /// Why a published folder is no memory that can be used.
    /// - Parameter path: The file that is to blame, or the folder.
    package init(memory path: String, expected: String, found: String, remedy: String) {
        self.init(stage: .recall, code: "memory", file: path, expected: expected, found: found, remedy: remedy)
    }
}

/// Where the files of a published memory are read from.
package struct MemoryFiles: Sendable {
    /// The folder, for messages and for readers that take paths.
    package var folder: String
    /// The bytes of a file by its path in the folder; refuses what is not what was published.
    package var bytes: @Sendable (_ relativePath: String) throws(Failure) -> [UInt8]
    /// Refuses any file below a folder of it that is not what was published.
    package var check: @Sendable (_ below: String) throws(Failure) -> Void
    /// The SHA-256 of a file, in hexadecimal, as it was published.
    package var sha256: @Sendable (_ relativePath: String) -> String
    /// Whether the folder still holds what was read.
    package var isUnchanged: @Sendable () -> Bool

    /// All parts at once.
    package init(
        folder: String, bytes: @escaping @Sendable (_ relativePath: String) throws(Failure) -> [UInt8],
        check: @escaping @Sendable (_ below: String) throws(Failure) -> Void = { _ in },
        sha256: @escaping @Sendable (_ relativePath: String) -> String = { _ in "" },
        isUnchanged: @escaping @Sendable () -> Bool = { true }
    ) {
        self.folder = folder
        self.bytes = bytes
        self.check = check
        self.sha256 = sha256
        self.isUnchanged = isUnchanged
    }

    /// Whether what a memory answers depends on this file of its folder.
    package static func areAnswersFrom(_ relativePath: String) -> Bool {
        relativePath == "network.safetensors" || relativePath == "settings.yml" || relativePath.hasPrefix("recovered/")
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
    /// - Throws: `Failure`, about a file; `Failure` where what it stores cannot be decoded.
    package init(_ files: MemoryFiles, threadCount: Int) throws {
        self.files = files
        let description = try MemoryDescription(files)
        (report, settings) = (description.report, description.settings)
        networkSHA256 = files.sha256(description.report.network.file)
        // The weights are hashed and read while the items are; both take about as long.
        let parts = ParallelMap.results(of: 2, threadCount: 2) { index in
            Result {
                index == 0 ? try Self.map(files, description) : try Self.items(files, description, threadCount: threadCount)
            }
        }
        guard case .map(let map, let familyName) = try parts[0].get(), case .items(let drop, let span) = try parts[1].get() else {
            preconditionFailure("Parts come in the order they were asked for.")
        }
        self.familyName = familyName
        self.drop = drop
        guard drop.set.examples.columnCount == map.inputDimension, drop.set.examples.rowCount == report.samples else {
            throw Failure(
                memory: files.folder + "/recovered",
                expected: "\(report.samples) items of \(map.inputDimension) values, as report.json says",
                found: "\(drop.set.examples.rowCount) of \(drop.set.examples.columnCount)",
                remedy: "restore the whole folder from one copy")
        }
        retriever = try Retriever(
            map: map, set: drop.set, spanBasis: span, iterationLimit: settings.memory.recall.iterations.given)
    }

    /// What is read at the same time.
    private enum Part: Sendable {
        case map(any IterableMap, familyName: String)
        case items(DecodedDrop, span: Matrix<Double>?)
    }

    private static func map(_ files: MemoryFiles, _ description: MemoryDescription) throws -> Part {
        let stored = try StoredMemory.map(in: files, described: description)
        return .map(stored.iterable(), familyName: stored.familyName)
    }

    private static func items(_ files: MemoryFiles, _ description: MemoryDescription, threadCount: Int) throws -> Part {
        try files.check("recovered")
        let drop = try DropDecoder(settings: description.settings).decode(files.folder + "/recovered")
        let recipe = RecipeRegistry.recipe(for: description.settings.memory, threadCount: threadCount)
        return .items(drop, span: try recipe.proposedBasis(for: drop.set.examples.converted(to: Double.self)))
    }

    /// Items are windows of sound.
    var isSound: Bool {
        if case .audio = drop.media.format { return true }
        return false
    }

    /// Items are frames of cycles, or each for itself.
    var isSequence: Bool { !drop.set.task.isAutoencoder }
}
