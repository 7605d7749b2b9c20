internal import EngramKernels
internal import EngramMedia
internal import EngramMemories
package import EngramReports
internal import EngramSystem

/// Fills the missing cells of a table: decode, complete, render.
package struct CompleteJob: Sendable {
    let settings: DropSettings
    let context: DropProcessor.Context
    /// Bytes that there are for filling; nil where nobody knows. For tests.
    var availableMemory: @Sendable () -> Double? = { MemoryAvailability().byteCount }

    /// A job for one drop.
    package init(settings: DropSettings, context: DropProcessor.Context) {
        self.settings = settings
        self.context = context
    }

    /// Whether a drop is a table with missing cells and not one to predict by: a file that ends in `.csv` or `.tsv` without a column that is
    /// called class, label or target. A table in which nothing is missing is claimed too, since no other job can say what is wrong with it.
    /// - Throws: `Failure` where the file cannot be read at all.
    package static func claims(_ drop: DropContents) throws -> Bool {
        guard !drop.isFolder, TableDrop.isTable(drop.name) || TableDrop.isTable(drop.path) else { return false }
        do {
            let names = try DelimitedText.firstCells(path: drop.path)
            return !names.contains { TableDrop.labelNames.contains($0.lowercased()) }
        } catch {
            throw error.failure
        }
    }

    /// Fills a table and writes every file of the result but its manifest.
    ///
    /// - Parameters:
    ///   - drop: The table, with what is known of its rows and columns beside it.
    ///   - outputFolder: An existing, empty folder.
    /// - Returns: What `report.json` says.
    /// - Throws: `Failure`; `CancellationError` once the context says so.
    package func run(_ drop: DropContents, into outputFolder: String) throws -> CompletionReport {
        let began = context.monotonicSeconds()
        context.onProgress(PipelineProgress(stage: .decode, elapsedSeconds: 0, detail: "reading the table"))
        let table = try context.failing(in: .decode) { try TableDrop(drop, onStep: context.checkCancelled) }
        try table.checkFillable()
        let form = TableForm(table, settings: settings)
        let decoded = context.monotonicSeconds()
        var progress = PipelineProgress(
            stage: .decode, elapsedSeconds: decoded - began, detail: "decoded", interpretation: form.interpretation.sentence)
        progress.remarks = table.notes
        context.onProgress(progress)
        let reporter = ShareReporter(context: context, since: decoded, sentence: form.interpretation.sentence)
        let count = table.openCellCount
        let outcome = try context.failing(in: .train) {
            try filling(form) {
                try form.fill(table, memoryLimit: memoryLimit) { share in
                    try reporter.tell(share, "filling \(count) missing \(count == 1 ? "cell" : "cells")")
                }
            }
        }
        let completed = context.monotonicSeconds()
        context.onProgress(
            PipelineProgress(
                stage: .render, elapsedSeconds: completed - began, detail: "writing the table", interpretation: form.interpretation.sentence
            ))
        var rendering = CompletionRendering(
            drop: table, outcome: outcome, settings: settings, context: context, interpretation: form.interpretation)
        rendering.seconds.decode = decoded - began
        rendering.seconds.complete = completed - decoded
        let report = try context.failing(in: .render) { try rendering.write(into: outputFolder, began: began) }
        context.onProgress(
            PipelineProgress(
                stage: .render, elapsedSeconds: context.monotonicSeconds() - began, detail: "completed",
                interpretation: form.interpretation.sentence, outcome: report.summary.headline))
        return report
    }

    private var memoryLimit: Double? { settings.limits.maxMemoryByteCount.given.map(Double.init) ?? availableMemory() }

    /// Says what a kernel system could not do in words about the table.
    private func filling(_ form: TableForm, _ body: () throws -> CompletionOutcome) throws -> CompletionOutcome {
        do {
            return try body()
        } catch let error as KernelSolverError {
            throw Failure(
                stage: .train, code: "not-solved", message: "the table could not be filled: \(error)",
                remedy: "Drop fewer columns, or say with complete.text which ones are not to be used")
        }
    }
}

/// How a table is filled, and why so.
struct TableForm {
    let interpretation: DropReport.Interpretation
    private let settings: DropSettings
    private let ratingColumns: (user: Int, item: Int, value: Int)?

    /// Ratings where the settings or the columns' names say so.
    init(_ drop: TableDrop, settings: DropSettings) {
        self.settings = settings
        let named = RatingFilling.columns(of: drop.table)
        let hasThree = drop.table.columns.count >= 3
        switch settings.complete.form.given {
        case nil: ratingColumns = named
        case .table: ratingColumns = nil
        case .ratings: ratingColumns = named ?? (hasThree ? (0, 1, 2) : nil)
        }
        if let columns = ratingColumns {
            let names = [columns.user, columns.item, columns.value].map { drop.table.columns[$0].name }.joined(separator: ", ")
            interpretation = .init(
                takenFor: "ratings to be completed", because: "its columns are \(names)",
                setting: "complete.form: table takes it for a table")
        } else {
            let missing = drop.openCellCount
            interpretation = .init(
                takenFor: "a table to be completed",
                because: "it has \(missing) missing \(missing == 1 ? "cell" : "cells") and no column called class, label or target")
        }
    }

    func fill(_ drop: TableDrop, memoryLimit: Double?, onProgress: (Double) throws -> Void) throws -> CompletionOutcome {
        guard let ratingColumns else {
            return try TableFilling(drop: drop, settings: settings, memoryLimit: memoryLimit).fill(onProgress: onProgress)
        }
        let filling = RatingFilling(drop: drop, settings: settings, columns: ratingColumns, memoryLimit: memoryLimit)
        return try filling.fill(onProgress: onProgress)
    }
}
