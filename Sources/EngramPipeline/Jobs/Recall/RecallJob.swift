internal import EngramDynamics
internal import EngramMedia
internal import EngramMemories
internal import EngramNumerics
package import EngramReports
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
                let mask = path[..<slash] + CueReader.maskName(of: String(path[slash...]))
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
    /// - Throws: `StageFailure`; `CancellationError` once the context says so.
    package func run(_ request: Request, open: () throws -> OpenMemory, into outputFolder: String) throws -> RecallReport {
        let began = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .decode, elapsedSeconds: 0, detail: "reading the memory"))
        let memory = try opened(open)
        let read = context.monotonicSeconds()
        let (questions, notes) = try questions(request, memory)
        let decoded = context.monotonicSeconds()
        context.onProgress(
            PipelineProgress(
                stage: .recall, elapsedSeconds: decoded - began,
                detail: "asking \(memory.files.name) with \(questions.count) \(questions.count == 1 ? "cue" : "cues")"))
        let answers = try failing { try ask(memory, questions, isAssured: request.isAssured, began: began) }
        let recalled = context.monotonicSeconds()
        guard memory.files.isUnchanged() else {
            throw StageFailure(
                stage: .recall, dropName: context.dropName, code: "memory-replaced",
                message: "the memory \(memory.files.name) was replaced while it was asked.", remedy: "ask again", isRetryable: true)
        }
        context.onProgress(PipelineProgress(stage: .render, elapsedSeconds: recalled - began, detail: "writing the answer"))
        var rendering = RecallRendering(
            memory: memory, context: context, request: request, questions: questions, answers: answers, notes: notes)
        rendering.seconds.read = read - began
        rendering.seconds.decode = decoded - read
        rendering.seconds.recall = recalled - decoded
        do {
            return try rendering.write(into: outputFolder, began: began)
        } catch let error as MediaError {
            throw StageFailure(media: error, dropName: context.dropName)
        }
    }

    private func opened(_ open: () throws -> OpenMemory) throws -> OpenMemory {
        do {
            return try open()
        } catch let fault as MemoryFault {
            throw StageFailure(fault, dropName: context.dropName)
        } catch let error as NumericsError {
            throw StageFailure(stage: .recall, dropName: context.dropName, code: "memory", message: "the memory cannot be used: \(error)")
        }
    }

    private func questions(_ request: Request, _ memory: OpenMemory) throws(StageFailure) -> ([Question], [String]) {
        var (questions, notes): ([Question], [String]) = ([], [])
        for cue in request.cues {
            var options = CueReadOptions()
            options.limits = memory.settings.mediaLimits
            options.missingCode = request.missingCode
            options.maskPath = cue.maskPath
            do {
                let media = try CueReader.read(path: cue.path, for: memory.drop.media, options: options)
                notes += media.notes
                questions += media.items.map { Question($0) }
                if case .audio(let format) = memory.drop.media.format {
                    questions += media.clips.map { Question($0, in: memory.drop, format: format) }
                }
            } catch {
                throw StageFailure(media: error, dropName: context.dropName)
            }
        }
        if request.noiseCount > 0 {
            var generator = SplitMix64(seed: request.seed)
            let noise = NoiseStart.uniform(memory.drop.set.valueRange).draw(
                count: request.noiseCount, dimension: memory.drop.media.dimension, using: &generator)
            questions += (0..<noise.rowCount).map { Question(noise: noise.row($0), number: $0 + 1) }
        }
        return (questions, notes)
    }

    /// One answer for each question.
    private func ask(_ memory: OpenMemory, _ questions: [Question], isAssured: Bool, began: Double) throws -> [Answer] {
        // All cues of all questions go in one batch: an iteration's cost is reading the weights.
        var retrievals = try memory.retriever.retrieve(questions.flatMap(\.cues)) { _, _ in try checkCancellation() }[...]
        var answers: [Answer] = []
        for question in questions {
            let own = Array(retrievals.prefix(question.cues.count))
            retrievals = retrievals.dropFirst(question.cues.count)
            guard !own.isEmpty else { continue }
            let best = question.best(own)
            var answer = Answer(
                question: question, cue: question.cues[best],
                placement: question.placements.indices.contains(best) ? question.placements[best] : nil, retrieval: own[best])
            if isAssured, answers.count < Self.assuredAnswerCount {
                answer.retrieval.assurance = try memory.retriever.assurance(of: answer.retrieval) { _ in try checkCancellation() }
            }
            answers.append(answer)
            context.onProgress(
                PipelineProgress(
                    stage: .recall, elapsedSeconds: context.monotonicSeconds() - began,
                    fraction: Double(answers.count) / Double(questions.count), detail: "how sure each answer is"))
        }
        return answers
    }

    private func checkCancellation() throws {
        if context.isCancelled() { throw CancellationError() }
    }

    private func failing<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as NumericsError {
            throw StageFailure(stage: .recall, dropName: context.dropName, code: "failed", message: "\(error)")
        }
    }
}

/// One question with the best of its answers.
struct Answer {
    let question: Question
    let cue: Cue
    let placement: Question.Placed?
    var retrieval: Retrieval
}

extension StageFailure {
    /// What is wrong with a memory, in the words of a stage.
    init(_ fault: MemoryFault, dropName: String) {
        self.init(
            stage: .recall, dropName: dropName, file: fault.place, code: "memory", message: fault.description, expected: fault.expected,
            found: fault.found, remedy: fault.remedy)
    }
}

extension DropSettings {
    /// What is checked before memory is taken.
    var mediaLimits: MediaLimits {
        var result = MediaLimits()
        result.maxFileByteCount = limits.maxFileByteCount
        result.maxSampleCount = limits.maxSampleCount
        result.maxImageSide = limits.maxImageSide
        result.maxDecodedByteCount = limits.maxDecodedByteCount
        return result
    }
}
