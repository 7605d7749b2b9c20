@testable import EngramDrops
import Glibc
import Testing

@Suite struct DropErrorTests {
    @Test(arguments: [
        (
            DropError.system(operation: "writing", path: "/a", code: ENOSPC),
            "writing /a failed: No space left on device. Free some space; it is tried again."
        ),
        (
            .system(operation: "opening", path: "/a", code: EACCES),
            "opening /a failed: Permission denied. Give engram's user the right to read and write there (mode u+rwX, or g+rwX in a group of its own)."
        ),
        (
            .companionNotAFile(path: "/a.drop.yml", kind: "symbolic link"),
            "/a.drop.yml is a symbolic link, and the settings or the done marker of a drop must be a file; put a file there or take it away."
        ),
        (
            .differentFileSystems(first: "/a", second: "/b"),
            "/a and /b are on different file systems, so a drop cannot be moved between them in one step; "
                + "put the inbox, the outbox and the state folder on one file system."
        ),
        (.notAFolder(path: "/a"), "/a must be a folder and is something else; move it away or name another place."),
        (
            .alreadyRunning(lockPath: "/l", holder: "pid 3"),
            "another engram works on this state folder (/l, held by pid 3); stop it first or use another state folder."
        ),
        (.ledger(path: "/l", reason: "r"), "the ledger /l cannot be used: r"),
        (.newerLedger(path: "/l"), "the ledger /l was written by a newer engram; use that version or another state folder."),
        (
            .staleAttempt(id: "1", expected: "token a", found: "token b"),
            "drop 1: this attempt is over (expected token a, the ledger has token b); nothing was published by it."
        ),
        (.unusableName(name: "a\n", reason: "r"), "the name \"a\\n\" cannot be used: r."),
        (.outputNotEmpty(path: "/o"), "/o already holds something; name a folder that is empty or does not exist."),
        (.emptyResult(path: "/o"), "the worker ended well and left no file in /o; see its log."),
        (
            .unexpectedEntry(path: "/o", kind: "socket"),
            "/o is a socket, and only files and folders can be part of a drop or of a result; replace it by what it stands for."
        ),
        (.malformedJSON(path: "/j", byteOffset: 4, expected: "':'"), "/j is not valid JSON: expected ':' at byte 4."),
        (.incompleteManifest(path: "/m", missing: "name"), "/m lacks name; it is not a manifest that engram wrote."),
        (
            .workerNotStarted(executable: "/w", code: ENOENT),
            "the worker /w could not be started: No such file or directory. Check that the path exists."
        ),
    ])
    func theTextSaysWhereWhatAndWhatNext(error: DropError, text: String) { #expect(error.description == text) }

    /// Wrapped, the texts would be too much for one expression.
    private static let longTexts: [(DropError, [String])] = [
        (
            .immovableFolder(path: "/i/a", mode: 0o2755, needed: "g+w"),
            [
                "/i/a cannot be moved out of the inbox: that takes the right to write in the folder, and its mode is 2755;",
                "engram's user needs mode g+w.",
            ]
        ),
        (
            .foreignLedger(path: "/l", applicationID: 7),
            [
                "/l is a database of another program (application id 7); move it away, name another state folder,",
                "or run `engram rebuild`, which does the first and makes a new ledger from the manifests in the outbox.",
            ]
        ),
        (
            .lostLedger(path: "/l", trace: "/o/a/manifest.json"),
            [
                "there is no ledger /l, and drops were worked on before (/o/a/manifest.json), which would be trained and published again.",
                "Put the ledger back from a copy, or run `engram rebuild`, which makes a new one from the outbox and the archive.",
            ]
        ),
        (
            .lockedByOtherHost(lockPath: "/l", holder: "host b"),
            [
                "the lock /l on a shared file system was not released by host b; if no engram runs there any more,",
                "remove that file and start again.",
            ]
        ),
        (
            .inboxGone(path: "/i", reason: "r"),
            [
                "the inbox /i is not the folder that it was: r. Nothing was taken from it or marked as gone. Mount it again;",
                "if the folder was replaced on purpose, run `engram init` where pipeline.yml is.",
            ]
        ),
        (
            .damagedLedger(path: "/l", reason: "r"),
            [
                "the ledger /l is damaged: r. Stop engram and run `engram rebuild`: it keeps the damaged file beside a new",
                "ledger made from the manifests in the outbox.",
            ]
        ),
    ]

    @Test(arguments: longTexts)
    func theLongerTextsSayItToo(error: DropError, lines: [String]) { #expect(error.description == lines.joined(separator: " ")) }

    @Test func onlyWhatMayPassByItselfIsRetryable() {
        for code in [ENOSPC, EIO, EACCES, ENOMEM] { #expect(DropError.system(operation: "o", path: "p", code: code).isRetryable) }
        for code in [ENOENT, EXDEV, ENOTDIR] { #expect(!DropError.system(operation: "o", path: "p", code: code).isRetryable) }
        #expect(!DropError.emptyResult(path: "p").isRetryable)
    }

    /// Moments from `date -u -d @N`.
    @Test(arguments: [
        (0.0, "1970-01-01T00:00:00.000Z"), (951_782_399.9996, "2000-02-28T23:59:59.999Z"), (1_709_210_096.25, "2024-02-29T12:34:56.250Z"),
        (-0.001, "1969-12-31T23:59:59.999Z"),
    ])
    func momentsAreWrittenAsTheStandardSays(seconds: Double, text: String) { #expect(Stamp.iso8601(seconds) == text) }

    @Test func identifiersSortByTime() {
        let identifiers = [0.001, 1, 999_999_999, 1_000_000_000, 1_000_000_000.001, 4e9].map {
            Stamp.identifier(secondsSinceEpoch: $0, random: UInt64.max - UInt64($0))
        }
        #expect(identifiers == identifiers.sorted())
    }
}
