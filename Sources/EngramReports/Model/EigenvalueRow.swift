/// One eigenvalue: one row of `eigenvalues.csv`.
///
/// The modulus is given as it is and as its logarithm because a cycle's product of Jacobians leaves the range of Double (10^-2359 was measured):
/// then `re`, `im` and `modulus` are 0 while `log10Modulus` and `phase` still hold.
package struct EigenvalueRow: Equatable, Sendable {
    /// Name of the example or cycle that the Jacobian belongs to.
    package var owner: String
    /// Position in the spectrum of `owner`, from 0, by decreasing modulus.
    package var index: Int
    /// Real part.
    package var re: Double
    /// Imaginary part.
    package var im: Double
    /// |λ|.
    package var modulus: Double
    /// log10 |λ|; -infinity when λ is exactly 0.
    package var log10Modulus: Double
    /// arg λ in radians, in (-π, π]; 0 when λ is exactly 0.
    package var phase: Double

    /// Takes every value as given; nothing is computed or checked.
    package init(owner: String, index: Int, re: Double, im: Double, modulus: Double, log10Modulus: Double, phase: Double) {
        self.owner = owner
        self.index = index
        self.re = re
        self.im = im
        self.modulus = modulus
        self.log10Modulus = log10Modulus
        self.phase = phase
    }
}
