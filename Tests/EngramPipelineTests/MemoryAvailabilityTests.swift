import Testing

@testable import EngramPipeline

@Suite struct MemoryAvailabilityTests {
    @Test func theProcessesOwnLimitCounts() {
        let files = [
            "/proc/meminfo": "MemTotal: 9000 kB\nMemAvailable: 8000 kB\n",
            "/proc/self/limits": "Limit    Soft Limit    Hard Limit    Units\nMax data size             5120000    6000000    bytes\n",
            "/proc/self/status": "Name: x\nVmData:\t    1000 kB\n",
        ]
        let memory = MemoryAvailability { files[$0] }
        #expect(memory.byteCount == 4_096_000 && memory.capacityByteCount == 4_096_000)
        let unlimited = MemoryAvailability { $0 == "/proc/self/limits" ? "Max data size  unlimited  unlimited  bytes\n" : files[$0] }
        #expect(unlimited.byteCount == 8_192_000 && unlimited.capacityByteCount == 9_216_000)
        #expect(unlimited.share(ofEachOf: 3) == 0.3 * 9_216_000)
        #expect(MemoryAvailability { _ in nil }.share(ofEachOf: 1) == nil)
    }

    @Test func theLeastOfMachineAndGroupsIsAvailable() {
        let meminfo = "MemTotal:  32000000 kB\nMemFree: 5 kB\nMemAvailable:   8000000 kB\n"
        func available(_ files: [String: String]) -> Double? { MemoryAvailability { files[$0] }.byteCount }
        #expect(available([:]) == nil)
        #expect(available(["/proc/meminfo": meminfo]) == 8_192_000_000)
        // Version 2: the parent's limit is the tighter one, and 300 of its 500 used bytes can be reclaimed.
        let version2 = [
            "/proc/meminfo": meminfo, "/proc/self/cgroup": "0::/a/b\n", "/sys/fs/cgroup/a/b/memory.max": "max\n",
            "/sys/fs/cgroup/a/memory.max": "4000\n", "/sys/fs/cgroup/a/memory.current": "500\n",
            "/sys/fs/cgroup/a/memory.stat": "anon 200\ninactive_file 300\n",
        ]
        #expect(available(version2) == 3800)
        // Version 1, in a container that sees its own group as the root.
        let version1 = [
            "/proc/meminfo": meminfo, "/proc/self/cgroup": "5:cpu:/x\n4:memory:/docker/1\n0::/\n",
            "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9000\n", "/sys/fs/cgroup/memory/memory.usage_in_bytes": "9500\n",
            "/sys/fs/cgroup/memory/memory.stat": "total_inactive_file 100\n",
        ]
        #expect(available(version1) == 0)
    }
}
