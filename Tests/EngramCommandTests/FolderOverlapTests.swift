import EngramPipeline
import EngramSystem
import Foundation
import Testing

@testable import engram

/// Places of a configuration that lie inside one another; the file system and a hand-written table of mounts are the oracle.
@Suite struct FolderOverlapTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func problems(_ inbox: String, _ outbox: String, _ state: String, files: [String] = []) -> [String] {
        func path(_ name: String) -> String { name.hasPrefix("/") ? name : folder.path + "/" + name }
        return FolderOverlap(
            folders: [
                .init(role: "inbox", path: path(inbox)), .init(role: "outbox", path: path(outbox)), .init(role: "state", path: path(state)),
            ],
            files: files.map { .init(role: "the configuration", path: path($0)) }
        ).problems
    }

    @Test func foldersBesideOneAnotherAreFine() {
        #expect(problems("inbox", "outbox", ".engram", files: ["pipeline.yml"]).isEmpty)
        #expect(problems("in", "in2", "in-state").isEmpty)
    }

    @Test(arguments: [
        ("in", "in/out", "state", "outbox"), ("out/in", "out", "state", "inbox"), ("in", "out", "in/.engram", "state"),
        ("state/in", "out", "state", "inbox"), ("in", "in/../in/out", "state", "outbox"), ("in", "x/../in/out", "state", "outbox"),
    ])
    func aFolderInAnotherIsNamedBeforeAnythingExists(inbox: String, outbox: String, state: String, inner: String) {
        let found = problems(inbox, outbox, state)
        #expect(found.count == 1 && found[0].hasPrefix("\(inner) (") && found[0].contains("lies inside of"), "\(found)")
    }

    @Test func oneFolderForTwoPurposesIsNamed() {
        #expect(problems("in", "in/", "state").first?.contains("inbox and outbox are the same folder") == true)
    }

    @Test func linksAreResolved() throws {
        try folder.write("", to: "in/sub/file")
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/elsewhere", withDestinationPath: folder.path + "/in/sub")
        #expect(problems("in", "elsewhere", "state").first?.hasPrefix("outbox (") == true)
        #expect(problems("in", "elsewhere/new/out", "state").first?.hasPrefix("outbox (") == true)
    }

    @Test func theConfigurationLiesInNoneOfThem() {
        #expect(problems("in", "out", "state", files: ["in/pipeline.yml"]).first?.hasPrefix("the configuration (") == true)
    }

    @Test func aMetricsFileMayLieWithWhatIsWrittenAndNotWithDrops() throws {
        for (place, isRefused) in [("in/engram.prom", true), ("out/engram.prom", false), ("state/engram.prom", false)] {
            let text = "inbox: in\noutbox: out\nstate: state\nmetrics_file: \(place)\n"
            let pipeline = try PipelineSettings(path: folder.write(text, to: "pipeline.yml"))
            #expect(FolderCheck.overlaps(of: pipeline, configurationPath: folder.path + "/pipeline.yml").isEmpty != isRefused, "\(place)")
        }
    }

    /// /mnt/a shows /srv/in of the same file system, /mnt/b its subfolder, /mnt/c another file system.
    @Test(arguments: [
        ("/srv/in", "/mnt/a", true), ("/srv/in", "/mnt/a/out", true), ("/srv/in", "/mnt/b", true), ("/mnt/b", "/srv/in/sub/out", true),
        ("/srv/in", "/mnt/c/in", false), ("/srv/in", "/srv/with space", false), ("/srv/in", "/mnt/c", false),
    ])
    func bindMountsAreResolved(inbox: String, outbox: String, isRefused: Bool) {
        let mounts = MountTable(
            """
            22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
            30 22 8:1 /srv/in /mnt/a rw - ext4 /dev/sda1 rw
            31 22 8:1 /srv/in/sub /mnt/b rw - ext4 /dev/sda1 rw
            32 22 8:2 / /mnt/c rw - ext4 /dev/sdb1 rw
            33 22 8:2 /srv/in /srv/with\\040space rw - ext4 /dev/sdb1 rw
            """)
        let overlap = FolderOverlap(
            folders: [.init(role: "inbox", path: inbox), .init(role: "outbox", path: outbox)], files: [], mounts: mounts)
        #expect(overlap.problems.isEmpty != isRefused, "\(overlap.problems)")
    }

    @Test func checkSaysWhatRunWouldRefuse() throws {
        try folder.write("", to: "state/.keep")
        let pipeline = try PipelineSettings(
            path: folder.write("inbox: in\noutbox: in/out\nstate: state\ninbox_marker: require\n", to: "pipeline.yml"))
        let found = FolderCheck.problems(of: pipeline, configurationPath: folder.path + "/pipeline.yml").joined(separator: "\n")
        #expect(found.contains("lies inside of inbox") && found.contains("it does not exist"), "\(found)")
        try folder.write("{}", to: "out/film/manifest.json")
        let lost = try PipelineSettings(path: folder.write("inbox: in\noutbox: out\nstate: state\n", to: "pipeline.yml"))
        let lostText = FolderCheck.problems(of: lost, configurationPath: folder.path + "/pipeline.yml").joined()
        #expect(lostText.contains("ledger") && lostText.contains("out/film"), "\(lostText)")
        try FileManager.default.removeItem(atPath: folder.path + "/out/film")
        #expect(FolderCheck.problems(of: lost, configurationPath: folder.path + "/pipeline.yml").isEmpty)
    }
}
