internal import EngramSystem

/// How the values of a set follow from those of the medium: medium = offset + factor · value.
///
/// A memory is learned and asked on values between 0 and 1, or -1 and 1. Pictures of 16 bits that use 256 of their codes, counts in
/// 32-bit integers and measurements in SI units lie in a small part of that, in which noise and cues of the whole range leave nothing
/// of them. They are stretched to it, and what comes back is shrunk again before it is rounded to codes.
public struct SampleScaling: Equatable, Sendable {
    /// The medium's value that is 0.
    public var offset: Double
    /// How much of the medium 1 is.
    public var factor: Double

    /// A scaling by its two numbers; `factor` is above 0 and finite.
    public init(offset: Double, factor: Double) {
        (self.offset, self.factor) = (offset, factor)
    }

    /// From the medium's values to those of a set.
    func values(ofMedium values: [Float]) -> [Float] { values.map { Float((Double($0) - offset) / factor) } }

    /// From values of a set to the medium's. A finite value stays one: where a recall ran off, the medium's largest is as far as it goes.
    func medium(of values: [Float]) -> [Float] {
        let limit = Double(Float.greatestFiniteMagnitude)
        return values.map { value in
            let exact = offset + factor * Double(value)
            return value.isFinite ? Float(min(max(exact, -limit), limit)) : Float(exact)
        }
    }
}

/// Which scaling a drop is read with.
public enum ScalingChoice: Equatable, Sendable {
    /// None: values are the medium's.
    case none
    /// One that fits, where the samples use little of their medium's range.
    case automatic
    /// The one that a memory was made with.
    case given(SampleScaling)
}

extension SampleScaling {
    /// Pictures that use less than this share of their codes, and integers less than this share of theirs, are stretched.
    ///
    /// Of 30 pictures of uniform noise, 10 and more did not come back at shares of 0.05 and 0.004; at a quarter all did.
    private static let smallShare = 0.25
    /// Recordings with a peak below this, -24 dB of full scale, are stretched; louder ones are as ordinary recordings are.
    private static let quietPeak = 1.0 / 16
    /// Floats have no range of their own; what is longer than this is shrunk.
    private static let longestRange = 1e4

    /// The scaling that fits; nil where the samples use their medium as samples do.
    static func fitting(_ values: [Float], _ format: SampleFormat) -> SampleScaling? {
        guard let least = values.min().map(Double.init), let greatest = values.max().map(Double.init) else { return nil }
        let length = greatest - least
        guard length > 0 else { return nil }
        switch format.kind.codeRange {
        case .unit:
            return length < smallShare ? SampleScaling(offset: least, factor: length) : nil
        case .signedUnit:
            return length < 2 * smallShare ? SampleScaling(offset: (least + greatest) / 2, factor: length / 2) : nil
        case .wave:
            let peak = max(abs(least), abs(greatest))
            return peak < quietPeak ? SampleScaling(offset: 0, factor: powerOfTwo(atLeast: peak)) : nil
        case .unbounded:
            guard length < smallShare || length > longestRange else { return nil }
            // Powers of two lose no bit, and differences of near numbers lose none either.
            let offset = min(abs(least), abs(greatest)) > length ? least : 0
            return SampleScaling(offset: offset, factor: powerOfTwo(atLeast: length))
        }
    }

    private static func powerOfTwo(atLeast value: Double) -> Double {
        let power = Double(sign: .plus, exponent: value.exponent, significand: 1)
        return power < value ? 2 * power : power
    }
}

/// What values a kind of samples can have.
package enum CodeRange: Sendable {
    /// Codes from 0 to 1.
    case unit
    /// Codes from -1 to 1, of which any part can be in use.
    case signedUnit
    /// From -1 to 1 around silence.
    case wave
    /// Any number.
    case unbounded
}

extension SampleSet {
    /// The values in the medium's own units.
    func medium(of values: [Float]) -> [Float] { scaling?.medium(of: values) ?? values }

    /// The set as `choice` asks for it, from one that is not scaled yet.
    func scaled(_ choice: ScalingChoice) -> SampleSet {
        let chosen: SampleScaling? =
            switch choice {
            case .none: nil
            case .automatic: .fitting(values, format)
            case .given(let scaling): scaling
            }
        guard let chosen else { return self }
        var set = self
        set.scaling = chosen
        set.values = chosen.values(ofMedium: values)
        if format.kind.quantizer == nil, chosen.medium(of: set.values) != values { set.isRounded = true }
        if choice == .automatic { set.notes.append(rangeNote) }
        return set
    }

    private var rangeNote: String {
        let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
        if let quantizer = format.kind.quantizer {
            let (low, high) = (quantizer.code(of: least), quantizer.code(of: greatest))
            return "the samples use the codes \(low) to \(high) of \(Int64(saturating: quantizer.lowest)) to "
                + "\(Int64(saturating: quantizer.highest)): noise, cues and criteria are scaled to those"
        }
        return "the samples lie between \(least) and \(greatest): noise, cues and criteria are scaled to that"
    }

    /// A warning about a sample that is far larger than the others; nil where none is.
    var outlierNote: String? {
        guard count > 2 else { return nil }
        let peaks = (0..<count).map { row($0).reduce(0) { max($0, abs($1)) } }
        let usual = peaks.sorted()[count / 2]
        guard let largest = peaks.max(), usual > 0, largest > Self.outlierRatio * usual, let place = peaks.firstIndex(of: largest) else {
            return nil
        }
        let times = Double(largest) / Double(usual)
        let ratio = times < 1e15 ? "\(Int64(saturating: times.rounded()))" : "\(times)"
        return
            "'\(names[place])' reaches \(ratio) times as far from zero as half of the others: what tells those apart is a small "
            + "part of the range, and they may not come back; take it out, or correct its values"
    }

    /// At a ratio of 1,000 the others have 10 of the 24 bits of a float.
    private static let outlierRatio: Float = 1000
}
