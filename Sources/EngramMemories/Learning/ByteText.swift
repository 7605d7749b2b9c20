internal import EngramSystem

/// Bytes in the unit that people read: "19.4 GB".
func byteText(_ byteCount: Double) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB"]
    var (value, index) = (byteCount, 0)
    while value >= 1000, index + 1 < units.count { (value, index) = (value / 1000, index + 1) }
    guard index > 0 else { return "\(Int(saturating: byteCount.rounded(.down))) bytes" }
    let tenths = (value * 10).rounded(.toNearestOrEven) / 10
    return "\(tenths) \(units[index])"
}
