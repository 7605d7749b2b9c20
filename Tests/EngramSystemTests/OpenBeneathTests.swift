import CEngramSystem
import Foundation
import Glibc
import Testing

/// Opening below a folder that somebody else changes at the same time, by openat2 and, as on older kernels, part by part.
@Suite struct OpenBeneathTests {
    private enum Way: CaseIterable {
        case oneCall, byParts

        func open(_ root: String, _ path: String) -> Int32 {
            let folder = Glibc.open(root, Int32(ENGRAM_O_PATH) | O_DIRECTORY)
            defer { close(folder) }
            let descriptor =
                switch self {
                case .oneCall: engram_open_beneath(folder, path, O_RDONLY | O_CLOEXEC)
                case .byParts: engram_open_beneath_by_parts(folder, path, O_RDONLY | O_CLOEXEC)
                }
            guard descriptor >= 0 else { return errno }
            close(descriptor)
            return 0
        }
    }

    @Test(arguments: Way.allCases)
    private func aFolderThatIsSwappedForALinkIsRefusedOnOldKernelsToo(way: Way) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("beneath-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder + "/root/a/b", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: folder + "/elsewhere", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for file in ["root/a/b/file", "elsewhere/key"] {
            #expect(FileManager.default.createFile(atPath: folder + "/" + file, contents: nil))
        }
        symlink("../../elsewhere", folder + "/root/a/way")
        symlink("b/file", folder + "/root/a/link")
        let root = folder + "/root"
        #expect(way.open(root, "a/b/file") == 0)
        #expect(way.open(root, "a/b") == 0)
        #expect(way.open(root, "a/none") == ENOENT)
        #expect(way.open(root, "a/b/file/x") == ENOTDIR)
        // Links that stay inside are links all the same.
        #expect(way.open(root, "a/link") == ELOOP)
        #expect(way.open(root, "a/way/key") == ELOOP)
        #expect(way.open(root, "a/../../elsewhere/key") == EXDEV)
        // Another mount, whose folder has another device.
        #expect(way.open("/", "proc/self") != 0)
        #expect(way.open("/", "proc/version") == EXDEV)
    }
}
