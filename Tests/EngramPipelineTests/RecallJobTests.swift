import EngramMedia
import EngramMemories
import EngramReports
import Foundation
import Testing

@testable import EngramPipeline
import EngramSystem

@Suite struct RecallJobTests {
    private let work: TemporaryFolder
    private let context = DropProcessor.Context(
        dropName: "cue", threadCount: 1, versions: ["engram": "test"], command: "engram recall cue", monotonicSeconds: { 0 })

    init() throws { work = try TemporaryFolder() }

    /// A memory of six pictures of 6 x 5, or of their cycle, by the kernel recipe.
    private func pictureMemory(isSequence: Bool = false) throws -> (folder: String, pictures: [[UInt8]]) {
        var pictures: [[UInt8]] = []
        _ = try work.folder("drop")
        for index in 0..<6 {
            let codes = (0..<30).map { UInt8(($0 * 37 + index * index * 53 + index * $0 * 11) % 256) }
            let bytes = try png(codes)
            _ = try work.write(bytes, "drop/p\(index + 1).png")
            pictures.append(bytes)
        }
        return (try learn("drop", ["kind=\(isSequence ? "sequence" : "autoencoder")"]), pictures)
    }

    private func learn(_ drop: String, _ overrides: [String], into memory: String = "memory") throws -> String {
        let folder = try work.folder(memory)
        let settings = try PipelineSettings().dropSettings(
            named: drop, overrides: ["network.family=kernel", "analysis.recovery=none", "analysis.census=0"] + overrides)
        let processor = DropProcessor(
            settings: settings,
            context: .init(dropName: drop, threadCount: 1, versions: ["engram": "test"], command: "", monotonicSeconds: { 0 }))
        _ = try processor.process(inputPath: work.path + "/" + drop, into: folder)
        return folder
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

    private func ask(_ request: RecallJob.Request, of folder: String, into output: String = "out") throws -> RecallReport {
        let folderPath = try work.folder(output)
        return try RecallJob(context: context).run(request, open: { try OpenMemory(files(folder), threadCount: 1) }, into: folderPath)
    }

    /// From the cue's file to the recalled file: the stored picture's own bytes.
    @Test func aDamagedPictureComesBackBitExact() throws {
        let (memory, pictures) = try pictureMemory()
        let damaged = try work.write(pictures[3], "cue.png")
        _ = try work.write(try mask(known: { $0 % 3 != 0 }), "cue_mask.png")
        let report = try ask(.init(cues: [.withMask(damaged)]), of: memory)
        #expect(report.answers.count == 1 && report.answers[0].itemName == "p4.png" && report.answers[0].outcome == .exact)
        #expect(report.answers[0].knownEntries == 20 && report.answers[0].tried.count == 3)
        #expect(report.answers[0].files.recalled == ["recalled/p4.png"])
        #expect(try work.bytes("out/recalled/p4.png") == pictures[3])
        #expect(try work.bytes("out/path.apng").starts(with: [0x89, 0x50, 0x4e, 0x47]))
        // What was returned is what was written, and reads back.
        let read = try RecallReport(json: Data(try work.bytes("out/report.json")))
        #expect(read.answers == report.answers && read.job == "recall" && read.memory.items == 6)
        let page = String(decoding: try work.bytes("out/report.html"), as: UTF8.self)
        #expect(page.contains("This is <bdi>p4.png</bdi>") && !page.contains("<script"))
    }

    /// 16-bit pictures that use a hundred of their codes are learned on their own range, kept with the memory, and a cue is brought to it.
    @Test func picturesOfFewCodesComeBackBitExact() throws {
        _ = try work.folder("drop")
        var pictures: [[UInt8]] = []
        for index in 0..<6 {
            let codes = (0..<30).map { 1000 + Float(($0 * 37 + index * index * 53 + index * $0 * 11) % 100) }
            let format = ImageFormat(width: 6, height: 5, colorKind: .gray, bitDepth: 16)
            // Written as 16 bits by way of a picture of that format.
            var set = try MediaReader.read(path: try work.write(try png([UInt8](repeating: 1, count: 30)), "plain.png"))
            (set.format, set.names) = (.image(format), ["p\(index + 1).png"])
            pictures.append(try MediaWriter.files(values: codes.map { $0 / 65535 }, like: set)[0].bytes)
            _ = try work.write(pictures[index], "drop/p\(index + 1).png")
        }
        let memory = try learn("drop", ["kind=autoencoder"])
        let report = try DropReport(json: Data(try work.bytes("memory/report.json")))
        #expect(report.media.scale != nil && report.media.reading == 3)
        #expect(report.notes.contains { $0.contains("of 0 to 65535: noise, cues and criteria are scaled to those") })
        for index in 0..<6 { #expect(try work.bytes("memory/recovered/p\(index + 1).png") == pictures[index]) }
        let cue = try work.write(pictures[2], "cue.png")
        let answer = try ask(.init(cues: [.init(path: cue)]), of: memory).answers[0]
        #expect(answer.itemName == "p3.png" && answer.outcome == .exact)
        #expect(try work.bytes("out/recalled/p3.png") == pictures[2])
        // Pictures of a hundred codes are at most so far from each other, in units of the medium.
        let second = try #require(answer.secondItem)
        #expect(second.distance > 1e-6 && second.distance < 100.0 / 65535, "\(second)")
    }

    /// A memory that holds 24 bits of longer codes returns no item exactly.
    @Test func whatIsHeldInPartIsRecalledAndNotExact() throws {
        let (memory, pictures) = try pictureMemory()
        let written = Data(try work.bytes("memory/report.json"))
        var report = try #require(try JSONSerialization.jsonObject(with: written) as? [String: Any])
        var media = try #require(report["media"] as? [String: Any])
        media["held_bits"] = 24
        report["media"] = media
        _ = try work.write(Array(try JSONSerialization.data(withJSONObject: report)), "memory/report.json")
        let cue = try work.write(pictures[1], "cue.png")
        let asked = try ask(.init(cues: [.init(path: cue)]), of: memory)
        #expect(asked.answers[0].itemName == "p2.png" && asked.answers[0].outcome == .recalled)
        #expect(asked.notes.contains { $0.hasPrefix("Recalled, exact to 24 bits") }, "\(asked.notes)")
    }

    private func mask(known: (Int) -> Bool) throws -> [UInt8] { try png((0..<30).map { known($0) ? 255 : 0 }) }

    private func png(_ codes: [UInt8]) throws -> [UInt8] {
        try ImagePreview(format: ImageFormat(width: 6, height: 5, colorKind: .gray, bitDepth: 8), codes: codes).png()
    }

    @Test func aSequenceComesBackFromTheCuesPlaceOn() throws {
        let (memory, pictures) = try pictureMemory(isSequence: true)
        let cue = try work.write(pictures[4], "cue.png")
        let report = try ask(.init(cues: [.init(path: cue)]), of: memory)
        #expect(report.answers[0].item == 4 && report.answers[0].outcome == .exact)
        #expect(report.answers[0].files.recalled == [5, 6, 1, 2, 3, 4].map { "recalled/p\($0).png" })
        for index in 0..<6 { #expect(try work.bytes("out/recalled/p\(index + 1).png") == pictures[index]) }
        #expect(report.answers[0].files.animation == "recalled.apng")
        var longer = RecallJob.Request(cues: [.init(path: cue)])
        longer.stepCount = 8
        let played = try ask(longer, of: memory, into: "played").answers[0].files.recalled
        #expect(played.count == 8 && played[0] == "recalled/played-000001.png")
        // The seventh state is the first again.
        #expect(try work.bytes("played/recalled/played-000007.png") == pictures[4])
    }

    /// A film whose third picture was held for another frame: the picture itself is the first of the two, and what follows comes in step.
    @Test func aFilmWithAHeldFrameIsAskedByItsPictures() throws {
        let (_, pictures) = try pictureMemory(isSequence: true)
        let order = [0, 1, 2, 2, 3, 4, 5]
        _ = try work.folder("held")
        for (index, picture) in order.enumerated() { _ = try work.write(pictures[picture], "held/f\(index + 1).png") }
        let memory = try learn("held", ["kind=sequence"], into: "held-memory")
        let cues = try [2, 4].map { try work.write(pictures[$0], "cue\($0).png") }
        let answers = try ask(.init(cues: cues.map { .init(path: $0) }), of: memory).answers
        #expect(answers.map(\.item) == [2, 5] && answers.allSatisfy { $0.outcome == .exact && $0.knownEntries == 30 })
        #expect(
            answers[0].notes == ["f4.png is the same as f3.png; a single cue does not say which of them is meant"]
                && answers[1].notes.isEmpty)
        #expect(answers[0].files.recalled.count == 7)
        for (index, picture) in order.enumerated() {
            #expect(try work.bytes("out/1-cue2.png/recalled/f\(index + 1).png") == pictures[picture])
        }
        // Nothing that is written is larger than a picture of the drop.
        var noise = RecallJob.Request()
        noise.noiseCount = 2
        for answer in try ask(noise, of: memory, into: "noise").answers where answer.outcome == .exact {
            #expect(answer.files.recalled.count == 7)
        }
    }

    /// What equals its item in every code is the memory's own file, byte for byte, and not another encoding of the same picture; what does
    /// not is encoded.
    @Test func aRecalledPictureIsTheFileThatTheMemoryHolds() throws {
        let (memory, pictures) = try pictureMemory()
        let stored = try work.bytes("memory/recovered/p3.png")
        // The same picture with a remark: another file of equal codes.
        let end = stored.count - 12
        let remark: [UInt8] = [0, 0, 0, 3, 0x74, 0x45, 0x58, 0x74, 0x61, 0, 0x62, 0xeb, 0x11, 0x84, 0x53]
        var checked = remark
        let sum = crc32(Array(remark[4..<11]))
        checked.replaceSubrange(11..<15, with: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sum >> $0) })
        let other = Array(stored[..<end]) + checked + Array(stored[end...])
        _ = try work.write(other, "memory/recovered/p3.png")
        let cue = try work.write(pictures[2], "cue.png")
        let answer = try ask(.init(cues: [.init(path: cue)]), of: memory).answers[0]
        #expect(answer.outcome == .exact && answer.itemName == "p3.png")
        #expect(try work.bytes("out/recalled/p3.png") == other)
    }

