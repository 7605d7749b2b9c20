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
    /// The bytes of a file by its path in the folder, not checked yet.
    package var read: @Sendable (_ relativePath: String) throws(Failure) -> [UInt8]
    /// Refuses bytes that are not what was published under a path.
    package var verify: @Sendable (_ bytes: [UInt8], _ relativePath: String) throws(Failure) -> Void
    /// Refuses any file below a folder of it that is not what was published.
    package var check: @Sendable (_ below: String) throws(Failure) -> Void
    /// The SHA-256 of a file, in hexadecimal, as it was published.
    package var sha256: @Sendable (_ relativePath: String) -> String
    /// Whether the folder still holds what was read.
    package var isUnchanged: @Sendable () -> Bool

    /// All parts at once.
    package init(
        folder: String, read: @escaping @Sendable (_ relativePath: String) throws(Failure) -> [UInt8],
        verify: @escaping @Sendable (_ bytes: [UInt8], _ relativePath: String) throws(Failure) -> Void = { _, _ in },
        check: @escaping @Sendable (_ below: String) throws(Failure) -> Void = { _ in },
        sha256: @escaping @Sendable (_ relativePath: String) -> String = { _ in "" },
        isUnchanged: @escaping @Sendable () -> Bool = { true }
    ) {
        self.folder = folder
        self.read = read
        self.verify = verify
        self.check = check
        self.sha256 = sha256
        self.isUnchanged = isUnchanged
    }

    /// Whether what a memory answers depends on this file of its folder.
    package static func areAnswersFrom(_ relativePath: String) -> Bool {
        relativePath == "network.safetensors" || relativePath == "settings.yml" || relativePath.hasPrefix("recovered/")
    }

    /// The bytes of a file that is what was published.
    func bytes(_ relativePath: String) throws(Failure) -> [UInt8] {
        let bytes = try read(relativePath)
        try verify(bytes, relativePath)
        return bytes
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
    /// - Throws: `Failure`, about a file, or where what the memory stores cannot be decoded; `NumericsError`.
    package init(_ files: MemoryFiles, threadCount: Int) throws {
        self.files = files
        let description = try MemoryDescription(files)
        (report, settings) = (description.report, description.settings)
        let network = description.report.network.file
        networkSHA256 = files.sha256(network)
        let bytes = try files.read(network)
        // The weights are hashed, made into a map, and the items decoded all at once; what was made is let go again where the weights are
        // not what was published, and that is then what is said.
        let parts = ParallelMap.results(of: 3, threadCount: 3) { index in
            Result {
                switch index {
                case 0:
                    try files.verify(bytes, network)
                    return Part.verdict
                case 1: return Part.map(try LoadedMap(of: bytes, files, description, threadCount: threadCount))
                default: return Part.items(try StoredItems(files, description))
                }
            }
        }
        _ = try parts[0].get()
        guard case .map(let loaded) = try parts[1].get(), case .items(let stored) = try parts[2].get() else {
            preconditionFailure("Parts come in the order they were asked for.")
        }
        familyName = loaded.familyName
        // A map that carries a state has it in its items too.
        drop = stored.drop.carried(by: loaded.map)
        guard drop.set.examples.columnCount == loaded.map.inputDimension, drop.set.examples.rowCount == report.samples else {
            throw Failure(
                memory: files.folder + "/recovered",
                expected: "\(report.samples) items of \(loaded.map.inputDimension) values, as report.json says",
                found: "\(drop.set.examples.rowCount) of \(drop.set.examples.columnCount)",
                remedy: "restore the whole folder from one copy")
        }
        let isWhole = drop.set.stateEntryCount == stored.drop.set.stateEntryCount
        let values = isWhole ? stored.values : drop.set.examples.converted(to: Double.self)
        retriever = Retriever(
            map: loaded.map, on: try loaded.restriction(for: values), set: drop.set, items: values,
            iterationLimit: settings.memory.recall.iterations.given)
    }

    /// What is made of the files of a memory, each part on its own.
    private enum Part: Sendable {
        case verdict
        case map(LoadedMap)
        case items(StoredItems)
    }

    /// The map, on the subspace of its outputs where that needs no items.
    private struct LoadedMap: Sendable {
        let familyName: String
        let map: any IterableMap
        private let recipe: any Recipe
        private let known: ImageRestriction?

        init(of bytes: [UInt8], _ files: MemoryFiles, _ description: MemoryDescription, threadCount: Int) throws {
            let stored = try StoredMemory.map(decoding: bytes, in: files, described: description)
            familyName = stored.familyName
            map = stored.iterable()
            recipe = RecipeRegistry.recipe(for: description.settings.memory, threadCount: threadCount)
            known = recipe.proposesBasis ? nil : try ImageRestriction(of: map)
        }

        func restriction(for items: Matrix<Double>) throws -> ImageRestriction {
            if let known { return known }
            return try ImageRestriction(of: map, proposedBasis: try recipe.proposedBasis(for: items))
        }
    }

    /// What a memory stores.
    private struct StoredItems: Sendable {
        let drop: DecodedDrop
        /// Shape `[n, d]`.
        let values: Matrix<Double>

        init(_ files: MemoryFiles, _ description: MemoryDescription) throws {
            try files.check("recovered")
            drop = try DropDecoder(settings: description.settings).decode(files.folder + "/recovered", of: description.report)
            values = drop.set.examples.converted(to: Double.self)
        }
    }

    /// Items are windows of sound.
    var isSound: Bool { drop.media.format.audio != nil }

    /// Whether an answer equals a stored item in every code of the drop; none does where the memory holds some codes in part.
    func isExact(_ retrieval: Retrieval) -> Bool { retrieval.isExact && report.media.heldBits == nil }

    /// Whether a state equals an item in every code of the drop.
    /// - Parameter values: Shape `[d]`.
    func isExact(_ values: [Double], item: Int) -> Bool { report.media.heldBits == nil && drop.set.isExactly(values, example: item) }

    /// Items are frames of cycles, or each for itself.
    var isSequence: Bool { !drop.set.task.isAutoencoder }
}
