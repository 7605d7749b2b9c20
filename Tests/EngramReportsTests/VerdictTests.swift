import Testing

@testable import EngramReports

@Suite struct VerdictTests {
    @Test func aFilmThatCameBackSaysSo() {
        let verdict = Verdict(SampleContent.sequence(examples: SampleContent.examples(382)))
        #expect(
            verdict.text
                == "All 382 frames came back bit-exact from pure noise. The cycle is stable: log₁₀ spectral radius −4.6. "
                + "All 20 noise starts ended on the cycle.")
        #expect(verdict.outcome == .exact)
    }

    @Test func anUnstableCycleIsTheFirstThingSaid() {
        let content = SampleContent.sequence(examples: SampleContent.examples(382)) { report in
            report.cycles[0].stable = false
            report.cycles[0].log10SpectralRadius = 0.31
        }
        let verdict = Verdict(content)
        #expect(verdict.text.hasPrefix("The cycle is not stable: log₁₀ spectral radius +0.31, so small errors grow each time round."))
        #expect(verdict.outcome == .partial)
    }

    @Test func lostFramesAndLostStartsComeBeforeWhatWorked() {
        let content = SampleContent.sequence(examples: SampleContent.examples(10, lost: 1, inexact: 2)) { report in
            report.recall = [SampleContent.noise(starts: 20, recovered: 19)]
        }
        let verdict = Verdict(content)
        #expect(
            verdict.failures == ["1 of 10 frames did not come back from pure noise.", "1 of 20 noise starts did not end on the cycle."])
        #expect(verdict.successes.first == "9 came back from pure noise, but 2 of them not bit-exact.")
        #expect(verdict.outcome == .partial)
    }

    @Test func nothingRecoveredIsCalledThat() {
        let content = SampleContent.sequence(examples: SampleContent.examples(10, lost: 10)) { report in
            report.recall = [SampleContent.noise(starts: 20, recovered: 0)]
        }
        let verdict = Verdict(content)
        #expect(verdict.text.hasPrefix("Nothing was recovered: none of the 10 frames came back from pure noise."))
        #expect(verdict.outcome == .failed)
    }

    @Test func recoveredButNotBitExactIsNeitherSuccessNorFailure() {
        let verdict = Verdict(SampleContent.sequence(examples: SampleContent.examples(3, inexact: 3)))
        #expect(verdict.text.hasPrefix("All 3 frames came back from pure noise, but none bit-exact."))
        #expect(verdict.outcome == .inexact)
    }

    /// All that was held came back, and the drop had more: that is not "recalled exactly".
    @Test func whatWasHeldInPartIsExactToItsBits() {
        let held = Verdict(SampleContent.sequence(examples: SampleContent.examples(3)) { $0.media.heldBits = 24 })
        #expect(held.text.hasPrefix("All 3 frames came back exact to 24 bits from pure noise."))
        #expect(held.outcome == .inexact && held.label == "Recalled, exact to 24 bits")
        let worse = Verdict(SampleContent.sequence(examples: SampleContent.examples(3, inexact: 3)) { $0.media.heldBits = 24 })
        #expect(worse.label == "Recalled, not bit-exact" && worse.text.contains("but none exact to 24 bits."))
    }

    @Test func severalCyclesAreCounted() {
        let both = Verdict(
            SampleContent.sequence(examples: []) {
                $0.cycles += [.init(name: "b", first: 3, length: 2, log10SpectralRadius: -0.9, stable: true)]
            })
        #expect(both.text.contains("Both cycles are stable: largest log₁₀ spectral radius −0.90."))
        #expect(both.text.contains("ended on a stored cycle"))
        let one = Verdict(
            SampleContent.sequence(examples: []) {
                $0.cycles += [.init(name: "b", first: 3, length: 2, log10SpectralRadius: nil, stable: false)]
            })
        #expect(one.text.hasPrefix("1 of 2 cycles is not stable: its spectral radius is not finite."))
    }

    @Test func aRadiusOfExactlyZeroHasNoLogarithm() {
        for logarithm in [nil, -Double.infinity] {
            let content = SampleContent.sequence(examples: []) { $0.cycles[0].log10SpectralRadius = logarithm }
            #expect(Verdict(content).text.contains("The cycle is stable: every eigenvalue is exactly 0."))
            #expect(content.html.contains("exactly 0: no logarithm"))
            #expect(content.html.contains("<p class=\"value\">0 "))
        }
    }

    @Test func attractorsAreCountedWithTheirLargestRadius() {
        let all = Verdict(SampleContent.autoencoder(verified: 100, total: 100, radius: 0.8, examples: SampleContent.examples(100)))
        #expect(
            all.text == "All 100 images are attractors (largest spectral radius 0.80). All 100 images came back bit-exact from pure noise.")
        #expect(all.outcome == .exact)
        let some = Verdict(SampleContent.autoencoder(verified: 97, total: 100, radius: 1.2))
        #expect(some.text == "3 of 100 images are no attractors (largest spectral radius 1.2). 97 are attractors.")
        #expect(some.outcome == .partial)
        let none = Verdict(SampleContent.autoencoder(verified: 0, total: 100, radius: 21))
        #expect(none.text == "None of the 100 images is an attractor (largest spectral radius 21).")
        #expect(none.outcome == .failed)
    }

    @Test func corruptedStartsAreNoNoiseStarts() {
        let content = SampleContent.sequence(examples: SampleContent.examples(3, fromNoise: 0)) { report in
            report.recall[0].start = "corrupted 50 %"
            report.recall[0].recovered = 1
        }
        #expect(Verdict(content).outcome == .exact)
        #expect(!Verdict(content).text.contains("noise"))
        #expect(Verdict(content).text.hasPrefix("All 3 frames came back bit-exact from corrupted copies."))
    }

    /// Noise rows in the report say that noise was tried, not that it led to every example.
    @Test(
        arguments: [
            (0, 0, 0, "All 100 frames came back bit-exact from corrupted copies."),
            (0, 0, 8, "All 100 frames came back bit-exact, 8 of them from pure noise, the rest from corrupted copies."),
            (0, 0, 99, "All 100 frames came back bit-exact, 99 of them from pure noise, the other from a corrupted copy."),
            (0, 0, 100, "All 100 frames came back bit-exact from pure noise."),
            (0, 2, 8, "All 100 frames came back, 8 of them from pure noise, the rest from corrupted copies; 2 are not bit-exact."),
            (0, 100, 8, "All 100 frames came back, 8 of them from pure noise, the rest from corrupted copies; none is bit-exact."),
            (0, 100, 0, "All 100 frames came back from corrupted copies, but none bit-exact."),
            (99, 0, 0, "1 came back bit-exact from a corrupted copy."),
        ] as [(Int, Int, Int, String)])
    func onlyWhatCameFromNoiseIsSaidToHaveComeFromNoise(lost: Int, inexact: Int, fromNoise: Int, sentence: String) {
        let examples = SampleContent.examples(100, lost: lost, inexact: inexact, fromNoise: fromNoise)
        let content = SampleContent.sequence(examples: examples) { $0.recall.append(SampleContent.cues) }
        #expect(Verdict(content).successes.first == sentence)
        var autoencoder = SampleContent.autoencoder(verified: 100, total: 100, radius: 0.5, examples: examples)
        autoencoder.report.recall = content.report.recall
        #expect(Verdict(autoencoder).successes.contains(sentence.replacing("frames", with: "images")))
    }

    @Test func whatDidNotComeBackNamesAllThatWasTried() {
        let content = SampleContent.sequence(examples: SampleContent.examples(10, lost: 1)) { $0.recall.append(SampleContent.cues) }
        #expect(Verdict(content).failures == ["1 of 10 frames did not come back from noise or from a corrupted copy."])
    }

    @Test func aCycleThatTheNetworkDoesNotFollowIsNotBlamedOnItsRadius() {
        let alone = Verdict(
            SampleContent.sequence(examples: []) {
                $0.cycles[0] = .init(name: "a", first: 0, length: 3, log10SpectralRadius: -4.6, stable: false, residualMax: 0.25)
            })
        #expect(alone.failures == ["The cycle is not followed by the network: one step from a frame misses the next by up to 0.25."])
        #expect(alone.outcome == .partial)
        let mixed = Verdict(
            SampleContent.sequence(examples: []) {
                $0.cycles += [
                    .init(name: "b", first: 3, length: 2, log10SpectralRadius: 0.31, stable: false, residualMax: 1e-7),
                    .init(name: "c", first: 5, length: 2, log10SpectralRadius: -.infinity, stable: false, residualMax: .nan),
                ]
            })
        #expect(
            mixed.failures == [
                "1 of 3 cycles is not stable: log₁₀ spectral radius +0.31, so small errors grow each time round.",
                "1 of 3 cycles is not followed by the network: one step from a frame misses the next.",
            ])
    }

    @Test func aReportWithoutAnyCheckDoesNotPassForASuccess() {
        let verdict = Verdict(SampleContent.sequence(examples: []) { ($0.cycles, $0.recall) = ([], []) })
        #expect(verdict.text.hasPrefix("Nothing was verified"))
        #expect(verdict.outcome == .failed)
    }

    @Test func oneImageIsSpokenOfInTheSingular() {
        let verdict = Verdict(SampleContent.autoencoder(verified: 1, total: 1, radius: 0.5, examples: SampleContent.examples(1)))
        #expect(verdict.text == "The image is an attractor (largest spectral radius 0.50). The image came back bit-exact from pure noise.")
    }
}
