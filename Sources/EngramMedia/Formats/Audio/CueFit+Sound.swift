internal import CEngramMedia
internal import EngramSystem

extension CueFit {
    func clip(_ audio: DecodedAudio, name: String) throws(MediaError) -> CueMedia.Clip {
        guard let format = memory.format.audio else { throw unfit(name, "sound") }
        var clip = CueMedia.Clip(name: name, values: audio.values, notes: audio.notes)
        let known = options.missingCode.map { code in
            let scale = audio.subtype.integerBitCount.map { Double(1 << ($0 - 1)) } ?? 1
            return stride(from: 0, to: audio.values.count, by: audio.channels).map { frame in
                !audio.values[frame..<frame + audio.channels].allSatisfy { abs(Double($0) - code / scale) < 0.25 / max(scale, 1e6) }
            }
        }
        if let known, known.contains(false) {
            clip.isKnown = known
            clip.notes.append("\(name): \(known.count { !$0 }) frames of code \(plain(options.missingCode ?? 0)) are missing")
        }
        if audio.channels != format.channels {
            clip.values = try mixed(audio.values, from: audio.channels, to: format.channels, name: name)
            clip.notes.append("\(name): \(audio.channels) channels converted to \(format.channels)")
        }
        if audio.sampleRateHz != format.sampleRateHz {
            clip.values = try resampled(clip.values, from: audio.sampleRateHz, to: format, name: name)
            // What is known of a frame is known of the moment.
            let frames = clip.values.count / format.channels
            clip.isKnown = clip.isKnown.map { known in (0..<frames).map { known[min($0 * known.count / max(frames, 1), known.count - 1)] } }
            clip.notes.append("\(name): \(audio.sampleRateHz) Hz resampled to \(format.sampleRateHz) Hz")
        }
        clip.values = onMemoryScale(clip.values)
        return clip
    }

    private func mixed(_ values: [Float], from source: Int, to target: Int, name: String) throws(MediaError) -> [Float] {
        guard source == 1 || target == 1 else {
            throw .unfitCue(
                file: name, property: "channel count", memory: "\(target)", found: "\(source)",
                remedy: "Mix it to \(target) channels, or to one.")
        }
        if source == 1 { return values.flatMap { Array(repeating: $0, count: target) } }
        return stride(from: 0, to: values.count, by: source).map { values[$0..<$0 + source].reduce(0, +) / Float(source) }
    }

    private func resampled(_ values: [Float], from rate: Int, to format: AudioFormat, name: String) throws(MediaError) -> [Float] {
        let frames = values.count / format.channels
        let wanted = Int(saturating: (Double(frames) * Double(format.sampleRateHz) / Double(rate)).rounded())
        try AudioDecoder.checkFrames(wanted, channels: format.channels, file: name, limits: options.limits)
        guard wanted > 0 else { throw .empty(path: name, found: "a sound shorter than one frame at \(format.sampleRateHz) Hz") }
        var message = messageBuffer()
        var output = [Float](repeating: 0, count: (wanted + 1) * format.channels)
        let written = Int(
            engram_resample(
                values, Int64(frames), Int32(format.channels), Double(format.sampleRateHz) / Double(rate), &output, Int64(wanted + 1),
                &message))
        guard written > 0 else { throw .notWritten(file: name, reason: "libsamplerate: \(text(message))") }
        return Array(output.prefix(min(written, wanted) * format.channels))
    }
}
