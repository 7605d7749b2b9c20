extension FileAccess {
    /// Whether another file system is mounted at a path or below it, by the mounts of this process (`/proc/self/mountinfo`).
    ///
    /// - Parameter path: As the kernel names it: without links.
    package func hasMountBelow(_ path: String) -> Bool {
        guard let table = readKernelFile("/proc/self/mountinfo") else { return false }
        return Self.mountPoints(in: table).contains { $0.starts(with: Array((path + "/").utf8)) || $0 == Array(path.utf8) }
    }

    /// The fifth field of each line, its escapes undone: `\\040` is a space.
    static func mountPoints(in table: [UInt8]) -> [[UInt8]] {
        table.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let fields = line.split(separator: UInt8(ascii: " "))
            guard fields.count > 4 else { return nil }
            let field = Array(fields[4])
            var (point, index): ([UInt8], Int) = ([], 0)
            while index < field.count {
                let digits = field[index...].prefix(4).dropFirst().map { Int($0) - 48 }
                if field[index] == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0...7).contains($0) }) {
                    point.append(UInt8(truncatingIfNeeded: digits[0] * 64 + digits[1] * 8 + digits[2]))
                    index += 4
                } else {
                    point.append(field[index])
                    index += 1
                }
            }
            return point
        }
    }
}
