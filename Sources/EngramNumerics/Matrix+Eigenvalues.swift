internal import COpenBLAS
public import ComplexModule
public import RealModule

extension Matrix where Scalar == Double {
    /// All eigenvalues of a square matrix, by modulus descending (ties: real part, then imaginary part, descending).
    ///
    /// LAPACK `dgeev` without vectors: balancing, Hessenberg reduction, QR iteration. The modulus of an eigenvalue is its `length`.
    /// - Throws: `NumericsError.nonFinite`; `.notConverged`.
    /// - Complexity: about 10·n³ operations.
    public func eigenvalues() throws(NumericsError) -> [Complex<Double>] {
        precondition(rowCount == columnCount, "Eigenvalues need a square matrix, got \(shapeText).")
        try requireFinite(in: "Eigenvalues")
        guard rowCount > 0 else { return [] }
        // Read by columns the matrix is its transpose, which has the same eigenvalues and spares a copy.
        var work = self
        var real = [Double](repeating: 0, count: rowCount)
        var imaginary = real
        let n = blasInt(rowCount)
        let info = work.withUnsafeMutableElements {
            LAPACKE_dgeev(
                LAPACK_COL_MAJOR, CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "N")), n, $0.baseAddress, n, &real, &imaginary, nil, 1, nil,
                1)
        }
        guard info == 0 else { throw .notConverged(operation: "Eigenvalues", info: Int(info)) }
        return zip(real, imaginary).map { Complex($0, $1) }.sorted { left, right in
            let (leftLength, rightLength) = (left.length, right.length)
            if leftLength != rightLength { return leftLength > rightLength }
            return left.real != right.real ? left.real > right.real : left.imaginary > right.imaginary
        }
    }
}
