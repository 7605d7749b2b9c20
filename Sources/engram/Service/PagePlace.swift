import EngramDrops
import EngramMemories
import EngramPipeline
import EngramService
import Glibc

/// Where the page is to be, from the command line and `pipeline.yml`, and what it takes to be there.
struct PagePlace: Sendable {
    /// A host name or address.
    let host: String
    /// 0 for any that is free.
    let port: Int
    private let pipeline: PipelineSettings

    /// The shortest token: 16 letters and digits by chance are more than anybody can try.
    private static let shortestToken = 16

    /// - Parameter option: `--http`; nil for `http_address`.
    /// - Throws: `CommandFailure` for what is no address.
    init(option: String?, _ pipeline: PipelineSettings) throws(CommandFailure) {
        let text = option ?? pipeline.service.http.address
        guard let (host, port) = PageSettings.address(text) else {
            throw CommandFailure(
                .usage, code: "address", message: "\(text.debugDescription) is no address to listen on.",
                expected: "a port, or an address and a port such as 127.0.0.1:8080 or [::1]:8080", found: text,
                remedy: option == nil ? "correct http_address" : "correct --http")
        }
        (self.host, self.port, self.pipeline) = (host, port, pipeline)
    }

    /// The address for people.
    func text(port: Int) -> String { "http://\(host.contains(":") ? "[\(host)]" : host):\(port)/" }

    /// What the server is told.
    /// - Throws: `CommandFailure` where others could reach the page without a token, or the token's file will not do.
    func settings() throws(CommandFailure) -> PageSettings {
        let http = pipeline.service.http
        var settings = PageSettings(host: host, port: port)
        settings.hostNames = Set(http.hostNames.lowercased().split { ", ".contains($0) }.map(String.init))
        if http.hostNames == "none" { settings.hostNames = [] }
        settings.uploadByteLimit = Int64(http.uploadByteCount)
        settings.floorByteCount = pipeline.intake.minFreeByteCount.given.map { Int64($0) }
        settings.token = http.tokenFile == "none" ? nil : try Self.token(http.tokenFile)
        guard settings.isLoopback || settings.token != nil else {
            throw CommandFailure(
                .wrongConfiguration, code: "token",
                message: "\(host) can be reached from other machines, and without a token anybody there could see and change everything.",
                expected: "http_token_file in pipeline.yml", found: "none",
                remedy:
                    "put \(Self.shortestToken) or more random letters and digits into a file that only you can read, and name it there; or listen on 127.0.0.1"
            )
        }
        return settings
    }

    private static func token(_ path: String) throws(CommandFailure) -> String {
        func refuse(_ found: String, _ remedy: String) -> CommandFailure {
            CommandFailure(
                .wrongConfiguration, stage: .settings, code: "token", message: "\(path) cannot be the file of the page's token.",
                expected: "a file that only its owner can read, with \(shortestToken) characters or more", found: found, remedy: remedy)
        }
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw refuse(SystemMessage.text(of: errno), "make it, or correct http_token_file") }
        guard facts.st_mode & 0o077 == 0 else {
            throw refuse("mode 0\(String(facts.st_mode & 0o777, radix: 8))", "chmod 600 \(path)")
        }
        let bytes: [UInt8]
        do { bytes = try FileSystem().read(path, count: 4096) } catch { throw refuse("\(error)", "make it readable for engram") }
        let token = String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }.joined()
        guard token.utf8.count >= shortestToken else { throw refuse("\(token.utf8.count) characters", "make a longer token") }
        return token
    }

    /// Why there is no page, for `serve`, which is nothing without it.
    static func failure(_ fault: PageServer.Fault) -> CommandFailure {
        switch fault {
        case .portTaken:
            CommandFailure(
                .temporaryFailure, code: "port-taken", message: "\(fault).", remedy: "end that program, or give another port with --http")
        case .unusableAddress: CommandFailure(.noInput, code: "address", message: "\(fault).", remedy: "give an address of this machine")
        }
    }
}

extension ServiceSource {
    /// What a configuration names.
    init(_ pipeline: PipelineSettings, folders: DropFolders, schedule: @escaping @Sendable () -> Schedule) {
        self.init(folders: folders, version: Program.version, schedule: schedule)
        sandbox = StatusReport.Sandbox(mode: .init(pipeline.worker.sandbox), support: .ofThisKernel())
        checks = { VerificationRecord(path: folders.verificationPath).checks }
    }
}

extension DropFolders {
    /// The same by their real paths where they exist: the guard against links looks at what is below those.
    var real: DropFolders {
        func real(_ path: String) -> String {
            guard let resolved = realpath(path, nil) else { return path }
            defer { free(resolved) }
            return String(validatingCString: resolved) ?? path
        }
        return DropFolders(inbox: real(inbox), outbox: real(outbox), state: real(state))
    }
}
