/// Σ (a_i - b_i)², the squared Euclidean distance of two vectors of equal length.
@_specialize(where First == Double, Second == Double)
@_specialize(where First == Double, Second == Float)
public func squaredDistance<First: BinaryFloatingPoint, Second: BinaryFloatingPoint>(_ a: [First], _ b: [Second]) -> Double {
    precondition(a.count == b.count, "Vectors of \(a.count) and \(b.count) entries have no distance.")
    var sum = 0.0
    for i in a.indices {
        let difference = Double(a[i]) - Double(b[i])
        sum += difference * difference
    }
    return sum
}
