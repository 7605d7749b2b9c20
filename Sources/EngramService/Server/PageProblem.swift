internal import EngramDrops
internal import EngramSystem
internal import Glibc
internal import HTTPTypes

/// Why a request was not answered as it was meant, with what to do about it.
struct PageProblem: Error, Equatable {
    var status: HTTPResponse.Status
    /// One word for programs.
    var code: String
    var message: String
    var remedy: String?

    init(_ status: HTTPResponse.Status, code: String, message: String, remedy: String? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.remedy = remedy
    }

    /// Nothing is at an address.
    static func notFound(_ what: String) -> PageProblem {
        PageProblem(.notFound, code: "not-found", message: "\(what) is not here.", remedy: "begin at the first page")
    }

    /// Any error that a request can meet. The texts of folders and ledger name places of this machine, and are meant for who runs it.
    init(any error: any Error) {
        switch error {
        case let problem as PageProblem: self = problem
        case let error as DropError where error.isDiskFull:
            self.init(
                .noRoom, code: "disk-full", message: "The disk is full; nothing was kept of what was sent.",
                remedy: "free some space and send it again")
        case let error as DropError: self.init(.internalServerError, code: "files", message: "\(error)")
        default: self.init(.internalServerError, code: "unexpected", message: "an unexpected error: \(error)", remedy: "please report it")
        }
    }

    /// For programs: `engram-error/1`, as `error.json` of a rejected drop.
    var json: JSONValue {
        .object([
            .init("schema", .string("engram-error/1")), .init("code", .string(code)), .init("message", .string(message)),
            .init("remedy", remedy.map { .string($0) } ?? .null),
        ])
    }
}

extension HTTPResponse.Status {
    /// RFC 4918: what was sent cannot be kept.
    static let noRoom = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}

extension DropError {
    /// Whether there was no room for what was written.
    var isDiskFull: Bool {
        guard case .system(_, _, let code) = self else { return false }
        return code == ENOSPC || code == EDQUOT
    }
}
