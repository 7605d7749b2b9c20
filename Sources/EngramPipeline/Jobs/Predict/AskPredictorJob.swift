internal import EngramMedia
internal import EngramNumerics
package import EngramReports
internal import EngramSystem
internal import Foundation

/// Asks a stored model for the labels of new examples.
package struct AskPredictorJob: Sendable {
    let settings: DropSettings
    let context: DropProcessor.Context

    /// A job of this context, whose name is that of the examples.
    /// - Parameter settings: Limits of reading.
    package init(settings: DropSettings, context: DropProcessor.Context) {
        self.settings = settings
        self.context = context
    }

    /// Predicts and writes every file of the result but its manifest.
    ///
    /// - Parameters:
    ///   - path: A table, an IDX file, a picture or a folder of pictures.
    ///   - files: The published folder of the model.
    ///   - outputFolder: An existing, empty folder.
    /// - Returns: What `report.json` says.
    /// - Throws: `Failure`; `CancellationError` once the context says so.
    package func run(_ path: String, model files: MemoryFiles, into outputFolder: String) throws -> PredictAnswerReport {
        let began = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .recall, elapsedSeconds: 0, detail: "reading the model"))
        let header = try? ReportHeader(json: Data(try files.bytes("report.json")))
        guard header?.jobName == PredictReport.jobName else {
            throw Failure(
                stage: .recall, code: "no-model", file: files.folder,
                expected: "the result of a drop with labels, with its model.safetensors",
                found: header.map { "the result of another job, \($0.jobName)" } ?? "a report that cannot be read",
                remedy: "name the result of a drop with labels")
        }
        let stored = try StoredPredictor(
            decoding: try files.bytes(StoredPredictor.fileName), file: files.folder + "/" + StoredPredictor.fileName)
        context.onProgress(PipelineProgress(stage: .decode, elapsedSeconds: context.monotonicSeconds() - began, detail: "decoding"))
        let (examples, names, notes) = try context.failing(in: .decode) { try read(path, for: stored) }
        context.onProgress(
            PipelineProgress(stage: .recall, elapsedSeconds: context.monotonicSeconds() - began, detail: "predicting"))
        let asked = PredictedRows(
            predictor: stored.predictor, classes: stored.description.classes, examples: stored.examples,
            exampleNames: stored.description.exampleNames, sharpness: stored.description.sharpness)
        let rows = try context.failing(in: .recall) {
            let encoded = stored.description.encoding.encoded(examples, rows: Array(0..<examples.count))
            return try asked.answers(to: encoded, names: names, onStep: { _ in try checkCancellation() })
        }
        let classes = stored.description.classes
        var perClass = Array(repeating: 0, count: classes.count)
        for row in rows { if let label = classes.firstIndex(of: row.predicted) { perClass[label] += 1 } }
        let report = PredictAnswerReport(
            name: context.dropName,
            model: .init(
                name: files.name, target: stored.description.targetName, classes: classes, sha256: files.sha256(StoredPredictor.fileName)),
            answers: .init(predicted: rows.count, perClass: perClass),
            summary: JobSummary(outcome: "predicted", headline: "\(rows.count) \(rows.count == 1 ? "example" : "examples") predicted"),
            threads: context.threadCount, versions: context.versions,
            notes: notes + stored.description.encoding.unseen(examples))
        let content = PredictAnswerContent(report: report, rows: rows, command: context.command)
        try context.failing(in: .render) {
            for file in try content.files() { try ResultFile.write(Array(file.bytes), to: outputFolder + "/" + file.name) }
        }
        return report
    }

    private func checkCancellation() throws {
        if context.isCancelled() { throw CancellationError() }
    }

    private func read(
        _ path: String, for stored: StoredPredictor
    ) throws -> (examples: RawExamples, names: [String], notes: [String]) {
        let encoding = stored.description.encoding
        if let columns = encoding.columns {
            let table = try QuestionTable(path: path, columns: columns.map(\.signature), options: LabelledDecoder.textOptions(settings))
            return (.table(table.columns), (0..<table.count).map { "row \($0 + 1)" }, table.notes)
        }
        var options = MediaReadOptions()
        options.limits = settings.mediaLimits
        let set = try MediaReader.read(path: path, options: options)
        guard set.dimension == encoding.width else {
            throw Failure(
                stage: .decode, code: "unfit-examples", file: path,
                expected: "examples of \(encoding.width) values, as the model learned from",
                found: "\(set.dimension) values", remedy: "give pictures of the same size and colour")
        }
        if let shape = encoding.shape, let found = LabelledDecoder.shape(set), found != shape {
            throw Failure(
                stage: .decode, code: "unfit-examples", file: path,
                expected: "pictures of \(shape.width)×\(shape.height) pixels, as the model learned from",
                found: "\(found.width)×\(found.height) pixels", remedy: "give pictures of the same size and colour")
        }
        return (.pictures(LabelledDecoder.matrix(set), shape: encoding.shape), set.names, set.notes)
    }
}
