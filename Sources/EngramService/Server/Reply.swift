internal import EngramReports
internal import EngramSystem
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Answers of each kind, with their type.
enum Reply {
    static func html(_ markup: HTML, status: HTTPResponse.Status = .ok) -> Response {
        text(markup.source, type: "text/html; charset=utf-8", status: status)
    }

    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.encoded())))
    }

    static func text(_ text: String, type: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// A part of the program itself: it changes with the release only, so that browsers ask whether they have it.
    static func asset(_ bytes: [UInt8], type: String, for request: Request) -> Response {
        let tag = "\"" + String(SHA256.hash(bytes).prefix(16)) + "\""
        let headers: HTTPFields = [.contentType: type, .cacheControl: "no-cache", .eTag: tag]
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    static func redirect(to path: String) -> Response { Response(status: .seeOther, headers: [.location: path]) }
}
