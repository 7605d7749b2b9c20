package import EngramSystem
internal import Foundation

extension Failure {
    /// An error of the system as Foundation reports it, in a sentence: its own description is a dump of domains, codes and paths.
    ///
    /// A file is called by its name without the folder, which may be one of work that is gone when somebody reads of it.
    /// - Returns: nil for errors that are none of the system.
    package init?(system error: any Error, stage: Stage) {
        let outer = error as NSError
        guard [NSPOSIXErrorDomain, NSCocoaErrorDomain].contains(outer.domain) else { return nil }
        let cause = outer.userInfo[NSUnderlyingErrorKey] as? NSError ?? outer
        let own = outer.localizedFailureReason ?? outer.localizedDescription
        let reason = cause.domain == NSPOSIXErrorDomain ? SystemMessage.text(of: Int32(clamping: cause.code)) : own.withoutFullStop
        let name = (outer.userInfo[NSFilePathErrorKey] as? String)?.split(separator: "/").last.map { "'\($0)'" }
        self.init(
            stage: stage, code: "failed", message: "reading or writing \(name ?? "a file") failed: \(reason).", found: reason,
            remedy: "see that the disk has room and that engram may read and write there", isRetryable: true)
    }
}

extension String {
    fileprivate var withoutFullStop: String { hasSuffix(".") ? String(dropLast()) : self }
}
