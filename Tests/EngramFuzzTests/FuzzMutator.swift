/// SplitMix64 (Steele, Lea, Flood 2014): seeded, so that every execution can be repeated by its number.
struct FuzzGenerator: RandomNumberGenerator {
    var state: UInt64

    /// The generator of one execution.
    init(seed: UInt64, execution: Int) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(execution) &* 0xBF58_476D_1CE4_E5B9
        _ = next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }
    mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }
}

/// Bends bytes: blows at single bytes and numbers, and cuts, copies and insertions of pieces.
enum FuzzMutator {
    /// Longest input; what is longer is cut, so that a million executions end.
    static let longest = 8192

    private static let numbers: [UInt64] = [
        0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000,
        0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_FFFF_FFFF,
    ]

    static func mutate(_ bytes: inout [UInt8], with others: [[UInt8]], words: [[UInt8]], using generator: inout FuzzGenerator) {
        let blowCount = generator.chance(4) ? 1 + generator.below(12) : 1 + generator.below(3)
        for _ in 0..<blowCount { blow(&bytes, others, words, &generator) }
        if bytes.count > longest { bytes.removeLast(bytes.count - longest) }
    }

    private static func blow(_ bytes: inout [UInt8], _ others: [[UInt8]], _ words: [[UInt8]], _ generator: inout FuzzGenerator) {
        guard !bytes.isEmpty else {
            bytes = [UInt8(truncatingIfNeeded: generator.next())]
            return
        }
        // Half of the blows go to the front, where the sizes are.
        let reach = generator.chance(2) ? min(96, bytes.count) : bytes.count
        let at = generator.below(reach)
        switch generator.below(11) {
        case 0: bytes[at] ^= 1 << UInt8(generator.below(8))
        case 1: bytes[at] = UInt8(truncatingIfNeeded: generator.next())
        case 2: bytes[at] = bytes[at] &+ UInt8(truncatingIfNeeded: generator.below(17)) &- 8
        case 3, 4: number(&bytes, at, &generator)
        case 5: bytes.removeSubrange(at..<min(bytes.count, at + 1 + generator.below(generator.chance(4) ? bytes.count : 8)))
        case 6: bytes.removeLast(min(bytes.count - 1, 1 + generator.below(bytes.count)))
        case 7:
            // A piece of itself, somewhere else.
            let from = generator.below(bytes.count)
            let piece = Array(bytes[from..<min(bytes.count, from + 1 + generator.below(64))])
            if generator.chance(2) {
                bytes.insert(contentsOf: piece, at: at)
            } else {
                bytes.replaceSubrange(at..<min(bytes.count, at + piece.count), with: piece)
            }
        case 8:
            guard let other = others.randomElement(using: &generator), !other.isEmpty else { return }
            let from = generator.below(other.count)
            bytes.replaceSubrange(at..., with: other[from...])
        case 9:
            guard let word = words.randomElement(using: &generator) else {
                bytes.insert(contentsOf: repeatElement(UInt8(truncatingIfNeeded: generator.next()), count: 1 + generator.below(32)), at: at)
                return
            }
            if generator.chance(2) {
                bytes.insert(contentsOf: word, at: at)
            } else {
                bytes.replaceSubrange(at..<min(bytes.count, at + word.count), with: word)
            }
        default:
            bytes.insert(contentsOf: repeatElement(bytes[at], count: 1 + generator.below(generator.chance(8) ? 2000 : 16)), at: at)
        }
    }

    /// An interesting number, or one near the one that stands there, of 1, 2, 4 or 8 bytes in either order.
    private static func number(_ bytes: inout [UInt8], _ at: Int, _ generator: inout FuzzGenerator) {
        let width = min(1 << generator.below(4), bytes.count - at)
        var value = numbers[generator.below(numbers.count)]
        if generator.chance(3) {
            value = bytes[at..<at + width].reduce(0) { $0 << 8 | UInt64($1) } &+ UInt64(generator.below(9)) &- 4
        } else if generator.chance(3) {
            value = UInt64(bytes.count) &+ UInt64(generator.below(9)) &- 4
        }
        let isBig = generator.chance(2)
        for index in 0..<width {
            let shift = UInt64(8 * (isBig ? width - 1 - index : index))
            bytes[at + index] = UInt8(truncatingIfNeeded: value >> shift)
        }
    }
}
