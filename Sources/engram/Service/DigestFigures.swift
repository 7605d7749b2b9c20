import EngramDrops
import EngramReports

/// Time, room and the trend of a digest, from the ledger, the manifests and the file system.
struct DigestFigures {
    let folders: DropFolders
    let ledger: Ledger
    let verification: VerificationRecord
    let zone: TimeZoneRules

    /// Nights of the trend.
    static let nightCount = 30
    private static let daySeconds = 86_400.0

    /// - Parameter published: Results of the span.
    func figures(
        since: Double, until: Double, published: [DropRow]
    ) throws(DropError) -> (use: DigestContent.Use, nights: [DigestContent.Night]) {
        let days = self.days(until: until)
        let first = min(since, until - Double(Self.nightCount + 1) * Self.daySeconds)
        let steps = try ledger.activities(in: [.running, .published, .rejected], since: first)
        let results = try ledger.rows(in: [.published, .archived]).filter { $0.reusedFrom == nil }
        let use = DigestContent.Use(
            workSeconds: steps.filter { $0.state == .running }.reduce(0) { $0 + overlap($1, since, until) },
            publishedBytes: published.reduce(0) { $0 &+ resultBytes($1) },
            resultBytes: results.reduce(0) { $0 &+ resultBytes($1) }, archiveBytes: treeBytes(folders.archive),
            freeBytes: DiskAdmission.room(of: folders.outbox)?.freeByteCount)
        return (use, nights(days, steps, until: until))
    }

    /// The last days by the clock of the zone, oldest first, without gaps where clocks are changed.
    private func days(until: Double) -> [String] {
        var days: [String] = []
        var moment = until
        while days.count < Self.nightCount, moment > until - 2 * Double(Self.nightCount) * Self.daySeconds {
            let day = String(zone.text(moment).prefix(10))
            if days.last != day { days.append(day) }
            moment -= Self.daySeconds / 4
        }
        return days.reversed()
    }

    private func nights(_ days: [String], _ steps: [Ledger.Activity], until: Double) -> [DigestContent.Night] {
        var nights = Dictionary(
            uniqueKeysWithValues: days.map { ($0, DigestContent.Night(day: $0, published: 0, rejected: 0, workSeconds: 0)) })
        func day(_ moment: Double) -> String { String(zone.text(moment).prefix(10)) }
        for step in steps {
            switch step.state {
            case .published: nights[day(step.at)]?.published += 1
            case .rejected: nights[day(step.at)]?.rejected += 1
            default:
                // Work that goes on over midnight belongs to the day that it was begun.
                nights[day(step.at)]?.workSeconds += max(0, min(step.until ?? until, until) - step.at)
            }
        }
        for check in verification.nights { nights[day(check.at)]?.damaged = check.damaged }
        return days.compactMap { nights[$0] }
    }

    private func overlap(_ step: Ledger.Activity, _ since: Double, _ until: Double) -> Double {
        max(0, min(step.until ?? until, until) - max(step.at, since))
    }

    /// As the manifest has it; 0 where none can be read.
    private func resultBytes(_ row: DropRow) -> Int64 {
        guard let path = row.resultPath, let manifest = try? ResultManifest.read(from: path) else { return 0 }
        return manifest.files.reduce(0) { $0 &+ $1.byteCount }
    }

    private func treeBytes(_ path: String) -> Int64 {
        guard let tree = try? TreeSnapshot.take(path, files: FileSystem()) else { return 0 }
        return tree.files.reduce(0) { $0 &+ $1.byteCount }
    }
}

extension DropFolders {
    /// The text of the latest digest, for the hook.
    var latestDigestPath: String { state + "/digest.txt" }
}
