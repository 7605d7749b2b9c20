import Testing

@testable import EngramExperiments

@Suite struct PublishedFiguresTests {
    @Test func everyPublishedValueNamesItsSource() throws {
        let all = try PublishedFigures.all()
        #expect(all.count == 33)
        for (name, experiment) in all {
            let sources =
                [experiment.source, experiment.setting.source] + experiment.grids.map(\.source) + experiment.values.map(\.source)
                + experiment.statements.map(\.source)
            for source in sources {
                let keys = ["[RBU20] ", "[JP20] ", "[L19] ", "[S21] ", "[T25] ", "[R23] "]
                let isKeyed = keys.contains { source.hasPrefix($0) && source.count > $0.count }
                #expect(isKeyed, "\(name): '\(source)'")
            }
            // An experiment without one printed number says so.
            #expect(!experiment.grids.isEmpty || !experiment.values.isEmpty || !experiment.statements.isEmpty, "\(name)")
        }
    }

    @Test func everyExperimentHasItsFiguresAndEveryFigureItsExperiment() throws {
        #expect(Set(try PublishedFigures.all().keys) == Set(ExperimentCatalogue.all.map(\.name)))
        let entries = try ExperimentCatalogue.entries()
        #expect(entries.allSatisfy { !$0.title.isEmpty && !$0.source.isEmpty && (0.0...1).contains($0.defaultScale) })
    }

    /// Numbers that the running text of the papers repeats: a second witness for the tables, which were typed from the figures.
    @Test func tablesAgreeWithTheRunningText() throws {
        let figure5 = try #require(try PublishedFigures.all()["fig5"])
        // Section 3: "a depth of 31 and width of 512 is needed to store almost all (99)".
        #expect(figure5.grid("a").count(row: "31", column: "512") == 99)
        // Section 3: 20 sequences of length 5 by depth 6, width 512; one sequence by one hidden layer of 512.
        #expect(figure5.grid("b").count(row: "6", column: "512") == 100)
        #expect(figure5.grid("e").count(row: "1", column: "512") == 100)
        #expect(figure5.grid("d").count(row: "1", column: "512") == 100)
        #expect(figure5.grids.allSatisfy { $0.printed.count == 7 && $0.printed.allSatisfy { $0.count == 3 } })
    }

    @Test func countsAreReadFromEntriesAndNothingFromNA() throws {
        let grid = try #require(try PublishedFigures.all()["fig15"]).grid("attractors")
        #expect(grid.count(row: "rmsprop", column: "swish") == 49)
        #expect(grid.text(row: "gd", column: "swish") == "NA")
        #expect(grid.count(row: "gd", column: "swish") == nil)
        #expect(grid.text(row: "gd", column: "softmax") == nil)
    }
}
