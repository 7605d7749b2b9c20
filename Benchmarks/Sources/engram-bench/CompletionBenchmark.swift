import EngramKernels
import EngramMedia
import EngramNumerics
import Foundation

/// Completes what is known the truth of: a table with holes, a fold of ratings, a system of the published size.
struct CompletionBenchmark {
    private enum Problem {
        /// A complete table, a file with a digit for each cell, and the digits that are hidden.
        case table(path: String, holes: String, hidden: Set<Character>)
        /// Ratings in long form, the fold of each line, the fold that is hidden, and what is known of items; empty for nothing.
        case ratings(path: String, folds: String, fold: Int, items: String)
        /// Positions and right-hand sides.
        case system(count: Int, rightCount: Int)
    }

    private let problem: Problem

    init(_ options: inout Options) throws {
        switch try options.text("problem") {
        case "table":
            problem = .table(
                path: try options.text("path"), holes: try options.text("holes"), hidden: Set(try options.text("hidden")))
        case "ratings":
            problem = .ratings(
                path: try options.text("path"), folds: try options.text("folds"), fold: try options.integer("fold") - 1,
                items: try options.text("items", ""))
        case "system":
            problem = .system(count: try options.integer("count", 14_336), rightCount: try options.integer("right", 978))
        case let other: throw BenchmarkError("There is no problem '\(other)'; there are table, ratings and system.")
        }
        try options.requireAllUsed()
    }

    func run() throws {
        let (clock, processor) = (ContinuousClock.now, CompletionBenchmark.processorSeconds())
        var reply =
            switch problem {
            case .table(let path, let holes, let hidden): try table(path, holes, hidden)
            case .ratings(let path, let folds, let fold, let items): try ratings(path, folds, fold, items)
            case .system(let count, let rightCount): try system(count, rightCount)
            }
        reply["seconds"] = .number((ContinuousClock.now - clock) / .seconds(1))
        reply["processor_seconds"] = .number(Self.processorSeconds() - processor)
        try Reply.send(reply)
    }

    /// Root mean square error over hidden cells, each over its column's standard deviation in the complete table; the last column, a label,
    /// left out.
    private func table(_ path: String, _ holes: String, _ hidden: Set<Character>) throws -> [String: Reply.Value] {
        let text = try DelimitedText.read(path: path)
        let width = text.columnCount - 1
        var full = Matrix<Double>(rowCount: text.rowCount, columnCount: width)
        for row in 0..<text.rowCount {
            for column in 0..<width {
                guard let value = Double(text.cell(row: row, column: column)) else {
                    throw BenchmarkError("\(path) has a cell that is no number.")
                }
                full[row, column] = value
            }
        }
        let lines = try String(contentsOfFile: holes, encoding: .utf8).split(separator: "\n").filter {
            $0.count == width && $0.allSatisfy(\.isNumber)
        }
        guard lines.count == text.rowCount else { throw BenchmarkError("\(holes) has \(lines.count) rows, the table \(text.rowCount).") }
        var masked = full
        var cells: [(row: Int, column: Int)] = []
        for (row, line) in lines.enumerated() {
            for (column, digit) in line.enumerated() where hidden.contains(digit) {
                masked[row, column] = .nan
                cells.append((row, column))
            }
        }
        let result = try TableCompletion().complete(IncompleteMatrix(values: masked))
        var (squares, inside) = (0.0, 0)
        let deviations = (0..<width).map { column in
            let values = full.column(column)
            let mean = values.reduce(0, +) / Double(values.count)
            return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
        }
        for (row, column) in cells {
            let error = (result.values[row, column] - full[row, column]).magnitude
            squares += error * error / max(deviations[column] * deviations[column], .leastNormalMagnitude)
            if error <= result.halfWidths[row, column] { inside += 1 }
        }
        return [
            "error": .number((squares / Double(cells.count)).squareRoot()), "coverage": .number(Double(inside) / Double(cells.count)),
            "cells": .count(cells.count),
        ]
    }

