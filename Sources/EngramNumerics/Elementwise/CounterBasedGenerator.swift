internal import CEngramKernels

/// A seeded generator whose state is a counter: Philox4x32-10.
///
/// Output is a pure function of (seed, stream, counter): the same bytes on every processor, and a generator restored from its
/// stored properties goes on where the other stood. Streams of one seed are independent: give each consumer its own.
///
/// Block b is Philox at counter (b, stream), each as two little-endian 32-bit words, under the key `seed`; it holds 128 bits.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
public struct CounterBasedGenerator: RandomNumberGenerator, Codable, Equatable, Sendable {
    /// Chooses the sequence of streams.
    public let seed: UInt64
    /// Chooses one of 2⁶⁴ streams of the seed.
    public let stream: UInt64
    /// The next block of 128 bits.
    public private(set) var block: UInt64
    /// Whether the first half of `block` has been given out by `next()`.
    public private(set) var isHalfUsed: Bool

    /// Creates a generator at the start of a stream.
    public init(seed: UInt64, stream: UInt64 = 0) {
        self.seed = seed
        self.stream = stream
        block = 0
        isHalfUsed = false
    }

    /// The generator whose stored properties are these.
    public init(seed: UInt64, stream: UInt64, block: UInt64, isHalfUsed: Bool) {
        self.seed = seed
        self.stream = stream
        self.block = block
        self.isHalfUsed = isHalfUsed
    }

    /// Returns 64 uniform bits: each block gives its words 0 and 1, then 2 and 3, low word first.
    public mutating func next() -> UInt64 {
        let words = Self.philox(low: block, high: stream, key: seed)
        let result = isHalfUsed ? words.1 : words.0
        if isHalfUsed { block &+= 1 }
        isHalfUsed.toggle()
        return result
    }

    /// Returns `count` numbers in [0, 1), multiples of 2⁻²⁴ (Float) or 2⁻⁵³ (Double).
    public mutating func uniforms<Scalar: ElementwiseScalar>(count: Int) -> [Scalar] {
        var buffer = [Scalar](repeating: 0, count: count)
        fillUniform(&buffer)
        return buffer
    }

    /// Returns `count` numbers from N(0, 1).
    public mutating func normals<Scalar: ElementwiseScalar>(count: Int) -> [Scalar] {
        var buffer = [Scalar](repeating: 0, count: count)
        fillNormal(&buffer)
        return buffer
    }

    /// Fills `buffer` with numbers in [0, 1).
    ///
    /// A fill takes whole groups of sixteen blocks (64 Floats or 32 Doubles), so two fills in a row differ from one long fill
    /// unless the first is a multiple of that; a longer fill starts with the bytes of a shorter one.
    public mutating func fillUniform<Scalar: ElementwiseScalar>(_ buffer: inout [Scalar]) {
        buffer.withUnsafeMutableBufferPointer { fillUniform($0) }
    }

    /// Fills `buffer` with numbers from N(0, 1), in groups as `fillUniform(_:)`.
    ///
    /// Box-Muller; Float normals come from 31 and 32 bits and stay within ±6.7, Double ones from 53 and 53 and within ±8.7.
    public mutating func fillNormal<Scalar: ElementwiseScalar>(_ buffer: inout [Scalar]) {
        buffer.withUnsafeMutableBufferPointer { fillNormal($0) }
    }

    /// `fillUniform(_:)` for memory of the matrix code.
    package mutating func fillUniform<Scalar: ElementwiseScalar>(_ buffer: UnsafeMutableBufferPointer<Scalar>) {
        let start = takeBlocks(Scalar.elementwiseKernels.fillBlockCount(buffer.count))
        guard let pointer = buffer.baseAddress else { return }
        Scalar.elementwiseKernels.fillUniform(seed, stream, start, buffer.count, pointer)
    }

    /// `fillNormal(_:)` for memory of the matrix code.
    package mutating func fillNormal<Scalar: ElementwiseScalar>(_ buffer: UnsafeMutableBufferPointer<Scalar>) {
        let start = takeBlocks(Scalar.elementwiseKernels.fillBlockCount(buffer.count))
        guard let pointer = buffer.baseAddress else { return }
        Scalar.elementwiseKernels.fillNormal(seed, stream, start, buffer.count, pointer)
    }

    /// Returns the block at which a fill of `count` blocks starts; a half-used block is not used again.
    private mutating func takeBlocks(_ count: UInt64) -> UInt64 {
        if isHalfUsed {
            block &+= 1
            isHalfUsed = false
        }
        defer { block &+= count }
        return block
    }

    /// One block: the counter's low and high half and the key; returns words 0 and 1, then 2 and 3.
    static func philox(low: UInt64, high: UInt64, key: UInt64) -> (UInt64, UInt64) {
        let result = engram_philox(low, high, key)
        return (result.low, result.high)
    }
}
