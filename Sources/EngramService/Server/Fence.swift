internal import EngramSystem
internal import HTTPTypes
internal import Hummingbird

/// What every request has to pass before it is answered, and what every answer says to the browser.
///
/// 1. The name that the server was reached by (see `HostName`).
/// 2. The token, where there is one: `Authorization: Bearer`, or the cookie of a login.
/// 3. For what changes something: the browser's own word that one of our pages sent it, and a token that only our pages are told.
struct Fence: RouterMiddleware {
    typealias Context = PageContext

    let settings: PageSettings
    let sessions: Sessions
    let frame: PageFrame

    /// Of forms, which hold a few fields.
    private static let formByteLimit = 64 << 10
    /// Answers after which the connection ends: more may come that nobody reads.
    private static let last: Set<Int> = [400, 401, 403, 408, 409, 413, 421, 507]
    /// What is shown without a token: the form that asks for it, how it looks, and whether the server lives.
    private static let open: Set<String> = ["/login", "/page.css", "/icon.svg", "/healthz"]

    func handle(
        _ request: Request, context: PageContext, next: (Request, PageContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        var response: Response
        do {
            response = try await admitted(request, &context, next)
        } catch let error as HTTPError where error.status == .notFound {
            response = frame.problem(.notFound(request.uri.path), for: request, context)
        } catch {
            response = frame.problem(PageProblem(any: error), for: request, context)
            // The connection ends soon (`closeSoon`), and must not be used for another request.
            if Self.last.contains(response.status.code) { response.headers[.connection] = "close" }
        }
        for (name, value) in Self.headers where response.headers[name] == nil { response.headers[name] = value }
        return response
    }

    private func admitted(
        _ request: Request, _ context: inout PageContext, _ next: (Request, PageContext) async throws -> Response
    ) async throws -> Response {
        guard let authority = request.head.authority, HostName(authority).isAllowed(names: settings.hostNames) else {
            context.closeSoon()
            throw PageProblem(
                .misdirectedRequest, code: "host", message: "This server is not known by the name that it was asked under.",
                remedy: "use its address, or add the name to http_host_names")
        }
        let known = sessions.session(cookies: request.headers[values: .cookie].joined(separator: ";"))
        context.session = known ?? sessions.begin()
        let isProgram = bearer(request).map(sessions.isToken) ?? false
        let isAdmitted = !sessions.needsToken || isProgram || context.session.isAuthorised
        if !isAdmitted, !Self.open.contains(request.uri.path) {
            context.closeSoon()
            if request.method == .get, frame.wantsPage(request) { return Reply.redirect(to: "/login") }
            throw PageProblem(
                .unauthorized, code: "token", message: "This page asks for a token.",
                remedy: "log in, or send Authorization: Bearer TOKEN")
        }
        var request = request
        if ![.get, .head].contains(request.method), !isProgram { try await checkOrigin(&request, &context, authority) }
        var response = try await next(request, context)
        if known == nil, !isProgram, frame.wantsPage(request) || request.uri.path == "/api/session", response.headers[.setCookie] == nil {
            response.headers[.setCookie] = sessions.cookie(context.session)
        }
        return response
    }

    private func bearer(_ request: Request) -> String? {
        guard let value = request.headers[.authorization], value.lowercased().hasPrefix("bearer ") else { return nil }
        return String(value.dropFirst(7))
    }

    /// Whether one of our own pages sent a request that changes something. Of a form the fields are read here.
    private func checkOrigin(_ request: inout Request, _ context: inout PageContext, _ authority: String) async throws {
        let site = request.headers[.secFetchSite]
        let origin = request.headers[.origin]
        let isOurs = site.map { $0 == "same-origin" } ?? (origin != nil)
        let isSameOrigin = origin.map { $0 == "http://\(authority)" || $0 == "https://\(authority)" } ?? true
        guard isOurs, isSameOrigin else {
            context.closeSoon()
            throw PageProblem(
                .forbidden, code: "origin", message: "Only a page of this server may change something here.",
                remedy: "do it on the page itself; a program sends Authorization: Bearer TOKEN")
        }
        var given = request.headers[.formToken]
        if given == nil, request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") == true {
            let body = try await request.collectBody(upTo: Self.formByteLimit)
            context.form = FormFields.parse(String(buffer: body))
            given = context.form["token"]
        }
        guard let given, sessions.isFormToken(given, of: context.session) else {
            context.closeSoon()
            throw PageProblem(
                .forbidden, code: "form", message: "This page was opened before the server was started; nothing was changed.",
                remedy: "load the page again")
        }
    }

    /// Scripts, styles and pictures come from this server alone and no script stands in a page; nobody may frame it.
    static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob:", "media-src 'self'", "connect-src 'self'",
        "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
    ].joined(separator: "; ")

    private static let headers: [(HTTPField.Name, String)] = [
        (.contentSecurityPolicy, policy), (.xContentTypeOptions, "nosniff"), (.xFrameOptions, "DENY"),
        (.referrerPolicy, "same-origin"), (.openerPolicy, "same-origin"), (.resourcePolicy, "same-origin"),
    ]
}

extension HTTPField.Name {
    private static func named(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no name of a header") }
        return field
    }

    static let xFrameOptions = named("X-Frame-Options")
    static let referrerPolicy = named("Referrer-Policy")
    static let openerPolicy = named("Cross-Origin-Opener-Policy")
    static let resourcePolicy = named("Cross-Origin-Resource-Policy")
    static let secFetchSite = named("Sec-Fetch-Site")
    static let formToken = named("X-Engram-Token")
}

/// The fields of `application/x-www-form-urlencoded`.
enum FormFields {
    static func parse(_ text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                PathParts.decoded(String($0).replacing("+", with: "%20"))
            }
            if let name = parts[0], let value = parts.count > 1 ? parts[1] : "" { fields[name] = value }
        }
        return fields
    }
}
