import EngramDrops
import EngramSystem
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
    var mounts = FileSystem().mountTable()

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
