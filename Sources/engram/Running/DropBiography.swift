import EngramDrops
import EngramService
import Glibc

/// What `engram explain` says.
enum DropBiography {
    /// One drop: where it stands, where its files are, and its steps.
    static func text(
        _ row: DropRow, transitions: [DropTransition], interpretation: String? = nil, outcome: String? = nil, cluster: JSONValue? = nil,
        isSourceThere: Bool = true,
        shownPath: (String) -> String = { PathText.shown($0) }
    ) -> String {
        // Of a rejected drop all of a long reason lies beside its source; of others the ledger alone has it.
        let whole = row.state == .rejected ? row.resultPath.map { shownPath($0) + "/error.json" } : nil
        var lines = ["\(row.name) (\(row.id)): \(row.state.rawValue): \(ReasonText.shown(row.reason, whole: whole))"]
        if row.state != .rejected { lines.append("  source  \(shownPath(row.path))" + (isSourceThere ? "" : " (not there any more)")) }
        if let result = row.resultPath { lines.append("  result  \(shownPath(result))") }
        if let outcome { lines.append("  \(outcome)") }
        if let interpretation { lines.append("  \(interpretation)") }
        if let text = ClusterNews.text(cluster) { lines.append("  cluster \(text)") }
        if let request = ClusterNews.request(cluster) { lines.append("  asked for \(request)") }
        if let code = row.failureCode {
            lines.append("  failure \(code), \(row.failureIsRetryable == true ? "which may pass by itself" : "for good")")
        }
        if let moment = row.notBefore { lines.append("  not before \(Timestamp.text(moment))") }
        for step in transitions {
            let word = TerminalText.padded(step.to.rawValue, toColumnCount: 10)
            lines.append("  \(Timestamp.text(step.at))  \(word)  \(ReasonText.shown(step.reason, whole: whole))")
        }
        return lines.map(TerminalText.printable).joined(separator: "\n")
    }

    /// Why nothing is known of a path.
    static func absence(of path: String, inbox: String, isDaemonRunning: Bool) -> CommandFailure {
        let name = FolderCreation.lastPart(of: path)
        let inInbox = inbox + "/" + name
        var failure = CommandFailure(
            .noInput, stage: .files, code: "unknown-drop", message: "no drop of the name or path \(path) was ever seen.")
        if let reason = InboxScanner.reasonToIgnore(name) {
            failure.message = "\(path) is not looked at: \(reason)."
        } else if name.hasSuffix(InboxScanner.settingsSuffix) || name.hasSuffix(InboxScanner.doneSuffix) {
            failure.message = "\(path) is no drop: it goes with the drop of its name."
            failure.remedy = "explain that one"
        } else if let entry = (try? InboxScanner(inbox: inbox).scan())?.first(where: { $0.name == name }) {
            failure.message = "\(inInbox) was not looked at yet."
            if case .waiting(let reason) = entry.kind { failure.message += " It would have to wait: \(reason)." }
            failure.remedy = isDaemonRunning ? "wait for the next look at the inbox" : "run `engram run`; it is not running now"
        } else {
            failure.remedy = "see `engram status` for the names that are known"
        }
        return failure
    }
}
