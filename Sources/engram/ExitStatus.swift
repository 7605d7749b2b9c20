import ArgumentParser
import EngramDrops
import EngramPipeline
import Glibc

/// The exit codes of every command, those of sysexits.h where it has one. Documentation/Troubleshooting.md has the same table.
enum ExitStatus: Int32, CaseIterable {
    case success = 0
    case someDropsFailed = 1
    case usage = 64
    case unusableData = 65
    case noInput = 66
    case internalError = 70
    case inboxGone = 72
    case outputNotCreated = 73
    case inputOutputError = 74
    case temporaryFailure = 75
    case wrongConfiguration = 78

    /// What the code says, as `--help` prints it.
    var meaning: String {
        switch self {
        case .success: "all well"
        case .someDropsFailed: "finished, and some drops were rejected, failed or not recalled"
        case .usage: "wrong usage of the command line"
        case .unusableData: "the data given cannot be used"
        case .noInput: "the input does not exist or cannot be read"
        case .internalError: "an error of the program itself; please report it"
        case .inboxGone: "the inbox is not mounted, or is not the one it was"
        case .outputNotCreated: "the output cannot be created"
        case .inputOutputError: "reading or writing failed"
        case .temporaryFailure: "a temporary failure; the same command may work later"
        case .wrongConfiguration: "the configuration is wrong"
        }
    }

    /// For ArgumentParser.
    var exitCode: ExitCode { ExitCode(rawValue) }

    /// What an error of the drop folders means.
    init(_ error: DropError) {
        self =
            switch error {
            case .system(_, _, let code) where [ENOSPC, EDQUOT, ENOMEM, EAGAIN, EMFILE, ENFILE, EBUSY].contains(code): .temporaryFailure
            case .system, .ledger, .immovableFolder: .inputOutputError
            case .alreadyRunning, .lockedByOtherHost, .sourceChanged, .interrupted: .temporaryFailure
            case .inboxGone: .inboxGone
            case .damagedLedger: .unusableData
            case .differentFileSystems, .notAFolder, .foreignLedger, .lostLedger, .newerLedger: .wrongConfiguration
            case .outputNotEmpty: .outputNotCreated
            case .unusableName, .unexpectedEntry, .companionNotAFile, .fileTooLong, .malformedJSON, .incompleteManifest:
                .unusableData
            case .workerNotStarted: error.isRetryable ? .temporaryFailure : .internalError
            case .staleAttempt, .emptyResult: .internalError
            }
    }

    /// What a wrong setting means: on the command line it is wrong usage, in a drop's own file it is wrong data, elsewhere configuration.
    /// - Parameter dropFile: The `source` of the drop's own settings file, if there is one.
    init(_ error: SettingsError, dropFile: String? = nil) {
        let source: String
        switch error {
        case .malformedOverride:
            self = .usage
            return
        case .unreadable(let path, _):
            self = path == dropFile ? .unusableData : .noInput
            return
        case .tooLarge(let path, _), .tooComplex(let path, _, _, _): source = path
        case .malformed(let place, _), .unknownKey(let place, _, _, _), .duplicateKey(let place, _), .missingKey(let place, _, _),
            .wrongType(let place, _, _, _), .outOfRange(let place, _, _, _):
            source = place.source
        }
        if source.hasPrefix("--set ") {
            self = .usage
        } else {
            self = source == dropFile ? .unusableData : .wrongConfiguration
        }
    }
}