    private func ratings(_ path: String, _ folds: String, _ fold: Int, _ items: String) throws -> [String: Reply.Value] {
        let (text, marks) = (
            try DelimitedText.read(path: path),
            try DelimitedText(Array(Data(contentsOf: URL(fileURLWithPath: folds))), name: folds, options: Self.named)
        )
        var (userPlaces, itemPlaces): ([String: Int], [String: Int]) = ([:], [:])
        var (users, members, values, isHidden): ([Int], [Int], [Double], [Bool]) = ([], [], [], [])
        func place(_ name: String, _ places: inout [String: Int]) -> Int {
            if let known = places[name] { return known }
            places[name] = places.count
            return places.count - 1
        }
        for row in 0..<text.rowCount {
            users.append(place(text.cell(row: row, column: 0), &userPlaces))
            members.append(place(text.cell(row: row, column: 1), &itemPlaces))
            values.append(Double(text.cell(row: row, column: 2)) ?? 0)
            isHidden.append(Int(marks.cell(row: row, column: 0)) == fold)
        }
        let (known, asked) = (values.indices.filter { !isHidden[$0] }, values.indices.filter { isHidden[$0] })
        let table = RatingTable(
            userCount: userPlaces.count, itemCount: itemPlaces.count, users: known.map { users[$0] }, items: known.map { members[$0] },
            values: known.map { values[$0] }, itemFeatures: items.isEmpty ? nil : try Self.features(items, places: itemPlaces))
        let result = try RatingCompletion().complete(
            table, pairs: RatingPairs(users: asked.map { users[$0] }, items: asked.map { members[$0] }))
        var (squares, inside) = (0.0, 0)
        for (index, row) in asked.enumerated() {
            let error = (result.values[index] - values[row]).magnitude
            squares += error * error
            if error <= result.halfWidths[index] { inside += 1 }
        }
        return [
            "error": .number((squares / Double(asked.count)).squareRoot()), "coverage": .number(Double(inside) / Double(asked.count)),
            "cells": .count(asked.count),
        ]
    }

    private static var named: DelimitedTextOptions {
        var options = DelimitedTextOptions()
        options.hasHeader = true
        return options
    }

    /// Genres as indicators, and the year.
    private static func features(_ path: String, places: [String: Int]) throws -> Matrix<Double> {
        let text = try DelimitedText.read(path: path)
        let lists = (0..<text.rowCount).map { text.cell(row: $0, column: 3).split(separator: "|").map(String.init) }
        let words = Set(lists.joined()).sorted()
        var features = Matrix<Double>(rowCount: places.count, columnCount: words.count + 1)
        for row in 0..<text.rowCount {
            guard let place = places[text.cell(row: row, column: 0)] else { continue }
            for (index, word) in words.enumerated() where lists[row].contains(word) { features[place, index] = 1 }
            features[place, words.count] = ((Double(text.cell(row: row, column: 2)) ?? 1990) - 1990) / 20
        }
        return features
    }

    /// The system of the published screen: as many positions, each with features, and a right-hand side for each gene.
    private func system(_ count: Int, _ rightCount: Int) throws -> [String: Reply.Value] {
        var generator = SplitMix64(seed: 1)
        func normals(_ columns: Int) -> Matrix<Double> {
            Matrix(rowCount: count, columnCount: columns, elements: (0..<count * columns).map { _ in generator.nextNormal() })
        }
        let (features, targets) = (normals(200), normals(rightCount))
        let began = ContinuousClock.now
        let kernel = CompletionKernel(tail: 1.5).matrix(of: features)
        let made = ContinuousClock.now
        let cholesky = try KernelCholesky(kernel)
        let factored = ContinuousClock.now
        let solution = try cholesky.solve(targets)
        let solved = ContinuousClock.now
        let residual = cholesky.relativeResiduals(of: solution, right: targets).max() ?? 0
        return [
            "kernel_seconds": .number((made - began) / .seconds(1)), "factor_seconds": .number((factored - made) / .seconds(1)),
            "solve_seconds": .number((solved - factored) / .seconds(1)), "residual": .number(residual),
        ]
    }

    /// Seconds that all threads of this process have used of the processors.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
