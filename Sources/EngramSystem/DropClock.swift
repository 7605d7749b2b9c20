internal import Glibc

/// Time as the daemon sees it; tests pass one that they advance by hand.
package protocol DropClock: Sendable {
    /// Seconds since 1970-01-01 UTC; may jump when the machine's clock is set.
    func secondsSinceEpoch() -> Double
    /// Seconds since some fixed moment; never goes back.
    func monotonicSeconds() -> Double
    /// Returns after `seconds`, or at once when the task is cancelled.
    func sleep(seconds: Double) async
}

/// The machine's clocks.
package struct SystemDropClock: DropClock {
    /// Creates the clock.
    package init() {}

    /// The real-time clock.
    package func secondsSinceEpoch() -> Double { Self.read(CLOCK_REALTIME) }

    /// The monotonic clock.
    package func monotonicSeconds() -> Double { Self.read(CLOCK_MONOTONIC) }

    /// Suspends the task.
    package func sleep(seconds: Double) async {
        // A cancelled sleep is a wake-up like any other.
        try? await Task.sleep(for: .seconds(max(0, seconds)))
    }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// Formats moments and makes identifiers; both are functions of what is passed in.
package enum Stamp {
    /// `2026-01-31T12:00:00.250Z` for seconds since the epoch.
    package static func iso8601(_ secondsSinceEpoch: Double) -> String {
        let milliseconds = Int64(saturating: (secondsSinceEpoch * 1000).rounded(.down))
        var whole = time_t(milliseconds.flooredDivision(by: 1000))
        var parts = tm()
        gmtime_r(&whole, &parts)
        let fields = [
            padded(Int(parts.tm_year) + 1900, 4), padded(Int(parts.tm_mon) + 1, 2), padded(Int(parts.tm_mday), 2),
            padded(Int(parts.tm_hour), 2), padded(Int(parts.tm_min), 2), padded(Int(parts.tm_sec), 2),
        ]
        let fraction = padded(Int(milliseconds - Int64(whole) * 1000), 3)
        return "\(fields[0])-\(fields[1])-\(fields[2])T\(fields[3]):\(fields[4]):\(fields[5]).\(fraction)Z"
    }

    /// An identifier that sorts by time as text: `20260131T120000250Z-9f3a5c7e01d2`. 48 bits: ten thousand drops in
    /// one millisecond collide once in five million bursts.
    package static func identifier(secondsSinceEpoch: Double, random: UInt64) -> String {
        let digits = iso8601(secondsSinceEpoch).filter { $0 != "-" && $0 != ":" && $0 != "." }
        return digits + "-" + hex(random & 0xffff_ffff_ffff, digits: 12)
    }

    /// `value` in hexadecimal, with zeros in front up to `digits` digits.
    package static func hex(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
