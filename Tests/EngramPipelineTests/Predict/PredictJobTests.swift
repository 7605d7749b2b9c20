import EngramMedia
import EngramNumerics
import EngramReports
import EngramSystem
import Foundation
import Testing

@testable import EngramPipeline

/// Labelled drops, from their files to the files of the result.
@Suite struct PredictJobTests {
    private let work: TemporaryFolder
    private let context = DropProcessor.Context(
        dropName: "drop", threadCount: 1, versions: ["engram": "test"], command: "engram process drop", monotonicSeconds: { 0 })

    init() throws { work = try TemporaryFolder() }

    private static let quick = ["predict.folds=2", "predict.rounds=1", "analysis.recovery=none"]

    private func contents(_ path: String, _ overrides: [String]) throws -> DropContents {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let settings = try PipelineSettings().dropSettings(named: name, overrides: Self.quick + overrides)
        return DropContents(path: path, name: name, settings: settings)
    }

    private func process(_ path: String, _ overrides: [String] = [], into output: String = "out") throws -> PredictReport {
        let drop = try contents(path, overrides)
        return try PredictJob(settings: drop.settings, context: context).run(drop, into: try work.folder(output))
    }

    private func files(_ folder: String) -> MemoryFiles {
        MemoryFiles(
            folder: folder,
            read: { path throws(Failure) in
                guard let data = FileManager.default.contents(atPath: folder + "/" + path) else {
                    throw Failure(memory: path, expected: "a file", found: "none", remedy: "none")
                }
                return Array(data)
            })
    }

    private func failure(_ text: String, _ overrides: [String] = [], name: String = "bad.csv") throws -> Failure {
        let path = try work.write(Array(text.utf8), name)
        var found: Failure?
        do { _ = try process(path, overrides, into: "out-\(UUID().uuidString)") } catch let failure as Failure { found = failure }
        return try #require(found, "\(text.prefix(60)) was taken")
    }

    /// Rows whose class is the sign of x·y, which no single column tells, and a column of noise; `holes` of them without a class.
    private static func table(_ count: Int, holes: Int = 0) -> String {
        var text = "x,colour,noise,y,class\n"
        for index in 0..<count {
            let (x, y) = (Double((index * 37) % 41) / 20 - 1, Double((index * 23) % 29) / 14 - 1)
            let label = index < holes ? "" : x * y > 0 ? "same" : "other"
            text += "\(x),\(index % 3 == 0 ? "red" : "blue"),\(Double((index * 17) % 13)),\(y),\(label)\n"
        }
        return text
    }

    @Test func aTableIsLearnedAndItsMissingLabelsArePredicted() throws {
        let path = try work.write(Array(Self.table(120, holes: 8).utf8), "signs.csv")
        #expect(try PredictJob.claims(contents(path, [])))
        let report = try process(path)
        let prediction = report.prediction
        #expect(prediction.task == "classification" && prediction.classes.sorted() == ["other", "same"] && prediction.rows == 112)
        // A sign of a product: nearly all right, far above the most frequent class.
        #expect(prediction.measure > 0.85 && prediction.baselines.majority < 0.65, "\(prediction)")
        #expect(prediction.interval[0] < prediction.measure && prediction.measure < prediction.interval[1])
        #expect(prediction.confusion.flatMap { $0 }.reduce(0, +) == 112)
        // x and y are what it comes from, not the noise.
        let features = try #require(report.features)
        #expect(Set(features.ranking.prefix(2).map(\.name)) == ["x", "y"], "\(features.ranking)")
        let lines = String(decoding: try work.bytes("out/predictions.csv"), as: UTF8.self).split(whereSeparator: \.isNewline)
        #expect(lines.count == 121 && report.answers.predicted == 8)
        let right = (0..<8).count { index in
            let fields = lines[index + 1].split(separator: ",", omittingEmptySubsequences: false)
            let (x, y) = (Double((index * 37) % 41) / 20 - 1, Double((index * 23) % 29) / 14 - 1)
            #expect(fields[1].isEmpty && fields.count == 8)
            return String(fields[2]) == (x * y > 0 ? "same" : "other")
        }
        #expect(right >= 6, "\(lines.prefix(9))")
        for name in ["model.safetensors", "features.csv", "confusion.csv", "report.json", "report.html", "settings.yml"] {
            #expect(try !work.bytes("out/" + name).isEmpty, "\(name)")
        }
        // report.json reads back to what was said.
        #expect(try PredictReport(json: Data(try work.bytes("out/report.json"))) == report)
    }

