/// A published folder that is read file by file, each checked against the manifest as it is read.
package struct SealedFolder: Sendable {
    /// What is wrong with a file of it.
    package struct Fault: Error, Equatable, Sendable {
        /// The file, by its path.
        package var path: String
        /// What was found in place of what was published.
        package var found: String
    }

    /// The folder.
    package let path: String
    /// What it should hold.
    package let manifest: ResultManifest
    private let files: FileSystem
    private let entries: [String: TreeHash.File]

    /// Reads the manifest.
    /// - Throws: `DropError` where there is none, or it is damaged.
    package init(_ path: String, files: FileSystem = FileSystem()) throws(DropError) {
        self.path = path
        self.files = files
        manifest = try ResultManifest.read(from: path, files: files)
        entries = Dictionary(manifest.files.map { ($0.relativePath, $0) }) { first, _ in first }
    }

    /// The paths of the published files below `folder`, in the manifest's order.
    package func paths(below folder: String) -> [String] {
        manifest.files.map(\.relativePath).filter { $0.hasPrefix(folder + "/") }
    }

    /// The SHA-256 that the manifest has of a file; nil for one that it does not name.
    package func sha256(of relativePath: String) -> String? { entries[relativePath]?.sha256 }

    /// The bytes of a published file, of which only the number was checked: `check(_:as:)` says whether they are what was published, and
    /// until it does nothing may be told of them.
    /// - Throws: `Fault` for a file that is not in the manifest, is missing, or is shorter or longer than what was published.
    package func read(_ relativePath: String) throws(Fault) -> [UInt8] {
        let (entry, place) = try entry(relativePath)
        let bytes: [UInt8]
        do throws(DropError) {
            // One byte more than there should be shows a file that grew.
            bytes = try files.read(place, count: Int(clamping: entry.byteCount) &+ 1)
        } catch {
            throw Fault(path: place, found: "\(error)")
        }
        guard bytes.count == Int(clamping: entry.byteCount) else {
            throw Fault(path: place, found: bytes.count < entry.byteCount ? "\(bytes.count) bytes of \(entry.byteCount)" : "more bytes")
        }
        return bytes
    }

    /// Checks what was read of a published file.
    /// - Throws: As `read`.
    package func check(_ bytes: [UInt8], as relativePath: String) throws(Fault) {
        let (entry, place) = try entry(relativePath)
        guard SHA256.hash(bytes) == entry.sha256 else { throw Fault(path: place, found: "other bytes than were published") }
    }

    /// Checks a published file without keeping its bytes.
    /// - Throws: As `read`.
    package func check(_ relativePath: String) throws(Fault) {
        let (entry, place) = try entry(relativePath)
        let finding: ManifestVerifier.Finding?
        do throws(DropError) {
            finding = try ManifestVerifier(files: files).finding(of: entry, in: path)
        } catch {
            throw Fault(path: place, found: "\(error)")
        }
        switch finding {
        case nil: return
        case .missing: throw Fault(path: place, found: "no file")
        default: throw Fault(path: place, found: "other bytes than were published")
        }
    }

    /// Checks every published file below a folder.
    /// - Throws: As `read`, about the first that is not what was published.
    package func check(below folder: String) throws(Fault) {
        for path in paths(below: folder) { try check(path) }
    }

    /// Whether the folder at this path still has the same manifest.
    package func isUnchanged() -> Bool { (try? ResultManifest.read(from: path, files: files)) == manifest }

    private func entry(_ relativePath: String) throws(Fault) -> (TreeHash.File, place: String) {
        let place = path + "/" + relativePath
        guard ResultManifest.isInside(relativePath), let entry = entries[relativePath] else {
            throw Fault(path: place, found: "a file that its manifest does not name")
        }
        return (entry, place)
    }
}
