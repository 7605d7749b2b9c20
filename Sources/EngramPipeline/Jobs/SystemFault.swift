internal import EngramSystem
internal import Foundation

/// An error of the system as Foundation reports it, in a sentence: its own description is a dump of domains, codes and paths.
package struct SystemFault: Equatable, Sendable {
    /// What the system says, such as "No space left on device".
    package let reason: String
    /// The name of the file, without its folder, which may be one of work that is gone when somebody reads of it; nil where none is known.
    package let fileName: String?

    /// What happened.
    package var sentence: String { "reading or writing \(fileName.map { "'\($0)'" } ?? "a file") failed: \(reason)." }
    /// What to do.
    package var remedy: String { "see that the disk has room and that engram may read and write there" }

    /// nil for errors that are none of the system.
    package init?(_ error: any Error) {
        let outer = error as NSError
        guard [NSPOSIXErrorDomain, NSCocoaErrorDomain].contains(outer.domain) else { return nil }
        let cause = outer.userInfo[NSUnderlyingErrorKey] as? NSError ?? outer
        let own = outer.localizedFailureReason ?? outer.localizedDescription
        reason = cause.domain == NSPOSIXErrorDomain ? SystemMessage.text(of: Int32(clamping: cause.code)) : String(own.trimmingSuffix("."))
        fileName = (outer.userInfo[NSFilePathErrorKey] as? String)?.split(separator: "/").last.map(String.init)
    }
}

extension String {
    /// Without the sign at its end, if it is there.
    fileprivate func trimmingSuffix(_ sign: Character) -> Substring { last == sign ? dropLast() : self[...] }
}
