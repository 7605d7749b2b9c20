internal import EngramDrops
internal import EngramReports
internal import EngramSystem
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

extension PageRoutes {
    /// What the ledger and the report know of one drop.
    struct Biography: Sendable {
        var row: DropRow
        var transitions: [DropTransition]
        var report: PublishedReport?
        var recall: RecallReport?
    }

    /// The identifier in an address; those of the ledger are letters, digits and dashes.
    func identifier(_ context: PageContext) throws(PageProblem) -> String {
        guard let id = context.parameters.get("id"), !id.isEmpty, id.utf8.count <= 80,
            id.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || UnicodeScalar($0).properties.isAlphabetic || (0x30...0x39).contains($0) })
        else { throw .notFound("This drop") }
        return id
    }

    func biography(_ context: PageContext) async throws -> Biography {
        let (id, source, shelf) = (try identifier(context), source, shelf)
        return try await Blocking.run {
            guard let ledger = try shelf.ledger(), let row = try ledger.row(id) else { throw PageProblem.notFound("This drop") }
            var life = Biography(row: row, transitions: try ledger.transitions(of: id), report: PublishedReport(of: row))
            if row.state == .archived, row.job.kind.asksMemory, let folder = row.resultPath,
                let bytes = try? FileSystem().guarding(source.folders.guarded).read(folder + "/report.json", count: 16 << 20)
            {
                life.recall = try? RecallReport(json: Data(bytes))
            }
            return life
        }
    }

    func dropFacts(_ request: Request, _ context: PageContext) async throws -> Response {
        let life = try await biography(context)
        let row = life.row
        let result = DropPage.address(of: row, folders: source.folders)
        let steps = life.transitions.map { step in
            JSONValue.object([
                .init("at", .string(Timestamp.text(step.at))), .init("state", .string(step.to.rawValue)),
                .init("reason", .string(step.reason)),
            ])
        }
        return Reply.json(
            .object([
                .init("schema", .string("engram-drop/1")), .init("id", .string(row.id)), .init("name", .string(row.name)),
                .init("job", .string(row.job.name)), .init("state", .string(row.state.rawValue)), .init("final", .bool(row.state.isFinal)),
                .init("reason", .string(row.reason)), .init("result", result.map { .string($0) } ?? .null),
                .init("outcome", life.report?.summary.map { .string($0.outcome) } ?? .null), .init("steps", .array(steps)),
            ]))
    }

    func digests() async throws -> Response {
        let names = try await feed.snapshot().digests
        return Reply.json(
            .object([
                .init("schema", .string("engram-digests/1")),
                .init("digests", .array(names.map { .string("/results/" + PathParts.encoded($0)) })),
            ]))
    }

    // MARK: Another chance

    func requeueForm(_ request: Request, _ context: PageContext) async throws -> Response {
        _ = try await requeue(context)
        return Reply.redirect(to: "/")
    }

    func requeueCall(_ request: Request, _ context: PageContext) async throws -> Response {
        Reply.json(.object([.init("schema", .string("engram-requeue/1")), .init("state", .string(try await requeue(context)))]))
    }

    /// Does what `engram requeue` does, beside a daemon or without one.
    private func requeue(_ context: PageContext) async throws -> String {
        let (id, folders) = (try identifier(context), source.folders)
        return try await Blocking.run {
            let ledger = try Ledger.existing(at: folders.ledgerPath, clock: SystemDropClock(), isWritable: true)
            guard let row = try ledger.row(id) else { throw PageProblem.notFound("This drop") }
            let outcome = try Requeue(folders: folders, ledger: ledger).requeue(row)
            Requeue.nudge(inbox: folders.inbox)
            switch outcome {
            case .returned: return "returned"
            case .hurried: return "hurried"
            case .nameTaken:
                throw PageProblem(
                    .conflict, code: "name-taken", message: "The inbox holds something called \(row.entryName) already.",
                    remedy: "wait until it is taken")
            case .sourceMissing:
                throw PageProblem(
                    .gone, code: "source-missing", message: "The source of \(row.entryName) is not there any more.", remedy: "drop it again"
                )
            case .notFailed(let state):
                throw PageProblem(.conflict, code: "not-failed", message: "\(row.entryName) did not fail; it is \(StateWord.text(state)).")
            }
        }
    }

    // MARK: Uploads

    func beginUpload(_ request: Request, _ context: PageContext) async throws -> Response {
        var request = request
        let body = try await request.collectBody(upTo: 64 << 10)
        let order: JSONValue
        do {
            order = try JSONValue.parse(Array(buffer: body), path: "request")
        } catch {
            throw PageProblem(.badRequest, code: "json", message: "\(error)")
        }
        let upload = try await uploads.begin(
            memory: order["memory"]?.string, folder: order["folder"]?.string, byteCount: order["bytes"]?.integer ?? 0)
        return Reply.json(
            .object([
                .init("schema", .string("engram-upload/1")), .init("id", .string(upload.id)),
                .init("limit", .integer(settings.uploadByteLimit)),
            ]),
            status: .created)
    }

    func receive(_ request: Request, _ context: PageContext) async throws -> Response {
        let id = try identifier(context)
        guard let parts = PathParts.names(of: request.uri.path, after: "/api/uploads/\(id)/files/") else {
            throw PageProblem(.badRequest, code: "name", message: "This cannot be the name of a file in a drop.", remedy: "rename the file")
        }
        let expected = request.headers[.contentLength].flatMap { Int64($0) }
        do {
            try await uploads.receive(id, path: parts, expected: expected, pieces: request.body.map { Array(buffer: $0) })
        } catch {
            // The rest of a file that is refused need not come.
            context.closeSoon()
            throw error
        }
        return Response(status: .noContent)
    }

    func finishUpload(_ request: Request, _ context: PageContext) async throws -> Response {
        let names = try await uploads.finish(try identifier(context))
        return Reply.json(
            .object([.init("schema", .string("engram-uploaded/1")), .init("drops", .array(names.map { .string($0) }))]))
    }

    func cancelUpload(_ request: Request, _ context: PageContext) async throws -> Response {
        try await uploads.cancel(try identifier(context))
        return Response(status: .noContent)
    }
}

extension LedgerShelf {
    /// The latest cues that a memory was asked with, newest first.
    func asked(of memory: String) throws -> [StatusReport.Drop] {
        guard let ledger = try ledger() else { return [] }
        return try ledger.latest(300).filter { $0.job.memory.map { MemoryName.isMeant(memory, by: $0) } ?? false }.prefix(20).map { row in
            let report = PublishedReport(of: row)
            return StatusReport.Drop(row: row, summary: report?.summary)
        }
    }
}
