internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
internal import EngramReports
internal import EngramSystem
internal import Foundation

/// Writes everything that the folder of a recall holds, but its manifest.
struct RecallRendering {
    let memory: OpenMemory
    let context: DropProcessor.Context
    let request: RecallJob.Request
    /// Where the files are written.
    let folder: String
    /// Answers that there will be.
    let total: Int
    var notes: [String]
    var seconds = RecallReport.Seconds()
    private var rows: [RecallReport.Answer] = []
    private var views: [AnswerView] = []
    private var isCut = false
    private var isHeldInPart = false

    init(
        memory: OpenMemory, context: DropProcessor.Context, request: RecallJob.Request, folder: String, total: Int, notes: [String]
    ) {
        (self.memory, self.context, self.request) = (memory, context, request)
        (self.folder, self.total, self.notes) = (folder, total, notes)
    }

    /// Answers whose pictures the page holds.
    private static let viewCount = 24
    /// Answers whose sequence is written whole; of the others the item alone, or a folder of cues to a film would fill the disk.
    private static let wholeCount = 16

    private var drop: DecodedDrop { memory.drop }

    /// States of a sequence to play; nil for one round.
    private var stepCount: Int? {
        guard let seconds = request.playSeconds else { return request.stepCount }
        let perSecond =
            if let format = drop.media.format.audio {
                Double(format.sampleRateHz) / Double(format.windowFrameCount)
            } else {
                ResultRendering.framesPerSecond
            }
        return max(1, Int(saturating: (seconds * perSecond).rounded(.up)))
    }

    /// Writes the files of one answer, and keeps what the report says of it.
    mutating func add(_ answer: Answer) throws {
        let index = rows.count
        let isWhole = index < Self.wholeCount || request.stepCount != nil || request.playSeconds != nil
        isCut = isCut || (!isWhole && memory.isSequence)
        let files = try AnswerFiles(memory: memory, answer: answer, stepCount: isWhole ? stepCount : 1)
        let prefix = prefix(of: answer, index)
        var listed = RecallReport.Files()
        for file in files.recalled {
            let path = prefix + (answer.retrieval.item == nil ? "state/" : "recalled/") + file.name
            try ResultFile.write(file.bytes, to: folder + "/" + path)
            if answer.retrieval.item == nil { listed.state.append(path) } else { listed.recalled.append(path) }
        }
        if let path = files.path {
            listed.path = prefix + path.name
            try ResultFile.write(path.bytes, to: folder + "/" + prefix + path.name)
        }
        if let animation = files.animation {
            listed.animation = prefix + animation.name
            try ResultFile.write(animation.bytes, to: folder + "/" + prefix + animation.name)
        }
        isHeldInPart = isHeldInPart || (answer.retrieval.isExact && heldBits != nil)
        rows.append(row(answer, listed))
        if index < Self.viewCount { views.append(try files.view(listed)) }
    }

    /// Writes report and page.
    mutating func finish(began: Double) throws -> RecallReport {
        var report = RecallReport(
            name: context.dropName,
            memory: .init(
                name: memory.files.name, kind: memory.report.kind, family: memory.familyName, items: memory.report.samples,
                dimension: memory.report.dimension, sha256: memory.networkSHA256),
            answers: rows, seed: request.noiseCount > 0 ? request.seed : nil, threads: context.threadCount, versions: context.versions,
            notes: allNotes)
        seconds.total = context.monotonicSeconds() - began
        report.seconds = seconds
        let content = RecallContent(report: report, views: views, command: context.command)
        for file in try content.files() { try ResultFile.write(Array(file.bytes), to: folder + "/" + file.name) }
        return report
    }

    /// Nothing for a single answer; a folder for each of several, numbered so that equal names do not meet.
    private func prefix(of answer: Answer, _ index: Int) -> String {
        guard total > 1 else { return "" }
        var name = String(answer.question.name.map { $0 == "/" ? "_" : $0 })
        // With the number and a file inside, a path stays within what file systems hold.
        while name.utf8.count > 120 { name.removeLast() }
        return "\(AnswerFiles.padded(index + 1, digits: String(total).count))-\(name)/"
    }

