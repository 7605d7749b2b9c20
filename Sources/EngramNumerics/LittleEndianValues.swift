/// A type whose values can be read from bytes, least significant byte first.
package protocol LittleEndianValue: BinaryFloatingPoint, BitwiseCopyable {
    /// The unsigned integer of the same size.
    associatedtype Pattern: FixedWidthInteger & BitwiseCopyable
    /// The value of those bits.
    init(bitPattern: Pattern)
}

extension Float: LittleEndianValue {}
extension Double: LittleEndianValue {}

extension LittleEndianValue {
    /// The values that lie one after another in `bytes`; nil where one of them is not finite.
    ///
    /// The length must be a multiple of the size of a value.
    @_specialize(where Self == Float)
    @_specialize(where Self == Double)
    package static func finiteValues(in bytes: ArraySlice<UInt8>) -> [Self]? {
        let size = MemoryLayout<Pattern>.size
        precondition(bytes.count % size == 0, "\(bytes.count) bytes are no whole number of values of \(size) bytes.")
        let count = bytes.count / size
        // Every value is tested and none ends the loop, which so runs at the speed of memory.
        var finiteCount = 0
        let values = [Self](unsafeUninitializedCapacity: count) { target, initializedCount in
            bytes.withUnsafeBytes { source in
                for index in 0..<count {
                    let value = Self(
                        bitPattern: Pattern(littleEndian: source.loadUnaligned(fromByteOffset: index * size, as: Pattern.self)))
                    finiteCount += value.isFinite ? 1 : 0
                    target.initializeElement(at: index, to: value)
                }
            }
            initializedCount = count
        }
        return finiteCount == count ? values : nil
    }
}
