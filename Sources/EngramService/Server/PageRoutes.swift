internal import EngramDrops
internal import EngramReports
internal import EngramSystem
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// One address and what answers it.
struct PageRoute: Sendable {
    var method: HTTPRequest.Method
    /// As in Hummingbird and OpenAPI: `/api/drops/{id}`; `**` at the end stands for any path.
    var path: String
    var answer: @Sendable (Request, PageContext) async throws -> Response
}

/// Every address of the server. `Resources/openapi.json` describes the same list, and a test compares the two.
struct PageRoutes: Sendable {
    let source: ServiceSource
    let settings: PageSettings
    let sessions: Sessions
    let frame: PageFrame
    let feed: LiveFeed
    let shelf: LedgerShelf
    let uploads: UploadDesk
    let guesses = WrongGuesses()

    init(_ source: ServiceSource, _ settings: PageSettings) {
        self.source = source
        self.settings = settings
        sessions = Sessions(token: settings.token)
        frame = PageFrame(sessions: sessions, version: source.version)
        shelf = LedgerShelf(source)
        feed = LiveFeed(source, shelf: shelf) { snapshot in HomePage(snapshot: snapshot).parts.map { ($0.id, $0.markup.source) } }
        uploads = UploadDesk(folders: source.folders, settings: settings)
    }

    /// One line each.
    var all: [PageRoute] {
        [
            PageRoute(method: .get, path: "/") { try await home($1) },
            PageRoute(method: .get, path: "/drops/{id}") { try await drop($0, $1) },
            PageRoute(method: .post, path: "/drops/{id}/requeue") { try await requeueForm($0, $1) },
            PageRoute(method: .get, path: "/memories/{name}") { try await memory($0, $1) },
            PageRoute(method: .get, path: "/previews/{id}") { try await preview($0, $1) },
            PageRoute(method: .get, path: "/results/**") { request, _ in try await results(request) },
            PageRoute(method: .get, path: "/events") { _, _ in await events() },
            PageRoute(method: .get, path: "/login") { _, context in Reply.html(frame.login(context, isWrong: false)) },
            PageRoute(method: .post, path: "/login") { try await login($0, $1) },
            PageRoute(method: .post, path: "/logout") { _, _ in logout() },
            PageRoute(method: .get, path: "/page.css") { request, _ in PageAssets.style(for: request) },
            PageRoute(method: .get, path: "/page.js") { request, _ in PageAssets.script(for: request) },
            PageRoute(method: .get, path: "/icon.svg") { request, _ in PageAssets.icon(for: request) },
            PageRoute(method: .get, path: "/healthz") { _, _ in Reply.text("ok\n") },
            PageRoute(method: .get, path: "/metrics") { _, _ in try await metrics() },
            PageRoute(method: .get, path: "/api/openapi.json") { request, _ in PageAssets.description(for: request) },
            PageRoute(method: .get, path: "/api/session") { _, context in session(context) },
            PageRoute(method: .get, path: "/api/status") { _, _ in Reply.json(try await feed.snapshot().status.json) },
            PageRoute(method: .get, path: "/api/memories") { _, _ in Reply.json(try await feed.snapshot().memories.json) },
            PageRoute(method: .get, path: "/api/digests") { _, _ in try await digests() },
            PageRoute(method: .get, path: "/api/drops/{id}") { try await dropFacts($0, $1) },
            PageRoute(method: .post, path: "/api/drops/{id}/requeue") { try await requeueCall($0, $1) },
            PageRoute(method: .post, path: "/api/uploads") { try await beginUpload($0, $1) },
            PageRoute(method: .put, path: "/api/uploads/{id}/files/**") { try await receive($0, $1) },
            PageRoute(method: .post, path: "/api/uploads/{id}/finish") { try await finishUpload($0, $1) },
            PageRoute(method: .delete, path: "/api/uploads/{id}") { try await cancelUpload($0, $1) },
        ]
    }

    /// The responder to all of them, behind the fence.
    func responder() -> RouterResponder<PageContext> {
        let router = Router(context: PageContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: Fence(settings: settings, sessions: sessions, frame: frame))
        for route in all {
            router.on(RouterPath(route.path), method: route.method) { request, context in try await route.answer(request, context) }
        }
        return router.buildResponder()
    }

    // MARK: Pages

    private func page(_ title: String, _ page: String, _ context: PageContext, _ snapshot: Snapshot, _ main: HTML) -> Response {
        let filled = main.source.replacing(HomePage.tokenMark, with: frame.field(context).source)
        return Reply.html(
            frame.document(title, page: page, context, status: HomePage(snapshot: snapshot).daemon, main: HTML(trusted: filled)))
    }

    private func home(_ context: PageContext) async throws -> Response {
        let snapshot = try await feed.snapshot()
        return page("Memories", "home", context, snapshot, HomePage(snapshot: snapshot).main)
    }

