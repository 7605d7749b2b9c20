/// Which part of which file system is seen where: the mounts of a process, as `/proc/self/mountinfo` lists them (proc(5)).
package struct MountTable: Sendable {
    private struct Mount {
        var device: String
        var root: String
        var point: String
    }

    private var mounts: [Mount] = []

    /// Where something is mounted, in the table's order.
    package var points: [String] { mounts.map(\.point) }

    /// Reads lines of `ID PARENT MAJOR:MINOR ROOT POINT …`, in which spaces and the like are octal escapes.
    package init(_ text: String) {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 4 else { continue }
            mounts.append(Mount(device: String(fields[2]), root: Self.plain(fields[3]), point: Self.plain(fields[4])))
        }
    }

    /// The file system of a resolved path, and its path there; an empty device where no mount holds it.
    package func place(of path: String) -> (device: String, path: String) {
        // Of two at one point the later is seen.
        let mount = mounts.filter { Self.isAt(path, orBelow: $0.point) }.enumerated().max {
            ($0.element.point.count, $0.offset) < ($1.element.point.count, $1.offset)
        }
        guard let mount = mount?.element else { return ("", path) }
        return (mount.device, mount.root + "/" + path.dropFirst(mount.point == "/" ? 0 : mount.point.count))
    }

    /// Whether something is mounted at a resolved path or below it.
    package func hasMount(atOrBelow path: String) -> Bool { mounts.contains { Self.isAt($0.point, orBelow: path) } }

    private static func isAt(_ path: String, orBelow folder: String) -> Bool {
        folder == "/" || path == folder || path.hasPrefix(folder + "/")
    }

    /// A field without its escapes: `\040` is a space.
    private static func plain(_ field: Substring) -> String {
        let bytes = Array(field.utf8)
        var (plain, index): ([UInt8], Int) = ([], 0)
        while index < bytes.count {
            let digits = bytes[index...].prefix(4).dropFirst().map { Int($0) - 48 }
            if bytes[index] == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (0...7).contains($0) }) {
                plain.append(UInt8(truncatingIfNeeded: digits[0] * 64 + digits[1] * 8 + digits[2]))
                index += 4
            } else {
                plain.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: plain, as: UTF8.self)
    }
}

extension FileAccess {
    /// The mounts of this process; none where /proc does not say.
    package func mountTable() -> MountTable {
        MountTable(String(decoding: readKernelFile("/proc/self/mountinfo") ?? [], as: UTF8.self))
    }
}
