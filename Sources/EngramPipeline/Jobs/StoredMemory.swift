package import EngramDynamics
internal import EngramMemories
package import EngramReports
internal import Foundation
package import EngramSystem

/// What a published memory says of itself beside its network: its report and the settings that made it.
package struct MemoryDescription: Sendable {
    /// What `report.json` says.
    package let report: DropReport
    /// What `settings.yml` says.
    package let settings: DropSettings

    /// Reads report and settings of a memory, not its network.
    ///
    /// - Throws: `Failure`, also for a result of another job than memorizing.
    package init(_ files: MemoryFiles) throws(Failure) {
        let json = Data(try files.bytes("report.json"))
        if let header = try? ReportHeader(json: json), header.jobName != DropReport.jobName {
            throw Failure(
                memory: files.folder, expected: "a memory", found: "the result of another job, \(header.jobName)",
                remedy: "engram memories lists what can be asked")
        }
        let remedy = "read it with the version that its manifest names, or restore it from a copy"
        do {
            report = try DropReport(json: json)
        } catch {
            throw Failure(
                memory: files.folder + "/report.json", expected: "a report of schema \(DropReport.currentSchema)", found: "\(error)",
                remedy: remedy)
        }
        let text = String(decoding: try files.bytes("settings.yml"), as: UTF8.self)
        do {
            settings = try DropSettings(file: SettingsFile(source: files.folder + "/settings.yml", text: text)).reading(as: report)
        } catch {
            throw Failure(
                memory: files.folder + "/settings.yml", expected: "the settings that made the memory", found: "\(error)", remedy: remedy)
        }
    }
}

/// A published memory, read back: its network, its report and the settings that made it.
package struct StoredMemory: Sendable {
    /// The folder.
    package let folder: String
    /// What `report.json` says.
    package let report: DropReport
    /// The map f: R^d → R^d, of whatever family.
    package let map: any StoredMap
    /// The network's file name in the folder.
    package var networkFile: String { report.network.file }
    /// What `settings.yml` says.
    package let settings: DropSettings

    /// Reads a folder that `engram` published, and checks that its parts belong together.
    ///
    /// - Throws: `Failure` for a folder without a manifest, a missing or damaged file, one of another version, weights that are not
    ///   finite, and a network that is not d → d or of another size than the report's.
    package init(folder: String) throws(Failure) {
        guard FileManager.default.fileExists(atPath: folder + "/manifest.json") else {
            throw Failure(
                memory: folder, expected: "a folder that engram published, with its manifest.json", found: "none",
                remedy: "name a folder of the outbox; one without a manifest was not finished")
        }
        let files = MemoryFiles(
            folder: folder, read: { path throws(Failure) in try Self.bytes(of: folder + "/" + path) })
        let description = try MemoryDescription(files)
        self.folder = folder
        (report, settings) = (description.report, description.settings)
        map = try Self.map(in: files, described: description)
    }

    /// The map of a memory whose files are checked as they are read.
    /// - Throws: `Failure`, case by case.
    static func map(in files: MemoryFiles, described description: MemoryDescription) throws(Failure) -> any StoredMap {
        try map(decoding: try files.bytes(description.report.network.file), in: files, described: description)
    }

    /// The map of a memory from the bytes of its network.
    /// - Throws: `Failure`, case by case.
    static func map(
        decoding bytes: [UInt8], in files: MemoryFiles, described description: MemoryDescription
    ) throws(Failure) -> any StoredMap {
        try map(
            decoding: bytes, at: files.folder + "/" + description.report.network.file, dimension: description.report.dimension)
    }

    /// The map of a `network.safetensors`, which can be iterated.
    ///
    /// - Parameter dimension: d, where it is known from elsewhere.
    /// - Throws: `Failure`, case by case.
    package static func map(at path: String, dimension: Int? = nil) throws(Failure) -> any StoredMap {
        try map(decoding: try bytes(of: path), at: path, dimension: dimension)
    }

    private static func map(decoding bytes: [UInt8], at path: String, dimension: Int?) throws(Failure) -> any StoredMap {
        let map: any StoredMap
        do {
            map = try MapRegistry.map(decoding: bytes)
        } catch {
            throw Failure(
                memory: path,
                expected:
                    "a memory of format \(StoredMapFormat.name) with finite weights, of a family this version knows (\(MapRegistry.familyNames.joined(separator: ", ")))",
                found: "\(error)",
                remedy: "restore the file from a copy, or read it with the version that wrote it")
        }
        guard map.inputDimension == map.outputDimension else {
            throw Failure(
                memory: path, expected: "a map of a space to itself, which can be iterated",
                found: "one from \(map.inputDimension) to \(map.outputDimension) values",
                remedy: "only networks that engram stored are memories")
        }
        if let dimension, dimension != map.inputDimension {
            throw Failure(
                memory: path, expected: "a network on \(dimension) values, as report.json says",
                found: "one on \(map.inputDimension)", remedy: "the two are of different results; restore both from one copy")
        }
        return map
    }

    /// The whole file.
    private static func bytes(of path: String) throws(Failure) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw Failure(
                memory: path, expected: "a file that can be read", found: (error as NSError).localizedDescription,
                remedy: "restore it from a copy, or give yourself the right to read it")
        }
    }
}

extension DropSettings {
    /// These settings with the kind that a memory was published as, where they leave it open, and the rules that its drop was read by.
    ///
    /// How `kind: auto` and the names in a folder are taken may change with the version; a memory is compared with its drop as it was read
    /// for it.
    package func reading(as published: DropReport) -> DropSettings {
        var settings = self
        settings.publishedMedia = published.media
        guard kind == .auto else { return settings }
        settings.kind = .value(published.kind == .sequence ? .sequence : .autoencoder)
        return settings
    }
}

extension DropReport {
    /// The cycles of a sequence as its items are numbered; nil unless they are all of `count` items, one after another.
    ///
    /// The files of several animations, written back as a picture each, do not tell where one ends.
    func cycleRanges(tiling count: Int) -> [Range<Int>]? {
        guard kind == .sequence, samples == count else { return nil }
        // Reports of earlier versions say it of cycles whose eigenvalues were computed.
        let lengths = media.cycleLengths ?? cycles.map(\.length)
        guard !lengths.isEmpty else { return nil }
        var ranges: [Range<Int>] = []
        var end = 0
        for length in lengths {
            guard length > 0, length <= count - end else { return nil }
            ranges.append(end..<end + length)
            end += length
        }
        return end == count ? ranges : nil
    }
}
