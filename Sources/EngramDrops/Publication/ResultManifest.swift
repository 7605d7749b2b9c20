/// What `manifest.json` says: the files of a result with their hashes, and what they were made from.
///
/// It holds no time, no token and no identifier, so the same drop gives the same bytes.
package struct ResultManifest: Equatable, Sendable {
    /// The facts that the caller knows; the files are added when the folder is sealed.
    package struct Origin: Equatable, Sendable {
        /// The drop's name.
        package var name: String
        /// `TreeHash.sha256` of the source.
        package var contentSHA256: String
        /// The fingerprint of the settings, nil if unknown.
        package var settingsSHA256: String?
        /// The hashes of the source's files.
        package var inputs: [TreeHash.File]
        /// Versions of what made the result, by name.
        package var versions: [String: String]
        /// What was done with the drop, where its place in the inbox does not say it; nil where it does.
        package var job: String?

        /// Creates the facts.
        package init(
            name: String, contentSHA256: String, settingsSHA256: String?, inputs: [TreeHash.File], versions: [String: String],
            job: String? = nil
        ) {
            self.name = name
            self.contentSHA256 = contentSHA256
            self.settingsSHA256 = settingsSHA256
            self.inputs = inputs
            self.versions = versions
            self.job = job
        }
    }

    /// The file's name in a result's folder.
    package static let fileName = "manifest.json"
    /// The value of `schema`.
    package static let schema = "engram-manifest/1"

    /// What the result was made from.
    package var origin: Origin
    /// Every file of the folder but the manifest itself, sorted by the bytes of their paths.
    package var files: [TreeHash.File]

    /// The manifest as JSON.
    package var json: JSONValue {
        .object(
            [
                .init("schema", .string(Self.schema)), .init("name", .string(origin.name)),
            ] + (origin.job.map { [.init("job", .string($0))] } ?? []) + [
                .init("content_sha256", .string(origin.contentSHA256)),
                .init("settings_sha256", origin.settingsSHA256.map { .string($0) } ?? .null),
                .init("versions", .object(origin.versions.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })),
                .init("inputs", Self.json(of: origin.inputs)), .init("files", Self.json(of: files)),
            ])
    }

    static func json(of files: [TreeHash.File]) -> JSONValue {
        .array(
            files.map { file in
                .object([
                    .init("path", .string(file.relativePath)), .init("bytes", .integer(file.byteCount)),
                    .init("sha256", .string(file.sha256)),
                ])
            })
    }

    static func files(_ json: JSONValue?, path: String, member: String) throws(DropError) -> [TreeHash.File] {
        guard case .array(let values) = json else { throw .incompleteManifest(path: path, missing: "the list \"\(member)\"") }
        var files: [TreeHash.File] = []
        for value in values {
            guard let name = value["path"]?.string, let bytes = value["bytes"]?.integer, let sha256 = value["sha256"]?.string else {
                throw .incompleteManifest(path: path, missing: "path, bytes or sha256 in \"\(member)\"")
            }
            files.append(TreeHash.File(relativePath: name, byteCount: bytes, sha256: sha256))
        }
        return files
    }

    /// Reads the manifest of a published folder.
    /// - Throws: `DropError.system` if there is none, `.malformedJSON` or `.incompleteManifest` if it is not one.
    package static func read(from folder: String, files: FileSystem = FileSystem()) throws(DropError) -> ResultManifest {
        let path = folder + "/" + fileName
        // 64 MiB hold the lines of half a million files.
        let json = try JSONValue.parse(try files.read(path, count: 64 << 20), path: path)
        guard json["schema"]?.string == schema else { throw .incompleteManifest(path: path, missing: "schema \(schema)") }
        guard let name = json["name"]?.string, let content = json["content_sha256"]?.string else {
            throw .incompleteManifest(path: path, missing: "name or content_sha256")
        }
        var versions: [String: String] = [:]
        if case .object(let members) = json["versions"] { for member in members { versions[member.name] = member.value.string } }
        let origin = Origin(
            name: name, contentSHA256: content, settingsSHA256: json["settings_sha256"]?.string,
            inputs: try Self.files(json["inputs"], path: path, member: "inputs"), versions: versions, job: json["job"]?.string)
        return ResultManifest(origin: origin, files: try Self.files(json["files"], path: path, member: "files"))
    }
}

/// Re-checks a published folder against its manifest.
package struct ManifestVerifier: Sendable {
    /// One difference.
    package enum Finding: Equatable, Sendable, CustomStringConvertible {
        case missing(path: String)
        case unexpected(path: String)
        case wrongByteCount(path: String, expected: Int64, found: Int64)
        case wrongHash(path: String, expected: String, found: String)
        case unusablePath(path: String)

        /// The text for people.
        package var description: String {
            switch self {
            case .missing(let path): "\(path) is in the manifest and not in the folder."
            case .unexpected(let path): "\(path) is in the folder and not in the manifest."
            case .wrongByteCount(let path, let expected, let found): "\(path) should have \(expected) bytes and has \(found)."
            case .wrongHash(let path, let expected, let found): "\(path) was changed: SHA-256 should be \(expected) and is \(found)."
            case .unusablePath(let path): "the manifest names \(path.debugDescription), which is not a path inside the folder."
            }
        }
    }

    private let files: FileSystem

    /// Creates a verifier.
    package init(files: FileSystem = FileSystem()) { self.files = files }

    /// Returns every difference; empty when the folder is what was published.
    package func findings(in folder: String) throws(DropError) -> [Finding] {
        let manifest = try ResultManifest.read(from: folder, files: files)
        var findings = try differences(from: manifest, in: folder)
        let listed = Set([Array(ResultManifest.fileName.utf8)] + manifest.files.map { Array($0.relativePath.utf8) })
        for file in try TreeSnapshot.take(folder, files: files)?.files ?? [] where !listed.contains(Array(file.relativePath.utf8)) {
            findings.append(.unexpected(path: file.relativePath))
        }
        return findings
    }

    /// Returns what is missing or changed of what was published; what somebody laid beside it is theirs.
    func differences(from manifest: ResultManifest, in folder: String) throws(DropError) -> [Finding] {
        var findings: [Finding] = []
        for file in manifest.files { if let finding = try finding(of: file, in: folder) { findings.append(finding) } }
        return findings
    }

    /// What is wrong with one published file; nil where it is what was published.
    func finding(of file: TreeHash.File, in folder: String) throws(DropError) -> Finding? {
        guard ResultManifest.isInside(file.relativePath) else { return .unusablePath(path: file.relativePath) }
        let path = folder + "/" + file.relativePath
        guard let facts = try files.facts(of: path), facts.kind == .file else { return .missing(path: file.relativePath) }
        guard facts.byteCount == file.byteCount else {
            return .wrongByteCount(path: file.relativePath, expected: file.byteCount, found: facts.byteCount)
        }
        let found = try files.hash(of: path).sha256
        return found == file.sha256 ? nil : .wrongHash(path: file.relativePath, expected: file.sha256, found: found)
    }
}

extension ResultManifest {
    /// Whether a path that a manifest names stays in the manifest's folder.
    static func isInside(_ relativePath: String) -> Bool {
        !DropJob.parts(of: relativePath).contains { $0.isEmpty || $0 == "." || $0 == ".." }
    }
}
