import EngramMedia
import EngramReports
import EngramSystem
import Foundation
import Testing

@testable import EngramPipeline

/// Where labels, questions and folds come from.
@Suite struct PredictSourcesTests {
    private let work: PredictWork

    init() throws { work = try PredictWork() }

    /// Bright upper or lower halves of 4 × 4 pixels.
    private static func images(_ count: Int, from first: Int = 0) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 8, 3] + [count, 4, 4].flatMap { [0, 0, UInt8($0 / 256), UInt8($0 % 256)] }
        for item in first..<first + count {
            for pixel in 0..<16 { bytes.append(UInt8((pixel * item) % 40 + ((pixel < 8) == (item % 2 == 0) ? 200 : 0))) }
        }
        return bytes
    }

    private static func labels(_ values: [Int]) -> [UInt8] {
        [0, 0, 8, 1, 0, 0, UInt8(values.count / 256), UInt8(values.count % 256)] + values.map { UInt8($0) }
    }

    @Test func aSecondFileOfImagesIsPredicted() throws {
        let path = try work.folder.write(Self.images(30), "a-images-idx3-ubyte")
        _ = try work.folder.write(Self.labels((0..<30).map { $0 % 2 }), "a-labels-idx1-ubyte")
        _ = try work.folder.write(Self.images(7, from: 30), "a-predict-images-idx3-ubyte")
        let report = try work.process(path, ["predict.model=laplace"])
        #expect(report.answers.predicted == 7 && report.answers.perClass == [4, 3] && report.test == nil)
        let lines = try work.lines("out/predictions.csv")
        #expect(lines[1...7].map { $0[2] } == ["0", "1", "0", "1", "0", "1", "0"] && lines[1...7].allSatisfy { $0[1].isEmpty })
        // A question later, of the same images, is answered alike.
        let asked = try work.ask(work.folder.path + "/a-predict-images-idx3-ubyte", of: "out", into: "answer")
        #expect(asked.answers.perClass == [4, 3])
    }

    @Test func aFolderOfFourFilesIsLearnedFromOnePairAndMeasuredOnTheOther() throws {
        _ = try work.folder.folder("digits")
        _ = try work.folder.write(Self.images(30), "digits/train-images-idx3-ubyte")
        _ = try work.folder.write(Self.labels((0..<30).map { $0 % 2 }), "digits/train-labels-idx1-ubyte")
        _ = try work.folder.write(Self.images(10, from: 30), "digits/t10k-images-idx3-ubyte")
        // One label is wrong, and one is of a class that was never learned.
        _ = try work.folder.write(Self.labels([0, 1, 0, 1, 1, 1, 0, 1, 7, 1]), "digits/t10k-labels-idx1-ubyte")
        let report = try work.process(work.folder.path + "/digits", ["kind=classes", "predict.model=deep"])
        let test = try #require(report.test)
        #expect(test.examples == 10 && test.right == 8 && test.accuracy == 0.8, "\(test)")
        #expect(report.prediction.rows == 30 && report.summary.headline.contains("80.0 % of 10"), "\(report.summary.headline)")
        #expect(try work.lines("out/predictions.csv")[9][1].contains("no class"))
    }

    @Test func theLastColumnIsTheLabelWhereNoCellIsMissingAndItIsOfClasses() throws {
        var text = "x,y,species\n"
        for index in 0..<40 { text += "\(Double(index % 7)),\(Double(index % 5)),\(index % 7 > 3 ? "big" : "small")\n" }
        let path = try work.write(text, "plants.csv")
        #expect(try PredictJob.claims(work.contents(path)))
        let report = try work.process(path, ["predict.model=laplace"])
        #expect(report.prediction.target == "species" && report.notes.contains { $0.contains("species") }, "\(report.notes)")
        // A missing cell is there to be completed, and a last column of numbers is no class.
        let holes = try work.write(text.replacingOccurrences(of: "1.0,1.0,small", with: "1.0,,small"), "holes.csv")
        #expect(try !PredictJob.claims(work.contents(holes)))
        let numbers = try work.write("a,b\n1.5,2\n2.5,3\n3.5,4.5\n", "numbers.csv")
        #expect(try !PredictJob.claims(work.contents(numbers)))
    }

    @Test func aClassWithOneExampleAmongOthersIsTakenAndSaid() throws {
        var text = "x,class\n"
        for index in 0..<24 { text += "\(1.5 * Double(index % 9)),\(index == 5 ? "rare" : index % 9 > 4 ? "b" : "a")\n" }
        let report = try work.process(try work.write(text, "rare.csv"), ["predict.model=laplace"])
        #expect(
            report.prediction.rows == 24 && report.prediction.folds == 2 && report.notes.contains { $0.contains("rare") }, "\(report.notes)"
        )
        #expect(report.prediction.confusion.flatMap { $0 }.reduce(0, +) == 24)
    }

    @Test func foldsThatAreGivenAreTheOnesThatAreMeasured() throws {
        var (text, folds) = ("x,class\n", "fold\n")
        for index in 0..<45 {
            text += "\(1.5 * Double(index)),\(index % 2 == 0 ? "a" : "b")\n"
            folds += "\(index / 15)\n"
        }
        let path = try work.write(text, "blocks.csv")
        let companion = try work.write(folds, "blocks.folds.csv")
        let report = try work.process(path, ["predict.model=laplace"])
        #expect(report.prediction.folds == 3 && report.prediction.validatedRows == 45)
        _ = try work.write(folds + "2\n", "blocks.folds.csv")
        var found: Failure?
        do { _ = try work.process(path, into: "bad") } catch let failure as Failure { found = failure }
        #expect(found?.code == "fold-count" && found?.message.contains("45") == true, "\(companion): \(String(describing: found))")
    }

    /// Dates in the order that training decided, also where those of the question could be in another.
    @Test func datesOfAQuestionAreReadInTheOrderOfTheModel() throws {
        var text = "when,x,class\n"
        for index in 0..<40 {
            let (month, day) = (index % 12 + 1, index % 28 + 1)
            text += "\(month)/\(day)/2024,\(index % 3),\(month > 6 ? "late" : "early")\n"
        }
        _ = try work.process(work.write(text, "dates.csv"), ["predict.model=laplace"])
        let stored = try StoredPredictor(decoding: work.folder.bytes("out/model.safetensors"), file: "model")
        let signature = try #require(stored.description.encoding.columns?.first?.signature)
        #expect(signature.kind == .date && signature.dateOrder == "month-day-year")
        func days(_ text: String) throws -> (days: [Double], notes: [String]) {
            let table = try QuestionTable(
                path: work.write("when\n" + text, "q-\(UUID().uuidString).csv"), columns: [signature], options: DelimitedTextOptions())
            guard case .numbers(_, _, let values, _) = table.columns[0] else { return ([], []) }
            return (values, table.notes)
        }
        // 2024-02-03 and 2024-03-02: alone, either order would do.
        let (first, notes) = try days("2/3/2024\n3/2/2024\n")
        #expect(first == [19_756, 19_784] && notes.isEmpty, "\(first) \(notes)")
        // No month is 13: the other order it is, and that is said.
        let (second, others) = try days("13/2/2024\n")
        #expect(second == [19_766] && others.contains { $0.contains("day-month-year") }, "\(second) \(others)")
        // A file of an earlier version has no order.
        let old = RawColumn.Signature(name: "when", kind: .date)
        let table = try QuestionTable(path: work.write("when\n2/3/2024\n", "old.csv"), columns: [old], options: DelimitedTextOptions())
        #expect(table.columns == [.numbers(name: "when", kind: .date, [19_784], dateOrder: "day-month-year")])
    }
}
