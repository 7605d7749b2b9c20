import EngramSystem
import Testing

@Suite struct CompanionTests {
    private func found(_ drop: String, among names: Set<String>) -> [String] {
        Companion.names(of: drop) { (name) throws(Never) in names.contains(name) }
    }

    @Test func filesBelongToADropByTheirNames() {
        #expect(found("a.png", among: ["a.png", "a_mask.png", "b_mask.png"]) == ["a_mask.png"])
        #expect(found("frames", among: ["frames_mask.png"]) == ["frames_mask.png"])
        #expect(
            found("t.csv", among: ["t.rows.csv", "t.columns.csv", "t.predict.csv", "t.csv"]) == [
                "t.rows.csv", "t.columns.csv", "t.predict.csv",
            ])
        #expect(found("T.CSV", among: ["T.rows.csv"]) == ["T.rows.csv"])
        #expect(found("t.tsv", among: ["t.rows.tsv", "t.columns.tsv", "t.rows.csv"]) == ["t.rows.tsv", "t.columns.tsv"])
        #expect(found("train-images-idx3-ubyte", among: ["train-labels-idx1-ubyte"]) == ["train-labels-idx1-ubyte"])
        #expect(found("x-images-idx4-ubyte.gz", among: ["x-labels-idx1-ubyte"]) == ["x-labels-idx1-ubyte"])
        #expect(found("images.idx3", among: ["labels.idx1"]) == ["labels.idx1"])
        #expect(found("t.csv", among: ["t.folds.csv"]) == ["t.folds.csv"])
        #expect(
            found("train-images-idx3-ubyte", among: ["train-labels-idx1-ubyte", "train-predict-images-idx3-ubyte.gz"]) == [
                "train-labels-idx1-ubyte", "train-predict-images-idx3-ubyte.gz",
            ])
        #expect(found("a.wav", among: ["a.rows.csv"]).isEmpty)
    }

    /// An original says nothing about a picture that has no mask: there it is a picture of its own.
    @Test func anOriginalComesOnlyWithAMask() {
        #expect(found("a.png", among: ["a_GT.png"]).isEmpty)
        #expect(found("a.png", among: ["a_GT.png", "a_mask.png"]) == ["a_mask.png", "a_GT.png"])
        #expect(Companion.ownership(of: "a_GT.png") == nil)
    }

    /// What belongs to another drop has nothing of its own, so that no chain of them is taken.
    @Test(arguments: [
        ("a_mask.png", "a.png"), ("t.rows.csv", "t.csv"), ("t.COLUMNS.csv", "t.csv"), ("t.rows.tsv", "t.tsv"), ("t.predict.csv", "t.csv"),
        ("train-labels-idx1-ubyte", "train-images-idx3-ubyte"),
        ("t.folds.csv", "t.csv"), ("a-predict-images-idx3-ubyte", "a-images-idx3-ubyte"),
    ])
    func whatIsNothingAloneNamesItsDrop(name: String, drop: String) {
        #expect(Companion.ownership(of: name)?.drop == drop)
        #expect(Companion.names(of: name).isEmpty)
    }

    @Test(arguments: ["a.png", "_mask.png", ".rows.csv", "train-images-idx3-ubyte", "labels", "t.csv", "mask.png"])
    func otherNamesAreDrops(name: String) { #expect(Companion.ownership(of: name) == nil) }

    @Test func noNameIsLongerThanAFilesCanBe() {
        let name = String(repeating: "a", count: 251) + ".png"
        #expect(Companion.names(of: name).isEmpty)
        #expect(!Companion.names(of: String(repeating: "a", count: 200) + ".png").isEmpty)
    }
}
