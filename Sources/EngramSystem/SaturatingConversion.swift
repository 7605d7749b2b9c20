extension FixedWidthInteger {
    /// The whole part of `value`, or the nearest number that this type holds; 0 for NaN. `init(_:)` traps for what does not fit.
    ///
    /// Every conversion of a floating-point number in the sources is this one or `init(exactly:)` (`Scripts/checks/conversions`).
    @inlinable
    package init(saturating value: Double) {
        if let whole = Self(exactly: value.rounded(.towardZero)) {
            self = whole
        } else {
            self = value.isNaN ? 0 : value < 0 ? .min : .max
        }
    }

    /// The same of a float, which is a double, too.
    @inlinable
    package init(saturating value: Float) { self.init(saturating: Double(value)) }
}
