/// Makes a folder of finished files final: flushed, with a manifest, and moved into place in one step. Needs no ledger.
package struct ResultFolder: Sendable {
    private let files: FileSystem

    /// Creates the publisher of folders.
    package init(files: FileSystem = FileSystem()) { self.files = files }

    /// Hashes and flushes every file in `folder`, then writes `manifest.json` and flushes that.
    ///
    /// The manifest comes last, so a folder that has one is whole. Calling it again after an interruption gives the same bytes.
    /// - Throws: `DropError.emptyResult` if there is no file, `.unexpectedEntry` for a link or a device among them.
    @discardableResult
    package func seal(_ folder: String, origin: ResultManifest.Origin) throws(DropError) -> ResultManifest {
        // A daemon that was killed while it wrote the manifest left this; it must not become a part of the result.
        let unfinished = folder + "/" + ResultManifest.fileName + FileSystem.temporarySuffix
        if try files.exists(unfinished) { try files.removeTree(unfinished) }
        guard let snapshot = try TreeSnapshot.take(folder, files: files) else { throw .emptyResult(path: folder) }
        var folders: Set<[UInt8]> = []
        var hashes: [TreeHash.File] = []
        for file in snapshot.files where file.relativePath != ResultManifest.fileName {
            let path = folder + "/" + file.relativePath
            let (sha256, byteCount) = try files.hash(of: path)
            try files.synchronize(path)
            hashes.append(TreeHash.File(relativePath: file.relativePath, byteCount: byteCount, sha256: sha256))
            var parent = file.relativePath[...]
            while let slash = parent.lastIndex(of: "/") {
                parent = parent[..<slash]
                folders.insert(Array(parent.utf8))
            }
        }
        guard !hashes.isEmpty else { throw .emptyResult(path: folder) }
        for inner in folders { try files.synchronize(folder + "/" + String(decoding: inner, as: UTF8.self)) }
        let manifest = ResultManifest(origin: origin, files: hashes)
        try files.write(manifest.json.encoded(), to: folder + "/" + ResultManifest.fileName)
        try files.synchronize(folder)
        return manifest
    }

    /// Where to build a result that will become `destination`: beside it, so that the last step is a rename.
    package static func stagingPath(for destination: String, token: String) -> String {
        let (parent, name) = split(destination)
        return parent + "/.\(shortened(name, toByteCount: 200)).engram-\(token)"
    }

    /// Seals `staging` and moves it to `destination`, which must not exist or be an empty folder.
    /// - Throws: `DropError.outputNotEmpty`; the staging folder is left as it is then.
    @discardableResult
    package func publish(_ staging: String, to destination: String, origin: ResultManifest.Origin) throws(DropError) -> ResultManifest {
        try checkFree(destination)
        let manifest = try seal(staging, origin: origin)
        do {
            // rename replaces an empty folder and nothing else, so what came there meanwhile is safe.
            try files.rename(staging, to: destination)
        } catch {
            try checkFree(destination)
            throw error
        }
        try files.synchronize(Self.split(destination).parent)
        return manifest
    }

    /// Checks that nothing is at `destination`, or only an empty folder; for a check before the work as well as after it.
    package func checkFree(_ destination: String) throws(DropError) {
        guard let facts = try files.facts(of: destination) else { return }
        guard facts.kind == .folder, try files.rawNames(in: destination).isEmpty else { throw .outputNotEmpty(path: destination) }
    }

    /// Returns `name`, or for `number` above 1 `name-number`, cut at a character so that it fits the 255 bytes of a file name.
    static func candidate(_ name: String, number: Int) -> String {
        guard number > 1 else { return shortened(name, toByteCount: 255) }
        let suffix = "-\(number)"
        return shortened(name, toByteCount: 255 - suffix.utf8.count) + suffix
    }

    private static func shortened(_ name: String, toByteCount limit: Int) -> String {
        var result = name
        while result.utf8.count > limit { result.removeLast() }
        return result
    }

    private static func split(_ path: String) -> (parent: String, name: String) {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return (".", String(trimmed)) }
        let parent = trimmed[..<slash]
        return (parent.isEmpty ? "/" : String(parent), String(trimmed[trimmed.index(after: slash)...]))
    }
}
