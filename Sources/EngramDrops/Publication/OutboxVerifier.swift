/// Re-checks published folders against their manifests, one or all of an outbox.
package struct OutboxVerifier: Sendable {
    /// What one folder looks like.
    package struct Check: Equatable, Sendable {
        /// The folder.
        package var path: String
        /// Files and bytes that its manifest lists; 0 without one.
        package var fileCount = 0
        /// See `fileCount`.
        package var byteCount: Int64 = 0
        /// Every difference from the manifest.
        package var findings: [ManifestVerifier.Finding] = []
        /// Why it could not be checked: no manifest, a damaged one, a disk error.
        package var problem: String?

        /// Whether the folder is what was published.
        package var isIntact: Bool { findings.isEmpty && problem == nil }
    }

    private let files: FileSystem

    /// Creates a verifier.
    package init(files: FileSystem = FileSystem()) { self.files = files }

    /// The folders to check: `path` itself if it has a manifest, else the folders in it without hidden ones and `rejected`.
    /// - Throws: `DropError.system` if there is no such folder.
    package func folders(in path: String) throws(DropError) -> [String] {
        // A folder of that name is the result of a drop called so.
        if try files.facts(of: path + "/" + ResultManifest.fileName)?.kind == .file { return [path] }
        var folders: [String] = []
        // A name that is not text is no result's.
        for name in try files.textNames(in: path) where !name.hasPrefix(".") && name != "rejected" {
            if try files.facts(of: path + "/" + name)?.kind == .folder { folders.append(path + "/" + name) }
        }
        return folders
    }

    /// Checks one folder; reads every byte of it.
    package func check(_ folder: String) -> Check {
        var check = Check(path: folder)
        do throws(DropError) {
            guard try files.facts(of: folder + "/" + ResultManifest.fileName)?.kind == .file else {
                check.problem = "it has no \(ResultManifest.fileName), so it is not whole, or not a result of engram"
                return check
            }
            let manifest = try ResultManifest.read(from: folder, files: files)
            check.fileCount = manifest.files.count
            check.byteCount = manifest.files.reduce(0) { $0 &+ $1.byteCount }
            check.findings = try ManifestVerifier(files: files).findings(in: folder)
        } catch {
            check.problem = "\(error)"
        }
        return check
    }

    /// Compares the archived source of a drop with what its result was made from.
    /// - Returns: nil where it is not there any more; its owner may need the room.
    package func checkSource(of row: DropRow) -> Check? {
        var check = Check(path: row.path)
        // The folder above it is engram's own; in the source its dropper may change what he likes.
        let files = files.guarding([String(decoding: row.path.utf8.dropLast(row.entryName.utf8.count + 1), as: UTF8.self)])
        do throws(DropError) {
            guard try files.facts(of: row.path) != nil else { return nil }
            let found = try TreeHash.compute(row.path, files: files)
            check.fileCount = found.files.count
            check.byteCount = found.files.reduce(0) { $0 &+ $1.byteCount }
            guard let content = row.contentSHA256, found.sha256 != content else { return check }
            let manifest = row.resultPath.flatMap { try? ResultManifest.read(from: $0, files: files) }
            check.findings =
                manifest.map { ManifestVerifier.differences(from: $0.origin.inputs, to: found.files) } ?? []
            if check.findings.isEmpty { check.findings = [.wrongHash(path: row.entryName, expected: content, found: found.sha256)] }
        } catch {
            check.problem = "\(error)"
        }
        return check
    }
}

extension ManifestVerifier {
    /// What is different between two lists of files.
    static func differences(from listed: [TreeHash.File], to found: [TreeHash.File]) -> [Finding] {
        let (old, new) = (byPath(listed), byPath(found))
        var findings: [Finding] = []
        for file in listed {
            guard let now = new[Array(file.relativePath.utf8)] else {
                findings.append(.missing(path: file.relativePath))
                continue
            }
            if now.byteCount != file.byteCount {
                findings.append(.wrongByteCount(path: file.relativePath, expected: file.byteCount, found: now.byteCount))
            } else if now.sha256 != file.sha256 {
                findings.append(.wrongHash(path: file.relativePath, expected: file.sha256, found: now.sha256))
            }
        }
        return findings + found.filter { old[Array($0.relativePath.utf8)] == nil }.map { .unexpected(path: $0.relativePath) }
    }

    private static func byPath(_ files: [TreeHash.File]) -> [[UInt8]: TreeHash.File] {
        Dictionary(files.map { (Array($0.relativePath.utf8), $0) }) { first, _ in first }
    }
}

extension ManifestVerifier.Finding {
    /// The finding as JSON: `kind`, `path`, and `expected` and `found` where there are such.
    package var json: JSONValue {
        func object(_ kind: String, _ path: String, _ more: [JSONValue.Member] = []) -> JSONValue {
            .object([.init("kind", .string(kind)), .init("path", .string(path))] + more)
        }
        return switch self {
        case .missing(let path): object("missing", path)
        case .unexpected(let path): object("unexpected", path)
        case .wrongByteCount(let path, let expected, let found):
            object("size", path, [.init("expected", .integer(expected)), .init("found", .integer(found))])
        case .wrongHash(let path, let expected, let found):
            object("sha256", path, [.init("expected", .string(expected)), .init("found", .string(found))])
        case .unusablePath(let path): object("unusable-path", path)
        }
    }
}