    private func drop(_ request: Request, _ context: PageContext) async throws -> Response {
        let (snapshot, facts) = (try await feed.snapshot(), try await biography(context))
        var drop = snapshot.status.drops.first { $0.row.id == facts.row.id } ?? StatusReport.Drop(row: facts.row)
        // The snapshot may be a second older than the ledger.
        drop.row = facts.row
        if drop.summary == nil {
            (drop.interpretation, drop.summary) = (drop.interpretation ?? facts.report?.interpretation, facts.report?.summary)
        }
        let shown = DropPage(drop: drop, transitions: facts.transitions, snapshot: snapshot, recall: facts.recall)
        return page(facts.row.entryName, "drop", context, snapshot, shown.main)
    }

    private func memory(_ request: Request, _ context: PageContext) async throws -> Response {
        guard let name = PathParts.names(of: request.uri.path, after: "/memories/")?.first else {
            throw PageProblem.notFound("This memory")
        }
        let snapshot = try await feed.snapshot()
        guard let entry = snapshot.memories.entries.first(where: { $0.name == name }) else {
            throw PageProblem.notFound("The memory \(name)")
        }
        let asked = try await Blocking.run { [shelf] in try shelf.asked(of: name) }
        return page(name, "memory", context, snapshot, MemoryPage(entry: entry, asked: asked, now: snapshot.now).main)
    }

    private func preview(_ request: Request, _ context: PageContext) async throws -> Response {
        let (id, folders) = (try identifier(context), source.folders)
        let bytes = try? await Blocking.run {
            try FileSystem().guarding(folders.guarded).read(folders.work(for: id).preview, count: 8 << 20)
        }
        guard let bytes, bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]) else { throw PageProblem.notFound("A picture of this drop") }
        return Response(
            status: .ok, headers: [.contentType: "image/png", .cacheControl: "no-store", .contentSecurityPolicy: ResultFiles.policy],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    private func results(_ request: Request) async throws -> Response {
        guard let names = PathParts.names(of: request.uri.path, after: "/results/") else { throw PageProblem.notFound("This file") }
        return try await ResultFiles(folders: source.folders).response(names: names, for: request)
    }

    // MARK: Live

    private func events() async -> Response {
        let feed = feed
        let body = ResponseBody { writer in
            let (number, events) = await feed.watch()
            do {
                try await writer.write(ByteBuffer(string: "retry: 3000\n\n"))
                for await event in events { try await writer.write(event) }
                await feed.leave(number)
            } catch {
                await feed.leave(number)
                throw error
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store", .acceptRanges: "none"], body: body)
    }

    private func metrics() async throws -> Response {
        let (source, shelf, now) = (source, shelf, source.now())
        let status = try await feed.snapshot().status
        let text = try await Blocking.run {
            if let metrics = source.metrics { return try metrics.text(schedule: source.schedule(), now: now) }
            guard let ledger = try shelf.ledger() else { return "" }
            return try MetricsFile(ledger: ledger, schedulePath: source.folders.schedulePath, startedAt: nil)
                .text(schedule: source.schedule(), now: now)
        }
        let watchers = await feed.watcherCount
        let own = "# HELP engram_page_watchers Browsers that watch.\n# TYPE engram_page_watchers gauge\nengram_page_watchers \(watchers)\n"
        return Reply.text(text + ProgressMetrics.text(status) + own, type: "text/plain; version=0.0.4; charset=utf-8")
    }

    // MARK: Logging in

    private func login(_ request: Request, _ context: PageContext) async throws -> Response {
        guard await guesses.mayGuess() else {
            throw PageProblem(.tooManyRequests, code: "guesses", message: "Too many wrong tokens.", remedy: "wait a minute")
        }
        guard sessions.isToken(context.form["secret"] ?? "") else {
            await guesses.note()
            return Reply.html(frame.login(context, isWrong: true), status: .unauthorized)
        }
        var response = Reply.redirect(to: "/")
        response.headers[.setCookie] = sessions.cookie(sessions.begin(isAuthorised: true))
        return response
    }

    private func logout() -> Response {
        var response = Reply.redirect(to: "/login")
        response.headers[.setCookie] = Sessions.farewell
        return response
    }

    private func session(_ context: PageContext) -> Response {
        Reply.json(
            .object([
                .init("schema", .string("engram-session/1")), .init("token", .string(sessions.formToken(context.session))),
                .init("upload_limit", .integer(settings.uploadByteLimit)),
            ]))
    }
}

/// Wrong tokens of the last minute, whoever gave them: so few can be tried that none is found.
actor WrongGuesses {
    private var moments: [Double] = []
    private let clock: any DropClock
    private static let limit = 10

    init(clock: any DropClock = SystemDropClock()) { self.clock = clock }

    func mayGuess() -> Bool {
        let now = clock.monotonicSeconds()
        moments.removeAll { now - $0 > 60 }
        return moments.count < Self.limit
    }

    func note() { moments.append(clock.monotonicSeconds()) }
}
