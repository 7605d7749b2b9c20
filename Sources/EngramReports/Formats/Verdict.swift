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
    /// Sentences on what failed; empty when nothing did.
    let failures: [String]
    /// Sentences on what holds.
    let successes: [String]

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
        outcome = findings.isHopeless ? .failed : !failures.isEmpty ? .partial : findings.inexactCount > 0 ? .inexact : .exact
    }
}
