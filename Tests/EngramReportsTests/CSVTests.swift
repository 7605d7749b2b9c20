import Testing

@testable import EngramReports

@Suite struct CSVTests {
    /// The examples of RFC 4180, section 2, rules 5 to 7.
    @Test(arguments: [
        ("plain", "plain"), ("", ""), ("a,b", "\"a,b\""), ("b\"bb", "\"b\"\"bb\""), ("b\r\nbb", "\"b\r\nbb\""), ("x\ny", "\"x\ny\""),
        ("\"\u{301}", "\"\"\"\u{301}\""),
    ])
    func fieldIsQuotedOnlyWhereItMustBe(text: String, expected: String) {
        #expect(Array(CSVTable.field(text).unicodeScalars) == Array(expected.unicodeScalars))
    }

    @Test func trainingTableHasHeaderAndOneRowPerMeasurement() {
        let content = ReportContent(
            report: SampleContent.report,
            loss: [
                .init(epoch: 1, mse: 0.1, learningRate: 0.001, seconds: 0.5, phase: "adam, warm"),
                .init(epoch: 1, mse: 2.5e-16, learningRate: nil, seconds: 1, phase: "exact"),
            ], command: "")
        #expect(
            content.trainingCSV
                == "epoch,phase,mse,learning_rate,seconds\r\n1,\"adam, warm\",0.1,0.001,0.5\r\n1,exact,2.5e-16,,1.0\r\n")
    }

    @Test func eigenvalueTableKeepsWhatLeavesTheRangeOfDouble() {
        let content = ReportContent(
            report: SampleContent.report,
            eigenvalues: [
                .init(owner: "film", index: 0, re: 0, im: 0, modulus: 0, log10Modulus: -2359.25, phase: 1.5),
                .init(owner: "film", index: 1, re: 0, im: 0, modulus: 0, log10Modulus: -.infinity, phase: 0),
            ], command: "")
        #expect(
            content.eigenvaluesCSV
                == "owner,index,re,im,modulus,log10_modulus,phase_rad\r\nfilm,0,0.0,0.0,0.0,-2359.25,1.5\r\nfilm,1,0.0,0.0,0.0,-inf,0.0\r\n"
        )
    }
}
