import Foundation
import Testing

@testable import EngramPipeline

/// What Foundation throws, against what a person can read.
@Suite struct SystemFaultTests {
    @Test func aFileThatCannotBeWrittenIsNamedWithoutItsFolder() throws {
        let path = "/nowhere/.engram/work/7/output/report.html"
        let error = try #require(throws: (any Error).self) { try Data("x".utf8).write(to: URL(fileURLWithPath: path)) }
        let fault = try #require(SystemFault(error))
        #expect(!fault.sentence.contains("/nowhere") && !fault.sentence.contains("Domain"), "\(fault.sentence)")
        // The words are Foundation's, which says it of the file in its own way.
        #expect(fault.reason.contains("exist") && !fault.reason.contains("operation could not"), "\(fault.reason)")
        #expect(fault.sentence.hasPrefix("reading or writing "))
    }

    @Test func anErrorNumberIsItsText() throws {
        let fault = try #require(SystemFault(NSError(domain: NSPOSIXErrorDomain, code: 28, userInfo: [NSFilePathErrorKey: "/a/b.csv"])))
        #expect(fault.sentence == "reading or writing 'b.csv' failed: No space left on device.")
    }

    @Test func otherErrorsAreNone() {
        struct Other: Error {}
        #expect(SystemFault(Other()) == nil && SystemFault(NSError(domain: "other", code: 1)) == nil)
    }
}
