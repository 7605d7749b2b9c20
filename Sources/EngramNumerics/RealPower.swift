internal import Glibc

/// base^exponent for a base ≥ 0.
package func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// ln of a positive number.
package func naturalLogarithm(_ value: Double) -> Double { log(value) }

/// cos of an angle in radians.
package func cosine(_ angle: Double) -> Double { cos(angle) }
