extension ParallelMap {
    /// An array of `count` blocks of equal size, each filled by `body` on one of the threads that products use.
    ///
    /// - Parameters:
    ///   - count: Blocks.
    ///   - size: Scalars of a block.
    ///   - body: Given a block's number and its scalars, zero at first, to fill; called from several threads at once.
    package static func filled<Scalar: NumericScalar>(
        count: Int, of size: Int, _ body: @Sendable (Int, inout BlockTarget<Scalar>) -> Void
    ) -> [Scalar] {
        [Scalar](unsafeUninitializedCapacity: count * size) { buffer, initializedCount in
            buffer.initialize(repeating: 0)
            // Threads write disjoint blocks.
            nonisolated(unsafe) let target = buffer
            let threadCount = count * size < 1 << 14 ? 1 : BLASLibrary.threadCount
            _ = results(of: count, threadCount: threadCount) { block in
                var part = BlockTarget(UnsafeMutableBufferPointer(rebasing: target[block * size..<(block + 1) * size]))
                body(block, &part)
            }
            initializedCount = count * size
        }
    }
}

/// One block of an array that is being filled; it is not to be kept.
package struct BlockTarget<Scalar: NumericScalar> {
    private let scalars: UnsafeMutableBufferPointer<Scalar>

    init(_ scalars: UnsafeMutableBufferPointer<Scalar>) { self.scalars = scalars }

    /// The scalar at a place of the block.
    @inlinable
    package subscript(index: Int) -> Scalar {
        get {
            precondition(index >= 0 && index < scalars.count, "A block of \(scalars.count) has no place \(index).")
            return scalars[index]
        }
        nonmutating set {
            precondition(index >= 0 && index < scalars.count, "A block of \(scalars.count) has no place \(index).")
            scalars[index] = newValue
        }
    }
}
