import Testing

@testable import engram

@Suite struct ProcessorCountTests {
    /// Formats of proc(5) and of the kernel's cgroup-v2 document.
    @Test(arguments: [("0-3,8", 5), ("0", 1), ("0-1", 2), ("1,3,5", 3), ("", nil), ("3-1", nil), ("x", nil)] as [(String, Int?)])
    func maskIsCounted(list: String, count: Int?) {
        #expect(ProcessorCount.affinityCount("Name:\tengram\nCpus_allowed:\tff\nCpus_allowed_list:\t\(list)\nMems_allowed:\t1\n") == count)
    }

    @Test(
        arguments: [
            ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 2), ("50000 100000\n", 1), ("", nil), ("0 100000", nil),
        ] as [(String, Int?)])
    func quotaIsRoundedUp(text: String, count: Int?) { #expect(ProcessorCount.quotaCount(text) == count) }

    @Test func jobsShareTheProcessors() {
        #expect(ProcessorCount.threadsPerJob(jobCount: 1, available: 8) == 8)
        #expect(ProcessorCount.threadsPerJob(jobCount: 3, available: 8) == 2)
        #expect(ProcessorCount.threadsPerJob(jobCount: 16, available: 8) == 1)
        #expect(ProcessorCount.available() >= 1)
    }
}
