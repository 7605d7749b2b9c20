import Testing

@testable import EngramDrops
@testable import EngramSystem

@Suite struct MountPointsTests {
    @Test func mountPointsAreTheFifthFieldWithTheirEscapesUndone() {
        let table = """
            22 27 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
            31 27 8:1 / /srv/in\\040box/disk rw - ext4 /dev/sda1 rw
            damaged line
            """
        #expect(MountTable(table).points == ["/sys", "/srv/in box/disk"])
    }

    @Test func aMountBelowAFolderIsSeen() {
        #expect(FileSystem().mountTable().hasMount(atOrBelow: "/"))
        #expect(FileSystem().mountTable().hasMount(atOrBelow: "/proc"))
        #expect(!FileSystem().mountTable().hasMount(atOrBelow: "/proc/self"))
    }
}
