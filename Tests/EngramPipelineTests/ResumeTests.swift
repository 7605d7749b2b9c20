import EngramReports
import Foundation
import Testing

@testable import EngramPipeline
import EngramSystem

@Suite struct ResumeTests {
    private static let paper = ["preset=paper", "network.depth=1", "network.width=8", "training.epochs=5", "recall.iterations=5"]
    /// Steps too small to learn anything, so that round 1, of 300 epochs, is followed by another.
    private static let fast = ["sequence_length=3", "network.depth=1", "training.learning_rate=1e-7", "recall.iterations=5"]

    @Test(arguments: [["sequence_length=3"], ["kind=autoencoder"], ["kind=autoencoder", "analysis.census=2"]])
    func aRunStoppedAtAnyStepOfTrainingOrAnalysisEndsInTheSameFiles(kind: [String]) throws {
        let bench = try ResumeBench(overrides: Self.paper + kind)
        let whole = try bench.attempt()
        #expect(whole.steps > 8, "training and analysis take steps")
        for step in 1...whole.steps {
            let folder = try bench.work.folder("at \(step)")
            #expect(throws: CancellationError.self) { try bench.attempt(checkpoints: folder, cancelAtStep: step) }
            let resumed = try bench.attempt(checkpoints: folder)
            #expect(resumed.files == whole.files, "stopped at step \(step)")
            // Nothing was lost: what was done before the stop was not done again.
            #expect(step > 5 || resumed.steps == whole.steps - step, "stopped at step \(step)")
        }
    }

    @Test func aRunStoppedInEitherRoundOrBetweenThemEndsInTheSameFiles() throws {
        let bench = try ResumeBench(overrides: Self.fast + ["training.epochs=303"])
        let whole = try bench.attempt()
        let csv = try #require(whole.files["training.csv"].map { String(decoding: $0, as: UTF8.self) })
        #expect(csv.contains("round 2"))
        let analysisSteps = (whole.steps - 303) / 2
        let firstOfRoundTwo = 300 + analysisSteps + 1
        let steps = [1, 150, 299, 300, 301, firstOfRoundTwo - 1] + (firstOfRoundTwo...firstOfRoundTwo + 3) + [whole.steps]
        for step in steps {
            let folder = try bench.work.folder("at \(step)")
            #expect(throws: CancellationError.self) { try bench.attempt(checkpoints: folder, cancelAtStep: step) }
            let resumed = try bench.attempt(checkpoints: folder)
            #expect(resumed.files == whole.files, "stopped at step \(step)")
        }
        let folder = try bench.work.folder("again and again")
        var attempts = 0
        while attempts < 20 {
            attempts += 1
            guard let last = try? bench.attempt(checkpoints: folder, cancelAtStep: 97) else { continue }
            #expect(last.files == whole.files, "stopped at every 97th step")
            break
        }
        #expect((4..<20).contains(attempts), "\(attempts)")
    }

    /// What lies on the disk at each touch of it is what a kill at that moment leaves.
    @Test(arguments: [paper + ["sequence_length=3"], fast + ["training.epochs=6"]])
    func aRunKilledAtAnyTouchOfTheDiskEndsInTheSameBytes(overrides: [String]) throws {
        // The clock goes on by more than a minute in each epoch, so that every other one is saved.
        let bench = try ResumeBench(overrides: overrides + ["training.budget=24h"], secondsPerStep: 100)
        let whole = try bench.attempt()
        let folder = try bench.work.folder("checkpoints")
        let snapshots = Log()
        let work = bench.work.path
        let saving = try bench.attempt(checkpoints: folder) { operation in
            let copy = "\(work)/kill \(snapshots.entries.count)"
            try FileManager.default.copyItem(atPath: folder, toPath: copy)
            snapshots.append("\(copy) before \(operation)")
        }
        #expect(saving.lasting == whole.lasting)
        // Three saves of six touches.
        #expect(snapshots.entries.count >= 18)
        for (index, name) in snapshots.entries.enumerated() {
            let killed = "\(work)/kill \(index)"
            let resumed = try bench.attempt(checkpoints: killed)
            #expect(resumed.lasting == whole.lasting, "\(name)")
            #expect(resumed.report.notes == whole.report.notes, "\(name)")
            // Half-written files are gone; some later save is in place.
            #expect(try FileManager.default.contentsOfDirectory(atPath: killed).allSatisfy { $0 == CheckpointFile.name }, "\(name)")
        }
    }

    @Test(arguments: CheckpointFile.Operation.allCases)
    func aFullDiskIsNotedAndEndsNothing(operation: CheckpointFile.Operation) throws {
        let bench = try ResumeBench(overrides: Self.paper, secondsPerStep: 100)
        let whole = try bench.attempt()
        let folder = try bench.work.folder("checkpoints")
        let full = try bench.attempt(checkpoints: folder) { found in
            if found == operation { throw CheckpointFile.Failure(operation: "writing", code: ENOSPC) }
        }
        #expect(full.lasting == whole.lasting)
        #expect(full.report.notes.filter { $0.contains("could not be saved: writing it failed (No space left on device)") }.count == 1)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(left == (operation == .synchronizeFolder ? [CheckpointFile.name] : []))
    }

