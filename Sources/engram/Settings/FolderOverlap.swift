import Foundation
import Glibc

/// Looks whether the places of a configuration lie inside one another. What is taken in would be published into itself, or what is published
/// taken in.
struct FolderOverlap {
    /// A folder or a file of the configuration.
    struct Place {
        /// The key that names it.
        var role: String
        /// As the configuration has it.
        var path: String
        /// Of a file: the folders that it may lie in all the same, by their keys.
        var allowedIn: Set<String> = []
    }

    /// The folders, none of which may be or hold another.
    var folders: [Place]
    /// Files, none of which may lie in one of the folders.
    var files: [Place]
    /// The mounts: /proc/self/mountinfo (proc(5)).
    var mounts = MountTable.ofThisProcess()

    /// One sentence for each pair; empty where all lie apart.
    var problems: [String] {
        let folders = folders.map { (place: $0, location: Location($0.path, mounts)) }
        var problems: [String] = []
        for (index, outer) in folders.enumerated() {
            for inner in folders[(index + 1)...] {
                if outer.location.isSame(as: inner.location) {
                    problems.append(
                        "\(outer.place.role) and \(inner.place.role) are the same folder, \(outer.place.path) and \(inner.place.path); "
                            + "give each one of its own.")
                } else if inner.location.isInside(outer.location) {
                    problems.append(Self.sentence(inner.place, outer.place))
                } else if outer.location.isInside(inner.location) {
                    problems.append(Self.sentence(outer.place, inner.place))
                }
            }
        }
        for file in files {
            let location = Location(file.path, mounts)
            problems += folders.filter { !file.allowedIn.contains($0.place.role) && location.isInside($0.location) }.map {
                Self.sentence(file, $0.place)
            }
        }
        return problems
    }

    private static func sentence(_ inner: Place, _ outer: Place) -> String {
        "\(inner.role) (\(inner.path)) lies inside of \(outer.role) (\(outer.path)); name a place beside it."
    }

    /// Where a path leads: links resolved as far as it exists, and its place on its file system, which a bind mount does not change.
    private struct Location {
        let parts: [Substring]
        let device: String
        let partsOnDevice: [Substring]

        init(_ path: String, _ mounts: MountTable) {
            let real = Self.resolved(PathText.absolute(path))
            parts = real.split(separator: "/")
            let place = mounts.place(of: real)
            device = place.device
            partsOnDevice = place.path.split(separator: "/")
        }

        func isSame(as other: Location) -> Bool {
            parts == other.parts || (!device.isEmpty && device == other.device && partsOnDevice == other.partsOnDevice)
        }

        func isInside(_ other: Location) -> Bool {
            Self.isProper(parts, inside: other.parts)
                || (!device.isEmpty && device == other.device && Self.isProper(partsOnDevice, inside: other.partsOnDevice))
        }

        private static func isProper(_ inner: [Substring], inside outer: [Substring]) -> Bool {
            inner.count > outer.count && inner.starts(with: outer)
        }

        /// `..` behind what does not exist counts as its text says.
        private static func resolved(_ path: String) -> String {
            var (place, rest): (String, [String]) = (path, [])
            while true {
                if let real = realpath(place, nil) {
                    defer { free(real) }
                    var parts = String(cString: real).split(separator: "/").map(String.init)
                    for part in rest.reversed() where part != "." {
                        if part != ".." { parts.append(part) } else if !parts.isEmpty { parts.removeLast() }
                    }
                    return "/" + parts.joined(separator: "/")
                }
                let parent = FolderCreation.parent(of: place)
                if parent == place { return path }
                rest.append(FolderCreation.lastPart(of: place))
                place = parent
            }
        }
    }
}

/// Which part of which file system is seen where.
struct MountTable {
    private struct Mount {
        var device: String
        var root: String
        var point: String
    }

    private var mounts: [Mount] = []

    /// Those of this process; none where /proc does not say.
    static func ofThisProcess() -> MountTable {
        MountTable((try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? "")
    }

    /// Reads lines of `ID PARENT MAJOR:MINOR ROOT POINT …`, in which spaces are octal escapes.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 4 else { continue }
            mounts.append(Mount(device: String(fields[2]), root: Self.plain(fields[3]), point: Self.plain(fields[4])))
        }
    }

    /// The file system of a resolved path, and its path there; an empty device where no mount holds it.
    func place(of path: String) -> (device: String, path: String) {
        func holds(_ point: String) -> Bool { point == "/" || path == point || path.hasPrefix(point + "/") }
        // Of two at one point the later is seen.
        let mount = mounts.filter { holds($0.point) }.enumerated().max {
            ($0.element.point.count, $0.offset) < ($1.element.point.count, $1.offset)
        }
        guard let mount = mount?.element else { return ("", path) }
        return (mount.device, mount.root + "/" + path.dropFirst(mount.point == "/" ? 0 : mount.point.count))
    }

    private static func plain(_ field: Substring) -> String {
        var text = String(field)
        for (code, sign) in [("040", " "), ("011", "\t"), ("012", "\n"), ("134", "\\")] {
            text = text.replacingOccurrences(of: "\\" + code, with: sign)
        }
        return text
    }
}
