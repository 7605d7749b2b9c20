import Foundation

extension NumberText {
    /// Bytes in units of 1024 with one decimal: "0 B", "1.5 KiB", "12.0 GiB".
    static func bytes(_ count: Int64) -> String {
        var (value, unit) = (Double(max(count, 0)), 0)
        let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        while value >= 1023.95, unit + 1 < units.count { (value, unit) = (value / 1024, unit + 1) }
        return unit == 0 ? "\(max(count, 0)) B" : "\(fixed(value, decimals: 1)) \(units[unit])"
    }
}
