internal import EngramNumerics
internal import Synchronization

/// The products ⟨B y_i, B y_j⟩ of the items less their mean, from the outputs at the items, which need them, to the hull, which does too.
///
/// Whoever needs them last takes them, so that n² numbers are not held for as long as the map.
final class ItemProducts: Sendable {
    /// On and below the diagonal; nil where nobody left them.
    private let products = Mutex<Matrix<Double>?>(nil)

    /// Keeps the products until they are taken.
    func hold(_ found: Matrix<Double>) { products.withLock { $0 = found } }

    /// The products, which are gone then.
    func take() -> Matrix<Double>? {
        products.withLock { held in
            defer { held = nil }
            return held
        }
    }
}
