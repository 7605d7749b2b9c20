import EngramDrops
import Hummingbird
import Testing

@testable import EngramService

@Suite struct FenceTests {
    @Test(arguments: ["127.0.0.1:8080", "[::1]:8080", "localhost", "LOCALHOST:1", "192.168.0.7", "memory.lan:8080"])
    func namesThatTheServerIsKnownByAreAnswered(host: String) async throws {
        let world = try World { $0.hostNames = ["memory.lan"] }
        #expect(try await world.ask(.get, "/healthz", host: host).status == 200)
    }

    /// DNS rebinding: a page of evil.example whose name now leads here.
    @Test(arguments: ["evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil.example", "1.2.3", "", nil])
    func otherNamesAreNot(host: String?) async throws {
        let world = try World()
        let answer = try await world.ask(.get, "/api/status", host: host)
        #expect(answer.status == 421 && answer.json?["code"]?.string == "host")
    }

    @Test func everyAnswerTellsTheBrowserWhatItMayDo() async throws {
        let world = try World()
        for path in ["/", "/nothing", "/api/status", "/page.js", "/login"] {
            let headers = try await world.ask(.get, path, headers: [.accept: "text/html"]).headers
            let policy = headers[.contentSecurityPolicy] ?? ""
            #expect(
                policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "\(path)")
            #expect(headers[.xContentTypeOptions] == "nosniff" && headers[.xFrameOptions] == "DENY", "\(path)")
        }
        #expect(!(try await world.ask(.get, "/", headers: [.accept: "text/html"]).text.contains("<script>")))
    }

    @Test func withATokenNothingIsShownToWhoDoesNotKnowIt() async throws {
        let world = try World { $0.token = "correct horse battery" }
        for route in world.routes.all where !["/login", "/page.css", "/icon.svg", "/healthz"].contains(route.path) {
            let path = route.path.replacing("{id}", with: "1").replacing("{name}", with: "a").replacing("**", with: "a")
            #expect(try await world.ask(route.method, path).status == 401, "\(route.method) \(path)")
            let wrong = try await world.ask(route.method, path, headers: [.authorization: "Bearer correct horse batterz"])
            #expect(wrong.status == 401, "\(route.method) \(path)")
        }
        let page = try await world.ask(.get, "/", headers: [.accept: "text/html"])
        #expect(page.status == 303 && page.headers[.location] == "/login")
        #expect(try await world.ask(.get, "/api/status", headers: [.authorization: "Bearer correct horse battery"]).status == 200)
    }

    @Test func whoLogsInIsKnownUntilTheyLogOut() async throws {
        let world = try World { $0.token = "correct horse battery" }
        let form = try await world.ask(.get, "/login", headers: [.accept: "text/html"])
        let cookie = try #require(form.headers[.setCookie]?.split(separator: ";").first.map(String.init))
        let token = try #require(form.text.firstMatch(of: /name="token" value="([0-9a-f]+)"/)?.1)
        func login(_ secret: String) async throws -> World.Answer {
            try await world.ask(
                .post, "/login",
                headers: [.cookie: cookie, .secFetchSite: "same-origin", .contentType: "application/x-www-form-urlencoded"],
                body: [Array("token=\(token)&secret=\(secret)".utf8)])
        }
        #expect(try await login("wrong").status == 401)
        let answer = try await login("correct+horse%20battery")
        let known = try #require(answer.headers[.setCookie]?.split(separator: ";").first.map(String.init))
        #expect(answer.status == 303 && answer.headers[.setCookie]?.contains("HttpOnly; SameSite=Strict") == true)
        #expect(try await world.ask(.get, "/api/status", headers: [.cookie: known]).status == 200)
        // The mark of a login is part of what the cookie proves.
        #expect(try await world.ask(.get, "/api/status", headers: [.cookie: cookie.replacing(".0.", with: ".1.")]).status == 401)
        #expect(try await world.ask(.get, "/api/status", headers: [.cookie: known + "0"]).status == 401)
    }

    @Test func tooManyWrongTokensAreNotEvenCompared() async throws {
        let world = try World { $0.token = "correct horse battery" }
        for _ in 0..<10 { await world.routes.guesses.note() }
        let form = try await world.ask(.get, "/login", headers: [.accept: "text/html"])
        let cookie = try #require(form.headers[.setCookie]?.split(separator: ";").first.map(String.init))
        let token = try #require(form.text.firstMatch(of: /name="token" value="([0-9a-f]+)"/)?.1)
        let answer = try await world.ask(
            .post, "/login", headers: [.cookie: cookie, .secFetchSite: "same-origin", .contentType: "application/x-www-form-urlencoded"],
            body: [Array("token=\(token)&secret=correct+horse+battery".utf8)])
        #expect(answer.status == 429)
    }

    @Test func onlyOurOwnPagesChangeSomething() async throws {
        let world = try World()
        let good = try await world.pageHeaders()
        func begin(_ change: (inout HTTPFields) -> Void) async throws -> Int {
            var headers = good
            change(&headers)
            return try await world.ask(.post, "/api/uploads", headers: headers, body: [Array("{}".utf8)]).status
        }
        #expect(try await begin { _ in } == 201)
        #expect(try await begin { $0[.secFetchSite] = "cross-site" } == 403)
        #expect(try await begin { $0[.secFetchSite] = "none" } == 403)
        #expect(try await begin { $0[.secFetchSite] = nil } == 403)
        #expect(try await begin { ($0[.secFetchSite], $0[.origin]) = (nil, "http://127.0.0.1:8080") } == 201)
        #expect(try await begin { ($0[.secFetchSite], $0[.origin]) = (nil, "http://evil.example") } == 403)
        #expect(try await begin { $0[.origin] = "http://evil.example" } == 403)
        #expect(try await begin { $0[.origin] = "null" } == 403)
        #expect(try await begin { $0[.formToken] = nil } == 403)
        #expect(try await begin { $0[.formToken] = String(repeating: "0", count: 64) } == 403)
        #expect(try await begin { $0[.cookie] = nil } == 403)
    }

    @Test func aSessionOfAnotherProcessIsNone() {
        let (sessions, others) = (Sessions(token: nil), Sessions(token: nil))
        let session = sessions.begin()
        let cookie = String(sessions.cookie(session).split(separator: ";")[0])
        #expect(sessions.session(cookies: "a=b; " + cookie) == session && others.session(cookies: cookie) == nil)
        #expect(sessions.isFormToken(sessions.formToken(session), of: session))
        #expect(!sessions.isFormToken(sessions.formToken(sessions.begin()), of: session))
        #expect(!sessions.isToken("") && !Sessions(token: "abc").isToken("ab") && Sessions(token: "abc").isToken("abc"))
    }
}