    @Test func aFailedSaveLeavesTheOneBeforeInPlace() throws {
        let bench = try ResumeBench(overrides: Self.paper, secondsPerStep: 100)
        let whole = try bench.attempt()
        let folder = try bench.work.folder("checkpoints")
        let saves = Log()
        #expect(throws: CancellationError.self) {
            try bench.attempt(checkpoints: folder, cancelAtStep: 4) { operation in
                if operation == .create { saves.append("save") }
                if saves.entries.count > 1 && operation == .write { throw CheckpointFile.Failure(operation: "writing", code: ENOSPC) }
            }
        }
        let resumed = try bench.attempt(checkpoints: folder)
        #expect(resumed.lasting == whole.lasting)
        // Epoch 2 was saved, epoch 4 was not.
        #expect(saves.entries.count == 2)
        #expect(resumed.steps == whole.steps - 2)
    }

    @Test func aCheckpointOfOtherSettingsDataThreadsOrVersionsIsSetAsideAndSaid() throws {
        let bench = try ResumeBench(overrides: Self.paper)
        let others: [(String, ResumeBench)] = [
            ("settings", try ResumeBench(overrides: Self.paper + ["seed=2"])),
            ("coordinates of the examples", try ResumeBench(overrides: Self.paper, firstByte: 11)),
            ("shape of examples", try ResumeBench(overrides: Self.paper, itemCount: 5)),
            ("number of threads", try ResumeBench(overrides: Self.paper, threadCount: 2)),
            ("program versions", try ResumeBench(overrides: Self.paper, version: "next")),
        ]
        for (what, other) in others {
            let folder = try bench.work.folder(what)
            #expect(throws: CancellationError.self) { try bench.attempt(checkpoints: folder, cancelAtStep: 3) }
            let whole = try other.attempt()
            let started = try other.attempt(checkpoints: folder)
            #expect(started.lasting == whole.lasting, "\(what)")
            #expect(started.steps == whole.steps)
            let note = started.report.notes.first { $0.contains("because it belongs to a run with other \(what);") }
            #expect(note?.contains("set aside as training.checkpoint.unusable, and training started over") == true, "\(what)")
            #expect(FileManager.default.fileExists(atPath: "\(folder)/training.checkpoint.unusable"))
        }
    }

    @Test func whatIsNoCheckpointIsSetAsideAndSaidEvenAfterAnotherStop() throws {
        let bench = try ResumeBench(overrides: Self.paper)
        let whole = try bench.attempt()
        let folder = try bench.work.folder("checkpoints")
        let path = "\(folder)/\(CheckpointFile.name)"
        let placements: [(String, () throws -> Void)] = [
            ("a text", { try Data("hello".utf8).write(to: URL(fileURLWithPath: path)) }),
            ("nothing", { try Data().write(to: URL(fileURLWithPath: path)) }),
            ("a folder", { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) }),
            ("a pipe", { #expect(mkfifo(path, 0o600) == 0) }),
            ("a link", { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "/dev/zero") }),
        ]
        for (name, place) in placements {
            try? FileManager.default.removeItem(atPath: folder)
            _ = try bench.work.folder("checkpoints")
            try place()
            #expect(throws: CancellationError.self) { try bench.attempt(checkpoints: folder, cancelAtStep: 2) }
            let last = try bench.attempt(checkpoints: folder)
            #expect(last.lasting == whole.lasting, "\(name)")
            #expect(last.steps == whole.steps - 2, "\(name)")
            #expect(last.report.notes.filter { $0.contains("checkpoint of an earlier attempt was not used") }.count == 1, "\(name)")
        }
    }

    @Test func theBudgetCountsTheTimeOfEarlierAttempts() throws {
        let bench = try ResumeBench(
            overrides: Self.paper + ["training.epochs=1000", "training.budget=100s"], secondsPerStep: 10)
        let whole = try bench.attempt()
        // Epoch k ends at 10·(k - 1) s: the twelfth is the first beyond 100 s.
        #expect(whole.report.training.stopped.contains("budget of 100 s"))
        #expect(whole.report.training.epochs == 12)
        let folder = try bench.work.folder("checkpoints")
        for _ in 0..<2 {
            #expect(throws: CancellationError.self) { try bench.attempt(checkpoints: folder, cancelAtStep: 4) }
        }
        let resumed = try bench.attempt(checkpoints: folder)
        #expect(resumed.report.training.epochs == 12)
        #expect(resumed.report.training.stopped == whole.report.training.stopped)
        #expect(resumed.report.seconds.train == whole.report.seconds.train)
        #expect(resumed.lasting == whole.lasting)
    }
}
