import EngramDrops
import EngramPipeline
import Glibc

/// One drop as a command finds it: where it lies, what it is called, and the settings that came with it.
struct DropInput: Equatable {
    /// The file or folder, by its real, absolute path.
    var path: String
    /// The last part of the path that was given.
    var name: String
    /// `NAME/drop.yml` or `NAME.drop.yml`.
    var settingsFile: SettingsFile?
    /// Whether the user named the settings file: what came with the drop may say less.
    var areSettingsChosen = false

    /// All parts at once.
    init(path: String, name: String, settingsFile: SettingsFile?) {
        self.path = path
        self.name = name
        self.settingsFile = settingsFile
    }

    /// Finds the drop that a user named.
    /// - Parameter settingsPath: A settings file to use in place of the one that lies with the drop.
    /// - Throws: `CommandFailure` if there is nothing at `path`, or its settings cannot be read.
    init(path: String, settingsPath: String? = nil) throws(CommandFailure) {
        guard let resolved = realpath(path, nil) else {
            let reason = SystemMessage.text(of: errno)
            throw CommandFailure(
                .noInput, stage: .decode, code: "no-input", message: "\(path) cannot be read: \(reason).",
                expected: "a folder of PNGs, a PNG, a recording or an IDX file", remedy: "check the path and its permissions")
        }
        defer { free(resolved) }
        self.path = String(cString: resolved)
        guard access(self.path, R_OK) == 0 else {
            throw CommandFailure(
                .noInput, stage: .decode, code: "no-input", message: "\(path) cannot be read: \(SystemMessage.text(of: errno)).",
                remedy: "give yourself the right to read it (chmod u+r)")
        }
        // A link's own name is what the user calls the drop; `.` and `/` have none of their own.
        let given = path.split(separator: "/").last.map(String.init) ?? "."
        let real = self.path.split(separator: "/").last.map(String.init) ?? "drop"
        name = given == "." || given == ".." ? real : given
        var beside = path
        while beside.count > 1, beside.hasSuffix("/") { beside.removeLast() }
        areSettingsChosen = settingsPath != nil
        if let settingsPath {
            settingsFile = try Self.read(settingsPath, shownAs: settingsPath, followsLink: true)
        } else {
            let parent = FolderCreation.parent(of: beside)
            let ownName = FolderCreation.lastPart(of: beside)
            let besides = Self.names(in: parent).filter { SettingsName.owner(of: $0) == ownName }
            let shownParent = beside.contains("/") ? String(beside.dropLast(ownName.count)) : ""
            settingsFile = try Self.only(
                Self.inside(self.path, shownAs: beside)
                    + besides.map { Candidate(path: parent + "/" + $0, shown: shownParent + $0, followsLink: true) })
        }
    }

    /// A drop that the daemon has taken; files are called by what their owner called them, since the work folder is gone when somebody
    /// reads of them.
    /// - Parameters:
    ///   - sourcePath: The source in the work folder.
    ///   - sidecarPath: The `NAME.drop.yml` that came with it.
    ///   - files: The disk; where others may still change the drop, one that follows no links there.
    init(sourcePath: String, sidecarPath: String?, files: FileSystem = FileSystem()) throws(CommandFailure) {
        path = sourcePath
        name = FolderCreation.lastPart(of: sourcePath)
        var candidates = Self.inside(sourcePath, shownAs: name, files: files)
        // What may not be looked at is there, and is refused with its reason when it is read.
        if let sidecarPath, (try? files.exists(sidecarPath)) ?? true {
            candidates.append(Candidate(path: sidecarPath, shown: name + InboxScanner.settingsSuffix))
        }
        settingsFile = try Self.only(candidates, files: files)
    }

    /// A settings file, and what its owner calls it.
    private struct Candidate {
        let path: String
        let shown: String
        /// Beside a drop in the foreground it is the user's own.
        var followsLink = false
    }

    /// What lies in a folder as its settings.
    private static func inside(_ folder: String, shownAs shown: String, files: FileSystem = FileSystem()) -> [Candidate] {
        names(in: folder, files: files).filter(SettingsName.isInside).map { Candidate(path: folder + "/" + $0, shown: shown + "/" + $0) }
    }

    /// The names of a folder that are text; none for a file, or where it may not be listed.
    private static func names(in folder: String, files: FileSystem = FileSystem()) -> [String] {
        let names = (try? files.rawNames(in: folder)) ?? []
        return names.compactMap { String(validating: $0, as: UTF8.self) }.sorted()
    }

    private static func only(_ candidates: [Candidate], files: FileSystem? = nil) throws(CommandFailure) -> SettingsFile? {
        guard candidates.count < 2 else {
            throw CommandFailure(
                .unusableData, stage: .settings, code: "two-settings", message: "the drop has two settings files.",
                expected: "one of them", found: "\(candidates[0].shown) and \(candidates[1].shown)", remedy: "put both into one")
        }
        return try candidates.first.map { candidate throws(CommandFailure) in
            try read(candidate.path, shownAs: candidate.shown, followsLink: candidate.followsLink, files: files)
        }
    }

    private static func read(
        _ path: String, shownAs shown: String, followsLink: Bool, files: FileSystem? = nil
    ) throws(CommandFailure) -> SettingsFile {
        do {
            if let files { return try SettingsFile(source: shown, bytes: text(of: path, files: files, shownAs: shown)) }
            return SettingsFile(source: shown, text: try SettingsFile(path: path, followsLink: followsLink).text)
        } catch {
            // The error names the path that was read; its owner knows the other.
            throw CommandFailure(error.renamed(from: path, to: shown), dropFile: shown)
        }
    }

    private static func text(of path: String, files: FileSystem, shownAs shown: String) throws(SettingsError) -> [UInt8] {
        do throws(DropError) {
            // One byte above the limit, to see that it is longer.
            return try files.read(path, count: SettingsFile.byteCountLimit + 1)
        } catch {
            if case .system(_, _, let code) = error {
                throw .unreadable(
                    path: shown, reason: code == ELOOP ? "it is a symbolic link, which is not followed" : SystemMessage.text(of: code))
            }
            throw .unreadable(path: shown, reason: "not a regular file")
        }
    }

    /// Merges everything that applies to this drop, weakest first: the presets, `defaults:` and `rules:` of `pipeline`, the drop's own
    /// file, `overrides`.
    /// - Throws: `CommandFailure` with the place of the mistake.
    func settings(pipeline: PipelineSettings, overrides: [String] = []) throws(CommandFailure) -> DropSettings {
        do {
            return try pipeline.dropSettings(
                named: name, dropFile: areSettingsChosen ? nil : settingsFile, chosenFile: areSettingsChosen ? settingsFile : nil,
                overrides: overrides)
        } catch {
            throw CommandFailure(error, dropFile: settingsFile?.source)
        }
    }
}

extension SettingsError {
    /// The same error about a file under the name that its owner gave it.
    func renamed(from path: String, to shown: String) -> SettingsError {
        switch self {
        case .unreadable(path, let reason): .unreadable(path: shown, reason: reason)
        case .tooLarge(path, let limit): .tooLarge(path: shown, limit: limit)
        case .malformed(let place, let problem) where place.source == path:
            .malformed(SettingsLocation(source: shown, line: place.line, column: place.column), problem: problem)
        default: self
        }
    }
}
