internal import Foundation

/// What a paper prints of one experiment; every number names its place there.
struct PublishedExperiment: Decodable, Equatable, Sendable {
    /// How it was done.
    struct Setting: Decodable, Equatable, Sendable {
        let source: String
        let data: String
        let network: String
        let initialization: String
        let optimizer: String
        let stop: String
        let seed: String
    }

    /// A printed table.
    struct Grid: Decodable, Equatable, Sendable {
        let id: String
        let source: String
        let meaning: String
        /// Of how many the entries count.
        let of: Int
        let rowTitle: String
        let columnTitle: String
        let rows: [String]
        let columns: [String]
        /// Entries exactly as printed, row by row.
        let printed: [[String]]

        /// The entry as printed; nil for a cell that the paper does not have.
        func text(row: String, column: String) -> String? {
            guard let i = rows.firstIndex(of: row), let j = columns.firstIndex(of: column) else { return nil }
            return printed[i][j]
        }

        /// The count in an entry such as `24` or `24/100`; nil for `NA`.
        func count(row: String, column: String) -> Int? {
            text(row: row, column: column).flatMap { $0.split(separator: "/").first }.flatMap { Int($0) }
        }
    }

    /// A printed number.
    struct Value: Decodable, Equatable, Sendable {
        let id: String
        let source: String
        let meaning: String
        /// As printed.
        let printed: String
        /// What it says as a number; nil where it is none.
        let number: Double?
    }

    /// What the paper says where it prints no number.
    struct Statement: Decodable, Equatable, Sendable {
        let source: String
        let says: String
    }

    let title: String
    let source: String
    let setting: Setting
    let grids: [Grid]
    let values: [Value]
    let statements: [Statement]

    /// The value of that id; a name that is not in the data file is an error of this program.
    func value(_ id: String) -> Value {
        guard let found = values.first(where: { $0.id == id }) else { preconditionFailure("\(source) has no value '\(id)'") }
        return found
    }

    /// The table of that id.
    func grid(_ id: String) -> Grid {
        guard let found = grids.first(where: { $0.id == id }) else { preconditionFailure("\(source) has no table '\(id)'") }
        return found
    }
}

/// The data files of the papers.
enum PublishedFigures {
    private struct File: Decodable {
        let paper: String
        let experiments: [String: PublishedExperiment]
    }

    /// Every experiment by name.
    static func all() throws -> [String: PublishedExperiment] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var result: [String: PublishedExperiment] = [:]
        let files = [
            PackageResources.RBU20_json, PackageResources.JP20_json, PackageResources.L19_json, PackageResources.S21_json,
            PackageResources.T25_json, PackageResources.NOAE25_json, PackageResources.R23_json, PackageResources.R23Completion_json,
            PackageResources.R23Inpaint_json,
        ]
        for bytes in files {
            let file = try decoder.decode(File.self, from: Data(bytes))
            result.merge(file.experiments) { first, _ in first }
        }
        return result
    }
}
