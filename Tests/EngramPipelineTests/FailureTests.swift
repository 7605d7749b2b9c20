import EngramSystem
import Foundation
import Testing

@testable import EngramPipeline

/// What Foundation throws, against what a person can read.
@Suite struct FailureTests {
    @Test func aFileThatCannotBeWrittenIsNamedWithoutItsFolder() throws {
        let path = "/nowhere/.engram/work/7/output/report.html"
        let error = try #require(throws: (any Error).self) { try Data("x".utf8).write(to: URL(fileURLWithPath: path)) }
        let fault = try #require(Failure(system: error, stage: .render))
        #expect(!fault.message.contains("/nowhere") && !fault.message.contains("Domain"), "\(fault.message)")
        // The words are Foundation's, which says it of the file in its own way.
        #expect(fault.found?.contains("exist") == true && fault.found?.contains("operation could not") == false, "\(fault)")
        #expect(fault.message.hasPrefix("reading or writing "))
    }

    @Test func anErrorNumberIsItsText() throws {
        let fault = try #require(
            Failure(
                system: NSError(domain: NSPOSIXErrorDomain, code: 28, userInfo: [NSFilePathErrorKey: "/a/b.csv"]), stage: .render))
        #expect(fault.message == "reading or writing 'b.csv' failed: No space left on device.")
    }

    @Test func otherErrorsAreNone() {
        struct Other: Error {}
        #expect(
            Failure(system: Other(), stage: .render) == nil && Failure(system: NSError(domain: "other", code: 1), stage: .render) == nil)
    }
}