    @Test(arguments: ["laplace", "features", "deep"])
    func aStoredModelAnswersAsTheJobDidWithColumnsInAnyOrder(model: String) throws {
        let text = Self.table(80)
        let path = try work.write(Array(text.utf8), "signs.csv")
        // The same rows under other columns' order, with one more column and without the label.
        var shuffled = "extra,y,noise,x,colour\n"
        for line in text.split(separator: "\n").dropFirst() {
            let cells = line.split(separator: ",", omittingEmptySubsequences: false)
            shuffled += "7,\(cells[3]),\(cells[2]),\(cells[0]),\(cells[1])\n"
        }
        let question = try work.write(Array(shuffled.utf8), "new.csv")
        _ = try work.write(Array(shuffled.utf8), "signs.predict.csv")
        let report = try process(path, ["predict.model=\(model)"])
        #expect(report.answers.predicted == 80 && report.prediction.model == model)
        let answer = try AskPredictorJob(settings: DropSettings(), context: context)
            .run(question, model: files(work.path + "/out"), into: try work.folder("answer"))
        #expect(answer.answers.predicted == 80 && answer.notes.contains { $0.contains("extra") }, "\(answer.notes)")
        let told = String(decoding: try work.bytes("out/predictions.csv"), as: UTF8.self).split(whereSeparator: \.isNewline)
        let asked = String(decoding: try work.bytes("answer/predictions.csv"), as: UTF8.self).split(whereSeparator: \.isNewline)
        for row in 1...80 {
            let first = told[row].split(separator: ",", omittingEmptySubsequences: false)
            let second = asked[row].split(separator: ",", omittingEmptySubsequences: false)
            #expect(first[2] == second[2] && first.suffix(3) == second.suffix(3), "row \(row): \(told[row]) \(asked[row])")
        }
    }

    @Test func aNumberIsPredictedAsANumber() throws {
        var text = "a,b,target\n"
        for index in 0..<90 {
            let (a, b) = (Double((index * 31) % 47) / 23 - 1, Double((index * 19) % 37) / 18 - 1)
            text += "\(a),\(b),\(3 * a - b + 5)\n"
        }
        let report = try process(try work.write(Array(text.utf8), "plane.csv"))
        #expect(report.prediction.task == "regression" && report.prediction.accuracy == nil && report.prediction.confusion.isEmpty)
        #expect((report.prediction.r2 ?? 0) > 0.95 && report.prediction.baselines.majority < 0.05, "\(report.prediction)")
    }

    @Test func picturesWithAFileOfLabelsAndFoldersOfClassesAreLearned() throws {
        let (images, labels) = Self.idx(count: 40)
        let path = try work.write(images, "tiny-images-idx3-ubyte")
        _ = try work.write(labels, "tiny-labels-idx1-ubyte")
        #expect(try PredictJob.claims(contents(path, [])))
        let report = try process(path)
        #expect(report.prediction.classes == ["0", "1"] && report.prediction.measure == 1, "\(report.prediction)")
        #expect(try EmbeddedPictureSize.of(work.bytes("out/diagonal.png")) == [4, 4])
        _ = try work.folder("sides")
        for (index, name) in ["left", "right"].enumerated() {
            _ = try work.folder("sides/" + name)
            for number in 0..<6 {
                let pixels = (0..<16).map { UInt8(($0 % 4 < 2) == (index == 0) ? 200 + number : 20 + number) }
                _ = try work.write(try PNGFixture.gray(pixels, side: 4), "sides/\(name)/p\(number * 7 % 11).png")
            }
        }
        let folder = work.path + "/sides"
        #expect(try !PredictJob.claims(contents(folder, [])))
        #expect(try PredictJob.claims(contents(folder, ["kind=classes"])))
        let sides = try process(folder, ["kind=classes"], into: "out2")
        #expect(sides.prediction.classes == ["left", "right"] && sides.prediction.measure == 1, "\(sides.prediction)")
    }

