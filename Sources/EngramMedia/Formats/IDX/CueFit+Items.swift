extension CueFit {
    func items(_ decoded: IDXCodec.Decoded, name: String) throws(MediaError) -> [CueMedia.Item] {
        let sizes = decoded.header.dimensions
        let wanted = memory.format.kind.itemSizes
        guard !wanted.isEmpty else { throw unfit(name, "IDX data") }
        let isSingle = sizes == wanted
        guard isSingle || Array(sizes.dropFirst()) == wanted else {
            throw .unfitCue(
                file: name, property: "shape of an item", memory: shapeText(wanted), found: shapeText(Array(sizes.dropFirst())),
                remedy: "Give items of that shape, one or more of them.")
        }
        let count = isSingle ? 1 : sizes[0]
        let quantizer = IDXFormat(
            fileName: name, elementType: decoded.header.elementType, itemDimensions: wanted, isGzipped: decoded.isGzipped
        ).quantizer
        let missing = options.missingCode.map { Float($0 / (quantizer?.scale ?? 1)) }
        let tolerance = Float(0.25 / (quantizer?.scale ?? 1e6))
        return (0..<count).map { index in
            let values = Array(decoded.values[index * memory.dimension..<(index + 1) * memory.dimension])
            var item = CueMedia.Item(
                name: isSingle ? name : "\(name) item \(index)", values: onMemoryScale(values), notes: index == 0 ? decoded.notes : [])
            if let missing {
                let known = values.map { abs($0 - missing) >= tolerance }
                let count = known.count { !$0 }
                if count > 0 {
                    item.isKnown = known
                    item.notes.append("\(item.name): \(count) entries of code \(plain(options.missingCode ?? 0)) are missing")
                }
            }
            return item
        }
    }
}
