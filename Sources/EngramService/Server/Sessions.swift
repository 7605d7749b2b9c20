internal import Crypto
internal import EngramSystem

/// Who a browser is, and whether it knows the token. Nothing is kept: a cookie carries its own proof, which ends with this process.
struct Sessions: Sendable {
    /// One browser.
    struct Session: Equatable, Sendable {
        /// 32 hexadecimal digits.
        var id: String
        /// Whether it logged in.
        var isAuthorised: Bool
    }

    static let cookieName = "engram_session"

    private let secret = SymmetricKey(size: .bits256)
    private let token: String?

    /// - Parameter token: nil where nobody has to know one.
    init(token: String?) { self.token = token }

    /// Whether visitors have to know a token.
    var needsToken: Bool { token != nil }

    /// A new browser.
    func begin(isAuthorised: Bool = false) -> Session {
        let words = (0..<2).map { _ in Stamp.hex(.random(in: .min ... .max), digits: 16) }
        return Session(id: words.joined(), isAuthorised: isAuthorised)
    }

    /// Compares without telling by its time how far the two are alike.
    func isToken(_ given: String) -> Bool {
        guard let token else { return false }
        // Of both a keyed hash, whose comparison takes the same time whatever they are.
        return HMAC<Crypto.SHA256>.isValidAuthenticationCode(
            mac("token " + given), authenticating: Array(("token " + token).utf8), using: secret)
    }

    /// What `Set-Cookie` says. Other sites' requests do not carry it (SameSite), and scripts do not see it (HttpOnly).
    func cookie(_ session: Session) -> String {
        "\(Self.cookieName)=\(session.id).\(session.isAuthorised ? 1 : 0).\(hex(mac(text(session)))); Path=/; HttpOnly; SameSite=Strict"
    }

    /// What ends a login.
    static var farewell: String { "\(cookieName)=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0" }

    /// The session of a request; nil without one, and for a cookie that this process did not write.
    func session(cookies header: String) -> Session? {
        for part in header.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard pair.count == 2, pair[0] == Self.cookieName else { continue }
            let fields = pair[1].split(separator: ".").map(String.init)
            guard fields.count == 3, let code = bytes(fields[2]) else { continue }
            let session = Session(id: fields[0], isAuthorised: fields[1] == "1")
            if HMAC<Crypto.SHA256>.isValidAuthenticationCode(code, authenticating: Array(text(session).utf8), using: secret) {
                return session
            }
        }
        return nil
    }

    /// What a page of ours has to say to change something: another site cannot read it.
    func formToken(_ session: Session) -> String { hex(mac("form " + session.id)) }

    /// Whether `given` is what our own page was told.
    func isFormToken(_ given: String, of session: Session) -> Bool {
        guard let code = bytes(given) else { return false }
        return HMAC<Crypto.SHA256>.isValidAuthenticationCode(code, authenticating: Array(("form " + session.id).utf8), using: secret)
    }

    private func text(_ session: Session) -> String { "session \(session.id) \(session.isAuthorised)" }

    private func mac(_ text: String) -> [UInt8] {
        Array(HMAC<Crypto.SHA256>.authenticationCode(for: Array(text.utf8), using: secret))
    }

    private func hex(_ bytes: [UInt8]) -> String { bytes.map { Stamp.hex(UInt64($0), digits: 2) }.joined() }

    private func bytes(_ hex: String) -> [UInt8]? {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }
}
