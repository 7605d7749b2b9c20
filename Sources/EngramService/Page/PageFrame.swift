internal import EngramReports
internal import EngramSystem
internal import HTTPTypes
internal import Hummingbird

/// The document around every page, and the pages that say what went wrong.
struct PageFrame: Sendable {
    let sessions: Sessions
    let version: String

    /// A whole page.
    /// - Parameters:
    ///   - title: What stands before the program's name.
    ///   - page: Its kind, by which the script knows what to do.
    func document(_ title: String, page: String, _ context: PageContext, status: HTML? = nil, main: HTML) -> HTML {
        let logout: HTML? =
            sessions.needsToken && context.session.isAuthorised
            ? "<form method=\"post\" action=\"/logout\">\(field(context))<button class=\"plain\">Log out</button></form>" : nil
        // Who has not logged in is not given the script.
        let script: HTML? = page == "login" ? nil : "<script src=\"/page.js\" defer></script>"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="engram-token" content="\(sessions.formToken(context.session))">
            <title>\(title) – Engram</title>
            <link rel="icon" href="/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/page.css">
            \(script)
            </head>
            <body data-page="\(page)">
            <a class="skip" href="#main">To the content</a>
            <header class="top">
            <a class="brand" href="/"><img src="/icon.svg" alt="" width="26" height="26"> Engram</a>
            <div class="state" id="daemon">\(status)</div>
            \(logout)
            </header>
            <main id="main">
            \(main)
            </main>
            <footer class="foot"><p>Engram \(version) · <a href="/api/openapi.json">API</a> · <a href="/metrics">Metrics</a></p></footer>
            <p class="spoken" role="status" aria-live="polite" id="news"></p>
            </body>
            </html>

            """
    }

    /// What a form has to bring along (see `Fence`).
    func field(_ context: PageContext) -> HTML {
        "<input type=\"hidden\" name=\"token\" value=\"\(sessions.formToken(context.session))\">"
    }

    /// Whether a request wants a page for a person, and no answer for a program.
    func wantsPage(_ request: Request) -> Bool {
        let path = request.uri.path
        guard !path.hasPrefix("/api/"), path != "/metrics", path != "/events", path != "/healthz" else { return false }
        return request.headers[.accept].map { $0.contains("text/html") } ?? false
    }

    /// What went wrong, for whoever asked.
    func problem(_ problem: PageProblem, for request: Request, _ context: PageContext) -> Response {
        guard wantsPage(request) else {
            var response = Reply.json(problem.json, status: problem.status)
            if problem.status == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
            return response
        }
        let remedy = problem.remedy.map { "<p>What next: \($0).</p>" as HTML }
        let main: HTML = """
            <section class="lone">
            <h1>\(problem.status.reasonPhrase)</h1>
            <p>\(problem.message)</p>
            \(remedy)
            <p><a href="/">To the first page</a></p>
            </section>
            """
        return Reply.html(document(problem.status.reasonPhrase, page: "problem", context, main: main), status: problem.status)
    }

    /// The form that asks for the token.
    func login(_ context: PageContext, isWrong: Bool) -> HTML {
        let wrong: HTML? = isWrong ? "<p class=\"bad\" role=\"alert\" id=\"wrong\">That is not the token.</p>" : nil
        let described: HTML = isWrong ? " aria-describedby=\"wrong\" aria-invalid=\"true\"" : ""
        return document(
            "Log in", page: "login", context,
            main: """
                <section class="lone">
                <h1>Log in</h1>
                <p>Whoever runs this Engram gave you a token, or keeps it in the file that <code>http_token_file</code> names.</p>
                \(wrong)
                <form method="post" action="/login">\(field(context))
                <label for="secret">Token</label>
                <input id="secret" name="secret" type="password" autocomplete="current-password" required autofocus\(described)>
                <button>Log in</button>
                </form>
                </section>
                """)
    }
}
