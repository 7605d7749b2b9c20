internal import Glibc

/// What a request's Host header names. A page of another site can reach this server under a name of its own (DNS rebinding), never under an
/// address: so addresses and the names that the operator gives are answered, and nothing else.
enum HostName: Equatable {
    /// An address of the internet protocol.
    case address
    /// `localhost`.
    case local
    /// Another name, in lower case and without its port.
    case other(String)

    /// - Parameter authority: As in `Host: example.org:8080`.
    init(_ authority: String) {
        var host = authority.lowercased()
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            host = String(host[host.index(after: host.startIndex)..<end])
        } else if host.utf8.count(where: { $0 == UInt8(ascii: ":") }) == 1, let colon = host.firstIndex(of: ":") {
            host = String(host[..<colon])
        }
        if host.hasSuffix("."), host.count > 1 { host.removeLast() }
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1 {
            self = .address
        } else {
            self = host == "localhost" ? .local : .other(host)
        }
    }

    /// Whether a request under this name is answered.
    func isAllowed(names: Set<String>) -> Bool {
        switch self {
        case .address, .local: true
        case .other(let name): names.contains(name)
        }
    }
}
