import EngramReports
import Foundation
import Testing

@Suite struct DropReportTests {
    @Test func jsonReadsBackToAnEqualReport() throws {
        let report = SampleContent.full(named: "a \"name\" with \u{1F3AC} and \\").report
        #expect(try DropReport(json: report.json()) == report)
    }

    /// A kind of media that this version has no words for is read, and told in general ones; those it has are told in their own.
    @Test func aReportOfAnotherKindOfMediaCanBeRead() throws {
        var report = SampleContent.report
        #expect(report.media.summary == "pictures 2 x 2")
        report.media = .init(type: .init(rawValue: "table"), itemShape: [3])
        let read = try DropReport(json: report.json())
        #expect(read == report && read.media.type.rawValue == "table" && read.media.summary == "items 3")
        let media = try object(report.json())["media"] as? [String: Any]
        #expect(media?["type"] as? String == "table")
        let page = ReportContent(report: read, command: "").html
        #expect(page.contains("3 items"))
        report.media = .init(type: .audio, sampleRateHz: 8000)
        #expect(report.media.summary == "sound 8000 Hz")
    }

    /// The keys are read by `JSONSerialization`, which knows nothing of our types.
    @Test func everyDocumentedKeyIsThereInSnakeCase() throws {
        let root = try object(SampleContent.report.json())
        #expect(
            Set(root.keys) == [
                "schema", "job", "name", "kind", "samples", "dimension", "media", "network", "training", "attractors", "cycles", "recall",
                "recovery", "seconds", "seed", "threads", "versions", "notes",
            ])
        #expect(root["schema"] as? String == "engram-report/1")
        #expect(keys(root["media"]) == ["type", "width", "height", "channels", "bit_depth"])
        #expect(keys(root["network"]) == ["family", "depth", "width", "activation", "parameters", "file"])
        #expect(
            keys(root["training"]) == [
                "preset", "optimizer", "initializer", "epochs", "mse", "seconds", "stopped", "conditioning", "noise", "seed",
            ])
        #expect(
            keys(root["attractors"]) == [
                "verified", "total", "spectral_radius_max", "spectral_radius_median", "residual_max", "operator_norm_max",
                "operator_norm_median", "spectral_radius_error_bound",
            ])
        #expect(
            keys((root["cycles"] as? [Any])?.first) == [
                "name", "first", "length", "log10_spectral_radius", "stable", "residual_max", "log10_operator_norm",
            ])
        #expect(
            keys((root["recall"] as? [Any])?.first) == [
                "start", "starts", "recovered", "exact", "distinct", "iterations_median", "mse_max", "criterion",
            ])
        #expect(keys(root["seconds"]) == ["decode", "train", "analyse", "render", "total"])
        #expect(keys(root["versions"]) == ["engram", "libpng"])
    }

    @Test func keysOfRecoveryAndOfTheCensusAreTheDocumentedOnes() throws {
        var report = SampleContent.report
        report.recovery = SampleContent.recovery
        report.recoveryMethod = SampleContent.recoveryMethod
        report.spurious = SampleContent.spurious
        report.theory = SampleContent.theory
        let root = try object(report.json())
        #expect(
            keys((root["recovery"] as? [Any])?.first) == [
                "corruption", "level", "criterion", "criterion_mse", "recovered", "recovered_low", "recovered_high", "right_item", "total",
                "baseline_1nn", "baseline_hopfield",
            ])
        #expect(keys(root["recovery_method"]) == ["examples", "seed", "iterations", "hopfield_beta", "criterion"])
        #expect(
            keys(root["spurious"]) == [
                "starts", "reached_stored", "reached_spurious", "unsettled", "diverged", "distinct_stored", "groups", "clusters", "seed",
                "iterations", "criterion",
            ])
        let clusters = (root["spurious"] as? [String: Any])?["clusters"] as? [Any]
        #expect(keys(clusters?.first) == ["period", "starts", "nearest", "mse", "log10_spectral_radius", "picture"])
        #expect(keys(root["theory"]) == ["learning_rate", "criterion", "cases"])
        let networks = (root["theory"] as? [String: Any])?["cases"] as? [Any]
        #expect(keys(networks?.first) == ["name", "hidden_widths", "closed_form", "theory", "measured", "steps", "attractor"])
        #expect((networks?.last as? [String: Any])?["measured"] is NSNull)
        #expect(try DropReport(json: report.json()) == report)
    }

    @Test func keysOfLearnabilityAreTheDocumentedOnes() throws {
        var report = SampleContent.report
        report.learnability = SampleContent.learnability
        report.learnability?.condition = .infinity
        let study = try #require(object(report.json())["learnability"] as? [String: Any])
        #expect(
            keys(study) == ["examples", "ridge", "effective_dimension", "condition", "draws", "levels", "modes", "items"])
        #expect(
            keys((study["levels"] as? [Any])?.first) == [
                "examples", "sum", "predicted_share", "measured_share", "predicted_error", "measured_error",
            ])
        #expect(keys((study["modes"] as? [Any])?.first) == ["eigenvalue", "learnabilities"])
        #expect(keys((study["items"] as? [Any])?.first) == ["name", "independent_share", "learned_share", "nearest", "cosine"])
        #expect(study["condition"] is NSNull)
    }

    @Test func audioMediaKeysAreInSnakeCase() throws {
        var report = SampleContent.report
        report.media = .init(type: .audio, channels: 1, sampleRateHz: 22050, sampleFormat: "pcm_16", frames: 5, windowFrames: 2)
        #expect(
            try keys(object(report.json())["media"]) == ["type", "channels", "sample_rate_hz", "sample_format", "frames", "window_frames"])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func whatIsNotFiniteIsWrittenAsNull(value: Double) throws {
        var report = SampleContent.report
        report.training.mse = value
        report.cycles[0].log10SpectralRadius = value
        report.cycles[0].residualMax = value
        report.attractors.spectralRadiusMax = value
        let root = try object(report.json())
        #expect((root["training"] as? [String: Any])?["mse"] is NSNull)
        #expect(((root["cycles"] as? [[String: Any]])?.first)?["log10_spectral_radius"] is NSNull)
        #expect(((root["cycles"] as? [[String: Any]])?.first)?["residual_max"] is NSNull)
        #expect((root["attractors"] as? [String: Any])?["spectral_radius_max"] is NSNull)
        #expect(try DropReport(json: report.json()).training.mse == nil)
    }

    @Test func aNumberKeepsItsLastBit() throws {
        var report = SampleContent.report
        report.training.mse = (0.1 as Double).nextUp
        report.seed = .max
        let back = try DropReport(json: report.json())
        #expect(back.training.mse == (0.1 as Double).nextUp)
        #expect(back.seed == .max)
    }

    @Test func interpretationIsWrittenAndMayBeMissing() throws {
        var report = SampleContent.report
        report.interpretation = .init(
            takenFor: "a film of 3 pictures", because: "they move on", setting: "kind: autoencoder makes it a set")
        let root = try object(report.json())
        #expect(keys(root["interpretation"]) == ["taken_for", "because", "setting"])
        #expect(try DropReport(json: report.json()) == report)
        #expect(report.interpretation?.sentence == "taken for a film of 3 pictures: they move on; kind: autoencoder makes it a set")
        // Reports of earlier versions do not have it.
        report.interpretation = nil
        let old = try report.json()
        #expect(!String(decoding: old, as: UTF8.self).contains("interpretation"))
        #expect(try DropReport(json: old) == report)
    }

    @Test func anotherSchemaIsRefusedByName() throws {
        var report = SampleContent.report
        report.schema = "engram-report/9"
        let json = try report.json()
        #expect(throws: ReportError.unknownSchema(found: "engram-report/9")) { try DropReport(json: json) }
        let text = ReportError.unknownSchema(found: "engram-report/9").description
        #expect(text.contains("engram-report/9") && text.contains("engram-report/1"))
    }

    @Test(arguments: ["", "{", "[]", "{\"schema\":\"engram-report/1\"}"])
    func whatIsNoReportIsRefused(text: String) {
        #expect {
            try DropReport(json: Data(text.utf8))
        } throws: { error in
            guard case ReportError.unreadable = error else { return false }
            return "\(error)".contains("engram-report/1")
        }
    }

    private func object(_ data: Data) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func keys(_ value: Any?) -> Set<String> {
        Set((value as? [String: Any] ?? [:]).keys)
    }
}
