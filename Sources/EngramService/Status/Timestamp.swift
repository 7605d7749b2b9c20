internal import Foundation

/// Moments for people and programs.
package enum Timestamp {
    /// `2026-01-31T12:00:00Z`.
    package static func text(_ secondsSinceEpoch: Double) -> String {
        Date(timeIntervalSince1970: secondsSinceEpoch.rounded(.down)).formatted(.iso8601)
    }
}