    /// CRC-32 of PNG, by its definition.
    private func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xedb8_8320 : value >> 1 }
        }
    }

    @Test func severalCuesHaveAFolderEach() throws {
        let (memory, pictures) = try pictureMemory()
        _ = try work.folder("cues")
        _ = try work.write(pictures[0], "cues/a.png")
        _ = try work.write(pictures[1], "cues/b.png")
        var request = RecallJob.Request(cues: [.init(path: work.path + "/cues")])
        request.noiseCount = 1
        let report = try ask(request, of: memory)
        #expect(report.answers.map(\.cue) == ["a.png", "b.png", "noise 1"])
        #expect(try work.bytes("out/1-a.png/recalled/p1.png") == pictures[0])
        #expect(try work.bytes("out/2-b.png/recalled/p2.png") == pictures[1])
        #expect(report.seed == 0)
        // More than go into one batch are all answered, in order.
        request.noiseCount = 70
        let many = try ask(request, of: memory, into: "many")
        #expect(many.answers.map(\.cue) == ["a.png", "b.png"] + (1...70).map { "noise \($0)" })
        #expect(many.answers.count { $0.assurance != nil } == 16 && many.notes.count == 2)
        #expect(try work.bytes("many/01-a.png/recalled/p1.png") == pictures[0])
    }

    @Test func whatCannotBeACueOrAMemoryIsRefused() throws {
        let (memory, _) = try pictureMemory()
        let other = try work.write(wav(frames: 100), "cue.wav")
        let unfit = #expect(throws: Failure.self) { try ask(.init(cues: [.init(path: other)]), of: memory) }
        #expect(unfit?.code == "unfit-cue" && unfit?.isRetryable == false)
        let missing = #expect(throws: Failure.self) {
            try ask(.init(cues: [.init(path: work.path + "/none.png")]), of: memory, into: "o2")
        }
        #expect(missing?.stage == .decode)
        // The result of a recall is no memory.
        let cue = try work.write(try mask { _ in true }, "white.png")
        _ = try ask(.init(cues: [.init(path: cue)]), of: memory, into: "answer")
        let fault = #expect(throws: Failure.self) { try ask(.init(cues: [.init(path: cue)]), of: work.path + "/answer", into: "o3") }
        #expect(fault?.message.contains("the result of another job, recall") == true)
    }

    @Test(arguments: [true, false])
    func whatIsNotWhatWasPublishedIsSaidFirst(isReadable: Bool) throws {
        let (memory, pictures) = try pictureMemory()
        let cue = try work.write(pictures[0], "cue.png")
        var changed = files(memory)
        let read = changed.read
        changed.read = { path throws(Failure) in
            let bytes = try read(path)
            return path == "network.safetensors" && !isReadable ? Array(bytes.dropLast()) : bytes
        }
        changed.verify = { _, path throws(Failure) in
            if path == "network.safetensors" {
                throw Failure(memory: path, expected: "the published file", found: "another", remedy: "none")
            }
        }
        let failure = #expect(throws: Failure.self) {
            try RecallJob(context: context).run(
                .init(cues: [.init(path: cue)]), open: { try OpenMemory(changed, threadCount: 1) }, into: try work.folder("out"))
        }
        #expect(failure?.found == "another" && failure?.file == "network.safetensors")
    }

    @Test func aMemoryThatIsReplacedMeanwhileIsAskedAgain() throws {
        let (memory, pictures) = try pictureMemory()
        let cue = try work.write(pictures[0], "cue.png")
        let output = try work.folder("out")
        let failure = #expect(throws: Failure.self) {
            try RecallJob(context: context).run(
                .init(cues: [.init(path: cue)]),
                open: {
                    var changed = files(memory)
                    changed.isUnchanged = { false }
                    return try OpenMemory(changed, threadCount: 1)
                }, into: output)
        }
        #expect(failure?.code == "memory-replaced" && failure?.isRetryable == true)
        // Whoever publishes has no report to publish.
        #expect(!FileManager.default.fileExists(atPath: output + "/report.json"))
    }

    // MARK: Sound

    /// Frames of a sound that repeats nothing.
    private func samples(_ frames: Int) -> [Int16] {
        var state: UInt32 = 7
        return (0..<frames).map { _ in
            state = state &* 1_664_525 &+ 1_013_904_223
            return Int16(truncatingIfNeeded: Int(state >> 16) - 32_768) / 4
        }
    }

    private func wav(frames: Int, from first: Int = 0) -> [UInt8] { wav(Array(samples(first + frames)[first...])) }

    private func wav(_ samples: [Int16]) -> [UInt8] {
        func little(_ value: Int, _ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let data = samples.flatMap { little(Int($0), 2) }
        let format = little(1, 2) + little(1, 2) + little(8000, 4) + little(16_000, 4) + little(2, 2) + little(16, 2)
        return Array("RIFF".utf8) + little(36 + data.count, 4) + Array("WAVEfmt ".utf8) + little(16, 4) + format + Array("data".utf8)
            + little(data.count, 4) + data
    }

    /// Excerpts that begin anywhere: longer than a window, shorter, and one that ends beyond the clip's end.
    @Test(arguments: [(137, 200), (45, 20), (333, 60), (0, 390)])
    func anExcerptIsFoundAtItsOffset(first: Int, frames: Int) throws {
        _ = try work.write(wav(frames: 390), "clip.wav")
        let memory = try learn("clip.wav", ["audio.window=10ms"])
        let cue = try work.write(wav(frames: min(frames, 390 - first), from: first), "cue.wav")
        let answer = try ask(.init(cues: [.init(path: cue)]), of: memory).answers[0]
        #expect(answer.placement?.offsetFrames == first && answer.placement?.clip == "clip.wav")
        #expect(answer.outcome == .exact)
        // From its window on, and round: the same frames as the clip, turned.
        let window = try #require(answer.item)
        let whole = samples(390)
        let expected = Array(whole[(window * 80)...] + whole[..<(window * 80)])
        #expect(try work.bytes("out/recalled/clip.wav") == wav(expected))
    }
}