    private var allNotes: [String] {
        var all = notes
        if rows.count > Self.viewCount {
            all.append("The page shows the first \(Self.viewCount) of \(rows.count) answers; report.json has all.")
        }
        if isCut { all.append("The whole sequence is written for the first \(Self.wholeCount) answers, of the others the item alone.") }
        if isHeldInPart, let heldBits {
            all.append("Recalled, exact to \(heldBits) bits: some codes of the drop have more, which the memory does not hold.")
        }
        if request.isAssured, rows.count > RecallJob.assuredAnswerCount {
            all.append("How sure an answer is was found out for the first \(RecallJob.assuredAnswerCount).")
        }
        if stepCount != nil, !memory.isSequence { all.append("There is nothing to play: the items of this memory are fixed points.") }
        return all
    }

    /// Bits that the memory holds of the drop's codes, where some have more.
    private var heldBits: Int? { memory.report.media.heldBits }

    private func row(_ answer: Answer, _ files: RecallReport.Files) -> RecallReport.Answer {
        let retrieval = answer.retrieval
        func neighbour(_ found: Retrieval.Neighbour) -> RecallReport.Neighbour {
            .init(item: found.item, name: drop.media.names[found.item], distance: finite(length(found.distance)))
        }
        let groups = drop.set.equalExamples
        let outcome: RecallReport.Outcome
        var period: Int?
        switch retrieval.ending {
        case .item: outcome = memory.isExact(retrieval) ? .exact : .recalled
        case .spuriousFixedPoint: (outcome, period) = (.spurious, 1)
        case .spuriousCycle(let length): (outcome, period) = (.spurious, length)
        case .unsettled: outcome = .unsettled
        case .diverged: outcome = .diverged
        }
        return .init(
            cue: answer.question.name, outcome: outcome, converged: outcome != .unsettled && outcome != .diverged, spuriousPeriod: period,
            item: retrieval.item, itemName: retrieval.item.map { drop.media.names[$0] }, steps: retrieval.stepCount,
            error: finite(length(retrieval.error)), method: retrieval.method.rawValue,
            tried: retrieval.tried.map { .init(method: $0.method.rawValue, item: $0.item) },
            knownEntries: answer.cue.prefix(drop.media.dimension).knownCount,
            margin: retrieval.margin.map { finite(length($0)) }, secondItem: retrieval.finalNeighbours.dropFirst().first.map(neighbour),
            nearestToCue: retrieval.neighbours.map(neighbour),
            agreesWithNearest: retrieval.item.flatMap { item in retrieval.neighbours.first.map { groups[$0.item] == groups[item] } },
            assurance: retrieval.assurance.map { sure in
                .init(
                    escape: sure.escape.map(length), escapeTo: sure.escapeItem.map { drop.media.names[$0] },
                    largestTried: length(sure.largestTried), directions: sure.directionCount, jacobianNorm: sure.jacobianNorm,
                    firstOrderRadius: length(sure.firstOrderRadius))
            },
            placement: answer.placement.flatMap(placement), distances: retrieval.distances.map { finite(length($0)) }, files: files,
            notes: answer.question.notes + corrections(answer) + repeatNotes(retrieval))
    }

    /// Where a cue of several samples differs from what it was found to stand for.
    private func corrections(_ answer: Answer) -> [String] {
        answer.retrieval.item.map { drop.media.format.kind.corrections(of: answer.question.reading, endingAt: $0, in: drop.media) } ?? []
    }

    /// Which of several equal items an answer is, where marks tell them apart.
    private func repeatNotes(_ retrieval: Retrieval) -> [String] {
        guard drop.set.marks != nil, !memory.isSound, let item = retrieval.item else { return [] }
        let equal = drop.equalSamples
        let others = equal.indices.filter {
            $0 != item && equal[$0] == equal[item] && drop.set.equalExamples[$0] != drop.set.equalExamples[item]
        }
        guard let first = others.first else { return [] }
        let more = others.count > 1 ? " and \(others.count - 1) more are" : " is"
        return ["\(drop.media.names[first])\(more) the same as \(drop.media.names[item]); a single cue does not say which of them is meant"]
    }

    private func placement(_ placed: Question.Placed) -> RecallReport.Placement? {
        guard let format = drop.media.format.audio else { return nil }
        return .init(
            clip: format.clips[placed.placement.clip].name, offsetFrames: placed.placement.offset,
            offsetSeconds: Double(placed.placement.offset) / Double(format.sampleRateHz), shiftsTried: placed.shiftCount)
    }

    /// A distance between values of the set, in units of the medium.
    private func length(_ distance: Double) -> Double { distance * (drop.media.scaling?.factor ?? 1) }

    /// A state that runs off has no distance; JSON has no infinity.
    private func finite(_ value: Double) -> Double { value.isFinite ? value : .greatestFiniteMagnitude }
}
