internal import CEngramSystem

/// What kind of file system holds a folder (statfs numbers of linux/magic.h and of the file systems' own headers).
package struct FileSystemType: Equatable, Sendable {
    /// Its usual name, or the number in hexadecimal for one that is not in the table.
    package var name: String
    /// Whether other machines or a server can write to it without this kernel's knowledge: then inotify is blind to what they do, and a
    /// lock of this kernel says nothing about them.
    package var isShared: Bool

    /// Creates a kind of file system.
    package init(name: String, isShared: Bool) {
        self.name = name
        self.isShared = isShared
    }

    /// Looks at a folder; nil when statfs fails.
    package static func of(_ path: String) -> FileSystemType? {
        var number: UInt64 = 0
        guard engram_file_system_type(path, &number) == 0 else { return nil }
        if let name = shared[number] { return FileSystemType(name: name, isShared: true) }
        return FileSystemType(name: local[number] ?? "0x" + String(number, radix: 16), isShared: false)
    }

    private static let shared: [UInt64: String] = [
        0x6969: "NFS", 0x517b: "SMB", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB2", 0x6573_5546: "FUSE", 0x0102_1997: "9P",
        0x00c3_6400: "Ceph", 0x0bd0_0bd0: "Lustre", 0x4750_4653: "GPFS", 0x5346_414f: "AFS", 0x6b41_4653: "AFS", 0x7375_7245: "Coda",
        0x0116_1970: "GFS2", 0x7461_636f: "OCFS2", 0x1983_0326: "BeeGFS", 0x786f_4256: "VirtualBox shared folder",
        0xaad7_aaea: "PanFS", 0xbacb_acbc: "VMware shared folder",
    ]

    private static let local: [UInt64: String] = [
        0xef53: "ext4", 0x5846_5342: "XFS", 0x9123_683e: "Btrfs", 0x0102_1994: "tmpfs", 0x794c_7630: "overlay", 0x2fc1_2fc1: "ZFS",
        0xf2f5_2010: "F2FS", 0x4d44: "FAT", 0x2011_bab0: "exFAT", 0x5346_544e: "NTFS", 0xca45_1a4e: "bcachefs", 0x3153_464a: "JFS",
    ]
}