    /// Pictures of 4 x 4 whose upper or lower half is bright, with their labels.
    private static func idx(count: Int, labelCount: Int? = nil) -> (images: [UInt8], labels: [UInt8]) {
        func size(_ value: Int) -> [UInt8] { [0, 0, UInt8(value / 256), UInt8(value % 256)] }
        var images: [UInt8] = [0, 0, 8, 3]
        images += size(count)
        images += size(4)
        images += size(4)
        for item in 0..<count {
            for pixel in 0..<16 {
                let isBright = (pixel < 8) == (item % 2 == 0)
                images.append(UInt8((pixel * item) % 40 + (isBright ? 200 : 0)))
            }
        }
        var labels: [UInt8] = [0, 0, 8, 1]
        labels += size(labelCount ?? count)
        for item in 0..<(labelCount ?? count) { labels.append(UInt8(item % 2)) }
        return (images, labels)
    }

    @Test func whatCannotBeLearnedIsRefusedByName() throws {
        #expect(try failure("a,class\n1,x\n2,x\n3,x\n").code == "one-class")
        #expect(try failure("a,class\n1,x\n2,x\n3,x\n4,x\n5,z\n6,x\n").code == "single-example")
        #expect(try failure("a,class\n1,p\n2,q\n3,r\n4,s\n5,t\n6,u\n7,v\n8,w\n").code == "label-is-identifier")
        #expect(try failure("a,class\n1,\n2,\n3,\n").code == "labels-missing")
        #expect(try failure("a,target\n1,5\n2,5\n3,5\n4,5\n6,5\n9,5\n").code == "target-constant")
        #expect(try failure("a,b,class\n1.5,2,x\n2.5,inf,y\n3,4,x\n1,2,y\n1,7,y\n").code == "non-finite")
        #expect(try failure("a,b,class\n1.5,2,x\n2.5,1e301,y\n3.25,4,x\n1,2.5,y\n1,7,y\n").code == "too-large")
        #expect(try failure("a,b\n1.5,2\n2.5,3\n3,4\n", ["predict.label=c", "job=predict"]).code == "no-label-column")
        // A brand of that name is a word, and no number.
        let brands = "a,brand,class\n1.5,infinity,x\n2.5,acme,x\n3.25,infinity,x\n1,acme,x\n1,acme,x\n"
        #expect(try failure(brands).code == "one-class")
        let numbers = "a,b,target\n1,2,5\n2,4,6\n3,1,7\n4,3,8\n5,7,9\n6,2,11\n"
        let unfit = try failure(numbers, ["predict.model=deep", "predict.task=regression"])
        #expect(unfit.code == "unfit-model" && unfit.message.contains("predict.task"), "\(unfit.message)")
        let (images, labels) = Self.idx(count: 10, labelCount: 12)
        _ = try work.write(labels, "odd-labels-idx1-ubyte")
        var found: Failure?
        do { _ = try process(work.write(images, "odd-images-idx3-ubyte"), into: "odd") } catch let failure as Failure { found = failure }
        #expect(found?.code == "label-count")
    }

