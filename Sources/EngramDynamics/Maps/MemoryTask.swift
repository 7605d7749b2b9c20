/// Which example each example is to be mapped to.
public struct MemoryTask: Sendable, Equatable {
    /// For each example, the index of its target.
    public let successors: [Int]
    /// The examples of each cycle in playing order; empty for an autoencoder.
    public let cycles: [Range<Int>]

    /// f(x_i) = x_i for `count` examples: each is to be a fixed point.
    public static func autoencoder(count: Int) -> MemoryTask {
        MemoryTask(successors: Array(0..<count), cycles: [])
    }

    /// f(x_i) = x_{i+1} within each range, the last going to the first: each range is to be a limit cycle.
    /// - Parameter cycles: Non-empty ranges that follow each other from 0 without a gap.
    public static func sequences(_ cycles: [Range<Int>]) -> MemoryTask {
        var successors: [Int] = []
        for cycle in cycles {
            precondition(
                cycle.lowerBound == successors.count && !cycle.isEmpty, "Cycles must follow each other from 0, got \(cycles).")
            successors += cycle.map { $0 + 1 < cycle.upperBound ? $0 + 1 : cycle.lowerBound }
        }
        return MemoryTask(successors: successors, cycles: cycles)
    }

    /// The cycle that holds an example; nil for an autoencoder.
    public func cycle(of example: Int) -> Range<Int>? { cycles.first { $0.contains(example) } }

    /// `count` examples in playing order, `example` the first of them.
    public func played(from example: Int, count: Int) -> [Int] {
        var due = example
        return (0..<count).map { _ in
            defer { due = successors[due] }
            return due
        }
    }

    /// Number of examples.
    public var count: Int { successors.count }
    /// Whether examples are to be fixed points.
    public var isAutoencoder: Bool { cycles.isEmpty }
}
