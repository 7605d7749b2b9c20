/// The result in plain language. What failed is said first: a reader of one sentence must not learn only the good half.
struct Verdict: Equatable {
    /// How good the result is, best first.
    enum Outcome: String {
        /// All came back in every stored code, and all stability checks passed.
        case exact
        /// All came back and is stable, but some codes differ.
        case inexact
        /// Some of it failed.
        case partial
        /// Nothing came back, or nothing was checked.
        case failed

        /// The few words on the badge.
        var label: String {
            switch self {
            case .exact: "Recalled exactly"
            case .inexact: "Recalled, not bit-exact"
            case .partial: "Partly recalled"
            case .failed: "Not recalled"
            }
        }
    }

    let outcome: Outcome
    /// Bits of the drop's codes that were held, where some had more.
    let heldBits: Int?
    /// Sentences on what failed; empty when nothing did.
    let failures: [String]
    /// Sentences on what holds.
    let successes: [String]

    /// The few words on the badge: what was held in part did not come back exactly, however good its recall.
    var label: String {
        guard let heldBits, outcome == .inexact, !hasInexact else { return outcome.label }
        return "Recalled, exact to \(heldBits) bits"
    }

    private let hasInexact: Bool

    /// Everything, failures first.
    var text: String {
        (failures + successes).joined(separator: " ")
    }

    init(_ content: ReportContent) {
        var findings = Findings(content)
        switch content.report.kind {
        case .sequence: findings.judgeSequence()
        case .autoencoder: findings.judgeAutoencoder()
        }
        findings.judgeNoiseStarts()
        if findings.failures.isEmpty, findings.successes.isEmpty {
            findings.failures.append("Nothing was verified: this report holds no stability result and no recall.")
            findings.isHopeless = true
        }
        failures = findings.failures
        successes = findings.successes
        heldBits = content.report.media.heldBits
        hasInexact = findings.inexactCount > 0
        outcome = findings.isHopeless ? .failed : !failures.isEmpty ? .partial : hasInexact || heldBits != nil ? .inexact : .exact
    }
}
