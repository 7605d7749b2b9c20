internal import Glibc

/// When there is room on the disk for one more drop.
///
/// Two rules. Below the floor nothing is begun at all: the intake is paused, and goes on by itself when there is room again. Above it a drop
/// is begun only if what it is expected to take, with what the drops at work are expected to take, leaves the floor free.
package struct DiskAdmission: Sendable {
    /// Room on a file system, in bytes.
    package struct Room: Equatable, Sendable {
        /// What an unprivileged writer may still use.
        package var freeByteCount: Int64
        /// The whole file system.
        package var totalByteCount: Int64

        /// Creates the numbers.
        package init(freeByteCount: Int64, totalByteCount: Int64) {
            self.freeByteCount = freeByteCount
            self.totalByteCount = totalByteCount
        }
    }

    /// Bytes that stay free; nil: 5 % of the file system, and at most 256 MiB. A larger share would waste large disks, a larger number
    /// would make small ones useless. 0: the disk is not looked at.
    package var floorByteCount: Int64?
    /// What a drop is expected to take beside its source, which is moved and needs no new room: result, checkpoint and log.
    package var estimate: @Sendable (_ sourcePath: String, _ sourceByteCount: Int64, _ settingsPath: String?) -> Int64
    /// Looks at a file system; nil when that fails.
    package var room: @Sendable (_ path: String) -> Room?

    /// Seconds between looks while something waits for room.
    static let recheckSeconds = 15.0

    /// Creates the rules.
    package init(
        floorByteCount: Int64? = nil,
        estimate: @escaping @Sendable (_ sourcePath: String, _ sourceByteCount: Int64, _ settingsPath: String?) -> Int64 = { _, count, _ in
            count
        },
        room: @escaping @Sendable (_ path: String) -> Room? = { DiskAdmission.room(of: $0) }
    ) {
        self.floorByteCount = floorByteCount
        self.estimate = estimate
        self.room = room
    }

    /// Asks the file system.
    package static func room(of path: String) -> Room? {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        let unit = UInt64(facts.f_frsize)
        return Room(
            freeByteCount: Int64(clamping: unit.multipliedReportingOverflow(by: UInt64(facts.f_bavail)).partialValue),
            totalByteCount: Int64(clamping: unit.multipliedReportingOverflow(by: UInt64(facts.f_blocks)).partialValue))
    }

    /// The floor on a file system of this size.
    package func floor(totalByteCount: Int64) -> Int64 { floorByteCount ?? min(totalByteCount / 20, 256 << 20) }

    /// `1.5 GiB`.
    package static func text(_ byteCount: Int64) -> String {
        var value = Double(byteCount)
        var units = ["B", "KiB", "MiB", "GiB", "TiB"][...]
        while value >= 1024, units.count > 1 {
            value /= 1024
            units.removeFirst()
        }
        let tenths = (value * 10).rounded() / 10
        return "\(tenths == tenths.rounded() ? String(Int(saturating: tenths)) : String(tenths)) \(units[units.startIndex])"
    }
}
