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

    /// What spreadsheets calculate or obey, against the list of OWASP ("CSV Injection"); a name that is a name stays as it is.
    @Test(arguments: [
        ("frame_001.png", "frame_001.png"), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1.png", "'-1.png"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\u{ff1d}1", "'\u{ff1d}1"), ("\t=1", "\\u{9}=1"), ("\r=1", "\\u{d}=1"), ("a\u{1b}[31m", "a\\u{1b}[31m"),
        ("a\u{202e}b", "a\\u{202e}b"), ("a=b", "a=b"), ("", ""), ("日本.png", "日本.png"),
    ])
    func aNameIsNoFormulaAndNoEscape(name: String, expected: String) {
        #expect(CSVTable.name(name) == expected)
    }

    @Test func namesOfADropAreMadeHarmlessAndNumbersStay() {
        let content = ReportContent(
            report: SampleContent.report,
            eigenvalues: [.init(owner: "=cmd", index: 0, re: -0.5, im: 0, modulus: 0.5, log10Modulus: -0.25, phase: 0)],
            examples: [.init(name: "-a\u{1b}", spectralRadius: -1, recovered: true, exact: true)], command: "")
        #expect(content.eigenvaluesCSV.hasSuffix("\r\n'=cmd,0,-0.5,0.0,0.5,-0.25,0.0\r\n"))
        #expect(content.examplesCSV.hasSuffix("\r\n'-a\\u{1b},-1.0,,,,true,true,false,\r\n"))
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

    @Test func recoveryTableHasARowForEachDamageAndCriterion() {
        var report = SampleContent.report
        report.recovery = [
            .init(
                corruption: "square", level: 0.5, criterion: 1e-7, criterionMSE: 2.5e-8, recovered: 2, recoveredLow: 0.25,
                recoveredHigh: 0.75, rightItem: 3, total: 4, baseline1NN: 1, baselineHopfield: 0)
        ]
        #expect(
            ReportContent(report: report, command: "").recoveryCSV
                == "corruption,level,criterion,criterion_mse,total,recovered,recovered_low,recovered_high,right_item,baseline_1nn,"
                + "baseline_hopfield\r\nsquare,0.5,1e-07,2.5e-08,4,2,0.25,0.75,3,1,0\r\n")
    }

    @Test func learnabilityHasARowForEachModeAndLevelAndDependenceOneForEachExample() throws {
        var content = ReportContent(report: SampleContent.report, command: "")
        #expect(try content.files().allSatisfy { !["learnability.csv", "dependence.csv"].contains($0.name) })
        content.report.learnability = SampleContent.learnability
        #expect(
            content.learnabilityCSV.split(whereSeparator: \.isNewline) == [
                "mode,eigenvalue,examples,learnability", "0,40.0,1,0.9", "0,40.0,2,0.99", "1,4.0,1,0.08", "1,4.0,2,0.7", "2,1.0,1,0.02",
                "2,1.0,2,0.31",
            ])
        #expect(
            content.dependenceCSV.split(whereSeparator: \.isNewline) == [
                "example,independent_share,learned_share,nearest,cosine", "b,0.004,0.9,c<,0.998", "c<,0.2,0.8,b,0.998", "a,0.9,0.3,b,-0.25",
            ])
        let names = try content.files().map(\.name)
        #expect(names.contains("learnability.csv") && names.contains("dependence.csv"))
    }

    @Test func whatAnExampleHasNotStaysEmpty() {
        let content = ReportContent(
            report: SampleContent.report,
            examples: [
                .init(name: "a", spectralRadius: 0.5, operatorNorm: 2, residual: 1e-9, isAttractor: true, recovered: true, exact: false),
                .init(name: "b", certifiedRadius: 0.25, recovered: false, exact: false),
            ], command: "")
        #expect(
            content.examplesCSV
                == "example,spectral_radius,operator_norm,residual,attractor,recovered,exact,from_noise,certified_radius\r\n"
                + "a,0.5,2.0,1e-09,true,true,false,false,\r\nb,,,,,false,false,false,0.25\r\n")
    }
}
