internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
package import EngramReports
internal import EngramSystem
internal import Foundation

/// Asks a memory: decode the cues, retrieve, find out how sure the answers are, render.
package struct RecallJob: Sendable {
    /// What is asked.
    package struct Request: Sendable, Equatable {
        /// A file or a folder of files, and a mask where it is one picture that has one beside it.
        package struct CuePath: Sendable, Equatable {
            /// The cue.
            package var path: String
            /// The mask: white is known.
            package var maskPath: String?

            /// A cue with its mask.
            package init(path: String, maskPath: String? = nil) {
                self.path = path
                self.maskPath = maskPath
            }

            /// A cue with `NAME_mask.png` beside it, where that is there.
            package static func withMask(_ path: String) -> CuePath {
                let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
                let mask = path[..<slash] + MaskName.of(String(path[slash...]))
                return CuePath(path: path, maskPath: FileManager.default.fileExists(atPath: String(mask)) ? String(mask) : nil)
            }
        }

        /// The cues; none to ask from noise alone.
        package var cues: [CuePath]
        /// The code, as the cue's file stores it, that stands for a missing entry.
        package var missingCode: Double?
        /// Recalls from uniform noise over the range of the medium.
        package var noiseCount = 0
        /// Seed of the noise.
        package var seed: UInt64 = 0
        /// States of a sequence to play from the cue's place on; nil for one round.
        package var stepCount: Int?
        /// The same in seconds, at 24 pictures a second or by windows of sound; nil where `stepCount` says it, or neither.
        package var playSeconds: Double?
        /// Whether to find out how sure each answer is.
        package var isAssured = true

        /// A request with these cues.
        package init(cues: [CuePath] = []) { self.cues = cues }
    }

    let context: DropProcessor.Context

    /// A job of this context, whose name is that of the cue drop.
    package init(context: DropProcessor.Context) { self.context = context }

    /// Answers after which nobody is told how sure they are.
    static let assuredAnswerCount = 16

    /// Asks the memory and writes every file of the result but its manifest.
    ///
    /// - Parameters:
    ///   - request: The cues.
    ///   - open: Opens the memory; called once.
    ///   - outputFolder: An existing, empty folder.
    /// - Returns: What `report.json` says.
    /// - Throws: `Failure`; `CancellationError` once the context says so.
    package func run(_ request: Request, open: () throws -> OpenMemory, into outputFolder: String) throws -> RecallReport {
        let began = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .decode, elapsedSeconds: 0, detail: "reading the memory"))
        let memory = try context.failing(in: .recall) { try opened(open) }
        let read = context.monotonicSeconds()
        let (sources, notes) = try sources(request, memory)
        let decoded = context.monotonicSeconds()
        var rendering = RecallRendering(
            memory: memory, context: context, request: request, folder: outputFolder, total: sources.count, notes: notes)
        rendering.seconds.read = read - began
        rendering.seconds.decode = decoded - read
        // So many at a time: an iteration's cost is reading the weights, whatever the number of cues, and what they hold is let go again.
        let byteCount = 8 * Self.keptStateCount * memory.drop.set.examples.columnCount * cuesOfOne(memory)
        let batchCount = max(1, min(Self.batchCount, Self.batchByteCount / byteCount))
        let reporter = ShareReporter(.recall, context: context, since: decoded)
        let asking = "asking \(memory.files.name) with \(sources.count) \(sources.count == 1 ? "cue" : "cues")"
        for first in stride(from: 0, to: sources.count, by: batchCount) {
            let start = context.monotonicSeconds()
            let questions = sources[first..<min(first + batchCount, sources.count)].map { $0.question(memory) }
            let answers = try context.failing(in: .recall) {
                try ask(memory, questions, assured: request.isAssured ? Self.assuredAnswerCount - first : 0) { share in
                    try reporter.tell((Double(first) + share * Double(questions.count)) / Double(sources.count), asking)
                }
            }
            let answered = context.monotonicSeconds()
            rendering.seconds.recall += answered - start
            context.onProgress(
                PipelineProgress(stage: .render, elapsedSeconds: answered - began, detail: "writing the answer"))
            try context.failing(in: .render) { for answer in answers { try rendering.add(answer) } }
            rendering.seconds.render += context.monotonicSeconds() - answered
        }
        guard memory.files.isUnchanged() else {
            throw Failure(
                stage: .recall, code: "memory-replaced",
                message: "the memory \(memory.files.name) was replaced while it was asked.", remedy: "ask again", isRetryable: true)
        }
        return try context.failing(in: .render) { try rendering.finish(began: began) }
    }

    /// Most cues that are asked together, and about how many bytes of states they may hold.
    private static let batchCount = 64
    private static let batchByteCount = 256 << 20
    /// States that an answer holds until it is written, about.
    private static let keptStateCount = 128
    /// Windows of sound that one cue is laid over, about.
    private static let cuesOfSound = 16

    /// Of asking and finding out how sure the answers are.
    private static let answeredShare = 0.3

    /// Cues by which one is put to the memory, about.
    private func cuesOfOne(_ memory: OpenMemory) -> Int {
        memory.isSound ? Self.cuesOfSound : min(memory.drop.set.marks?.markCount ?? 1, Question.markCount)
    }

    private func opened(_ open: () throws -> OpenMemory) throws -> OpenMemory {
        do {
            return try open()
        } catch let error as NumericsError {
            throw Failure(stage: .recall, code: "memory", message: "the memory cannot be used: \(error)")
        }
    }

    /// What a question is made from, small until it is asked.
    private enum Source {
        case item(CueMedia.Item)
        case clip(CueMedia.Clip, AudioFormat)
        case noise([Double], number: Int)

        func question(_ memory: OpenMemory) -> Question {
            switch self {
            case .item(let item): Question(item, in: memory)
            case .clip(let clip, let format): Question(clip, in: memory.drop, format: format)
            case .noise(let values, let number): Question(noise: values, number: number)
            }
        }
    }

    /// Most cues of one request.
    private static let largestCueCount = 10_000

    private func sources(_ request: Request, _ memory: OpenMemory) throws(Failure) -> ([Source], [String]) {
        var (sources, notes): ([Source], [String]) = ([], [])
        for cue in request.cues {
            var options = CueReadOptions()
            options.limits = memory.settings.mediaLimits
            options.limits.maxSampleCount = min(options.limits.maxSampleCount, Self.largestCueCount)
            options.missingCode = request.missingCode
            options.maskPath = cue.maskPath
            do {
                let media = try CueReader.read(path: cue.path, for: memory.drop.media, options: options)
                notes += media.notes
                sources += media.items.map { .item($0) }
                if let format = memory.drop.media.format.audio { sources += media.clips.map { .clip($0, format) } }
            } catch {
                throw error.failure
            }
        }
        if request.noiseCount > 0 {
            var generator = SplitMix64(seed: request.seed)
            let noise = NoiseStart.uniform(memory.drop.set.valueRange).draw(
                count: request.noiseCount, dimension: memory.drop.set.examples.columnCount, using: &generator)
            sources += (0..<noise.rowCount).map { .noise(noise.row($0), number: $0 + 1) }
        }
        return (sources, notes)
    }

    /// One answer for each question.
    /// - Parameters:
    ///   - assured: Answers of which it is found out how sure they are.
    ///   - onShare: Told which share is done; may throw to cancel.
    private func ask(
        _ memory: OpenMemory, _ questions: [Question], assured: Int, onShare: (Double) throws -> Void
    ) throws -> [Answer] {
        // How sure an answer is takes longer than the answer.
        let answeredShare = assured > 0 ? Self.answeredShare : 1
        let cues = questions.flatMap(\.cues)
        try onShare(0)
        var retrievals = try memory.retriever.retrieve(cues) { _, active in
            try onShare(answeredShare * (1 - Double(min(active, cues.count)) / Double(max(cues.count, 1))))
        }[...]
        var answers: [Answer] = []
        for question in questions {
            let own = Array(retrievals.prefix(question.cues.count))
            retrievals = retrievals.dropFirst(question.cues.count)
            guard !own.isEmpty else { continue }
            let best = question.best(own)
            var answer = Answer(
                question: question, cue: question.cues[best],
                placement: question.placements.indices.contains(best) ? question.placements[best] : nil, retrieval: own[best])
            if answers.count < assured {
                let (done, all) = (Double(answers.count), Double(min(assured, questions.count)))
                try onShare(answeredShare + (1 - answeredShare) * done / all)
                answer.retrieval.assurance = try memory.retriever.assurance(of: answer.retrieval) { _ in try checkCancellation() }
            }
            answers.append(answer)
        }
        return answers
    }

    private func checkCancellation() throws {
        if context.isCancelled() { throw CancellationError() }
    }
}

/// One question with the best of its answers.
struct Answer {
    let question: Question
    let cue: Cue
    let placement: Question.Placed?
    var retrieval: Retrieval
}