    @Test func aModelRefusesTablesWithoutItsColumnsAndDamagedFilesAreNoModels() throws {
        let path = try work.write(Array(Self.table(60).utf8), "signs.csv")
        _ = try process(path, ["predict.model=laplace"])
        let question = try work.write(Array("x,noise\n1,2\n".utf8), "new.csv")
        let asking = AskPredictorJob(settings: DropSettings(), context: context)
        var found: Failure?
        do { _ = try asking.run(question, model: files(work.path + "/out"), into: try work.folder("a1")) } catch let failure as Failure {
            found = failure
        }
        #expect(found?.code == "columns-missing" && found?.message.contains("colour") == true, "\(String(describing: found))")
        // Cut short, and every byte of the header bent once: a failure, never a crash.
        let bytes = try work.bytes("out/model.safetensors")
        #expect(throws: Failure.self) { _ = try StoredPredictor(decoding: Array(bytes.dropLast(5)), file: "model") }
        for place in stride(from: 8, to: 900, by: 7) {
            var bent = bytes
            bent[place] ^= 0x15
            do { _ = try StoredPredictor(decoding: bent, file: "model") } catch { #expect(error.code == "damaged-model") }
        }
    }

    @Test func encodingsThatNoTableHasAreNamed() {
        let words = RawColumn.words(name: "a", ["x", "y"])
        let good = ExampleEncoding(.table([words, .numbers(name: "b", kind: .number, [1, 3])]), rows: [0, 1])
        #expect(good.problem == nil)
        var bent = good
        bent.columns?[0].levels = ["x", "x"]
        #expect(bent.problem != nil)
        bent = good
        bent.columns?[1].signature.name = "a"
        #expect(bent.problem != nil)
        bent = good
        bent.columns?[1].scale = 0
        #expect(bent.problem != nil)
        bent = good
        bent.means = [0, 0, 0]
        #expect(bent.problem != nil)
        bent.columns = nil
        #expect(bent.problem == nil)
        bent.means = nil
        #expect(bent.problem != nil)
    }

    @Test func hugeNumbersAndColumnsOfOneValueAreEncodedAsFiniteNumbers() {
        let table = RawExamples.table([
            .numbers(name: "huge", kind: .number, [1e200, 3e200, -1e300]), .numbers(name: "same", kind: .number, [5, 5, 9]),
        ])
        let encoding = ExampleEncoding(table, rows: [0, 1])
        let rows = encoding.encoded(table, rows: [0, 1, 2])
        #expect(abs(rows[0, 0] + 1) < 1e-12 && abs(rows[1, 0] - 1) < 1e-12 && rows[2, 0].isFinite && rows[2, 0] < -1e99)
        // A column of one value says nothing, and that is said.
        #expect(rows[1, 1] == 0 && rows[2, 1] == 0)
        #expect(encoding.unseen(table).count == 1 && encoding.unseen(table)[0].contains("same"))
        #expect(encoding.problem == nil)
    }

    @Test func theExplainedShareOfAllFoldsIsTheMeanOfTheirParts() {
        let target = PredictionTarget.numbers([1e200, 2e200, 3e200, 4e200])
        let spread = TestRows.Spread(of: target, at: [0, 1, 2, 3], foldCount: 2)
        // Errors of 1, 1, 0 and 0 beside squares about the mean of 5: 1 - 2/5.
        let first = TestRows(rows: Matrix(rowCount: 2, columnCount: 0), target, [0, 1], spread).score(Matrix(rows: [[2e200], [3e200]]))
        let second = TestRows(rows: Matrix(rowCount: 2, columnCount: 0), target, [2, 3], spread).score(Matrix(rows: [[3e200], [4e200]]))
        #expect(abs((first + second) / 2 - 0.6) < 1e-12)
    }

    @Test func samplesAreFullAndKeepRareClasses() {
        #expect(StratifiedFolds.quotas(of: [12_000, 8_001], most: 20_000) == [11_999, 8_001])
        #expect(StratifiedFolds.quotas(of: [996, 2, 0, 3], most: 100) == [96, 2, 0, 2])
        #expect(StratifiedFolds.quotas(of: [5, 5], most: 20) == [5, 5])
        let target = PredictionTarget.numbers((0..<101).map { Double($0) })
        let rows = LearnableRows(rows: Matrix(rowCount: 101, columnCount: 0), target: target, indices: Array(0..<101))
        let sample = StratifiedFolds.sample(of: rows, most: 100, seed: 1)
        #expect(sample.count == 100 && Set(sample).count == 100)
    }

    @Test func aTableWithoutLabelsIsNotOfThisJobAndTheSameDropGivesTheSameBytes() throws {
        let other = try work.write(Array("a,b\n1,2\n3,4\n5,7\n".utf8), "plain.csv")
        #expect(try !PredictJob.claims(contents(other, [])))
        let path = try work.write(Array(Self.table(60, holes: 3).utf8), "signs.csv")
        _ = try process(path, into: "one")
        _ = try process(path, into: "two")
        for name in ["report.json", "report.html", "predictions.csv", "model.safetensors", "features.csv"] {
            #expect(try work.bytes("one/" + name) == work.bytes("two/" + name), "\(name)")
        }
    }
}

/// Width and height of a PNG from its header.
private enum EmbeddedPictureSize {
    static func of(_ bytes: [UInt8]) -> [Int] {
        [16, 20].map { offset in bytes[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    }
}

/// Gray pictures.
private enum PNGFixture {
    static func gray(_ codes: [UInt8], side: Int) throws -> [UInt8] {
        try ImagePreview(format: ImageFormat(width: side, height: side, colorKind: .gray, bitDepth: 8), codes: codes).png()
    }
}
