public import EngramNumerics
internal import RealModule

extension Spectrum {
    /// Above this many dimensions only the largest eigenvalues are sought: all of them would take 10·k³ operations and k² numbers a point,
    /// a minute and 34 MB at 2,048.
    public static let largestCompleteDimension = 2048
}

extension DifferentiableMap {
    /// The eigenvalues of largest modulus of the Jacobian at each row of `points`, by the Arnoldi method.
    ///
    /// Points advance in groups, so that each step reads the map's parameters once for all of a group; each thread has a group of its own.
    /// - Parameters:
    ///   - points: Shape `[n, inputDimension]`; the map is one of a space to itself.
    ///   - count: How many eigenvalues of each to give, at least 1.
    ///   - onPoints: Told how many points are done; may throw to cancel.
    /// - Returns: Incomplete spectra with the backward error of the radius and how far that can move it.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`; whatever `onPoints` throws.
    /// - Complexity: Each step one application of the derivative to all points of a group; memory for 48 vectors a point of the groups at work.
    public func leadingSpectra(
        at points: Matrix<Double>, count: Int = 1, onPoints: (Int) throws -> Void = { _ in }
    ) throws -> [Spectrum] {
        precondition(inputDimension == outputDimension, "Eigenvalues need a map of a space to itself.")
        let linearization = linearized(at: points)
        // Of one size whatever the number of threads is, and so are the results.
        let groups = stride(from: 0, to: points.rowCount, by: pointsPerGroup).map {
            $0..<min($0 + pointsPerGroup, points.rowCount)
        }
        return try BLASLibrary.withOneThread { threadCount in
            var spectra: [Spectrum] = []
            for first in stride(from: 0, to: groups.count, by: threadCount) {
                let atOnce = groups[first..<min(first + threadCount, groups.count)]
                let results = ParallelMap.results(of: atOnce.count, threadCount: threadCount) { index in
                    Swift.Result { try leadingSpectra(of: atOnce[first + index], linearization, count: count) }
                }
                for result in results { spectra += try result.get() }
                try onPoints(spectra.count)
            }
            return spectra
        }
    }

    private func leadingSpectra(
        of points: Range<Int>, _ linearization: any MapLinearization, count: Int
    ) throws(NumericsError) -> [Spectrum] {
        var generator = SplitMix64(seed: 0xA4_01D1 &+ UInt64(points.lowerBound))
        var iterations = points.map { _ in ArnoldiIteration(dimension: inputDimension, using: &generator) }
        var active = Array(iterations.indices)
        while !active.isEmpty {
            let images = linearization.pushForward(
                rows: Matrix(rows: active.map { iterations[$0].direction }), at: active.map { points.lowerBound + $0 })
            try images.requireFinite(in: "Arnoldi iteration")
            for (row, index) in active.enumerated() { try iterations[index].take(images.row(row), count: count) }
            active.removeAll { iterations[$0].leading != nil }
        }
        return iterations.compactMap(\.leading).map {
            Spectrum(
                scaledEigenvalues: $0.eigenvalues, log10Scale: 0, isComplete: false, radiusErrorBound: $0.errorBound,
                radiusBackwardError: $0.backwardError)
        }
    }
}

/// Enough for products to be worth their reading of the parameters, few enough for a call to be cancelled soon.
private let pointsPerGroup = 32
