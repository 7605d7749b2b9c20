public import EngramDynamics
public import EngramNumerics

/// Tensors are `down.I.weight`, `up.I.weight`, `skip.I.weight` `[out, in, rows, columns]` and `….bias` `[out]`, float32, as PyTorch's
/// `conv2d` takes them, I the level from fine (0) to coarse. Metadata: `height`, `width`, `strides`, `upsampling`, `activation`, `centre` and
/// `scale`.
extension UNet: StoredMap where Scalar == Float {
    /// `unet`.
    public static var familyName: String { "unet" }

    /// Rows of `subpixel` weights are stored as PyTorch's `pixel_shuffle` reads them: the pixels of a channel's cell together.
    private static func storedRow(_ row: Int, cellCount: Int, channelCount: Int) -> Int {
        row % channelCount * cellCount + row / channelCount
    }

    /// Kernels and biases, with what the shape needs besides.
    public func safetensors() -> Safetensors {
        var tensors: [Safetensors.Tensor] = []
        for (kind, layer) in zip(shape.kinds, layers) {
            let (side, channels, cells) = (shape.kernelSize(of: kind), shape.channelCounts(of: kind), shape.cellCount(of: kind))
            var weights = [Float](repeating: 0, count: layer.weights.elements.count)
            var biases = layer.biases
            for row in 0..<layer.outputCount {
                let target = Self.storedRow(row, cellCount: cells, channelCount: channels.outputs / cells)
                biases[target] = layer.biases[row]
                for tap in 0..<side * side {
                    for channel in 0..<channels.inputs {
                        weights[(target * channels.inputs + channel) * side * side + tap] =
                            layer.weights[row, tap * channels.inputs + channel]
                    }
                }
            }
            tensors.append(
                .init(name: "\(kind.name).weight", shape: [channels.outputs, channels.inputs, side, side], values: .float32(weights)))
            tensors.append(.init(name: "\(kind.name).bias", vector: biases))
        }
        return Safetensors(
            tensors: tensors,
            metadata: [
                "height": "\(shape.raster.height)", "width": "\(shape.raster.width)",
                "strides": shape.levels.map { "\($0.stride)" }.joined(separator: " "), "upsampling": shape.upsampling.rawValue,
                "activation": shape.activation.rawValue, "centre": "\(centre)", "scale": "\(scale)",
            ])
    }

    /// The network of a file.
    /// - Throws: `SafetensorsError.unsupported`, `.wrongTensor`.
    public init(from file: Safetensors) throws(SafetensorsError) {
        let shape = try UNetShape(from: file)
        var network = UNet(shape: shape)
        for (index, kind) in shape.kinds.enumerated() {
            network.layers[index] = try Self.layer(kind, of: shape, in: file)
        }
        guard let centre = Float(try file.entry("centre")), centre.isFinite else {
            throw .unsupported(entry: "centre", found: try file.entry("centre"))
        }
        guard let scale = Float(try file.entry("scale")), scale.isFinite, scale > 0 else {
            throw .unsupported(entry: "scale", found: try file.entry("scale"))
        }
        (network.centre, network.scale) = (centre, scale)
        self = network
    }

    private static func layer(
        _ kind: UNetShape.Kind, of shape: UNetShape, in file: Safetensors
    ) throws(SafetensorsError) -> DenseLayer<Float> {
        let (side, channels, cells) = (shape.kernelSize(of: kind), shape.channelCounts(of: kind), shape.cellCount(of: kind))
        let (weights, weightShape) = try file.float32("\(kind.name).weight", rank: 4)
        let (biases, _) = try file.float32("\(kind.name).bias", rank: 1)
        let expected = [channels.outputs, channels.inputs, side, side]
        guard weightShape == expected else {
            throw .wrongTensor(name: "\(kind.name).weight", reason: "shape \(weightShape) where \(expected) fits")
        }
        guard biases.count == channels.outputs else {
            throw .wrongTensor(name: "\(kind.name).bias", reason: "\(biases.count) entries for \(channels.outputs) outputs")
        }
        var layer = DenseLayer<Float>(inputCount: side * side * channels.inputs, outputCount: channels.outputs)
        for row in 0..<channels.outputs {
            let source = storedRow(row, cellCount: cells, channelCount: channels.outputs / cells)
            layer.biases[row] = biases[source]
            for tap in 0..<side * side {
                for channel in 0..<channels.inputs {
                    layer.weights[row, tap * channels.inputs + channel] = weights[(source * channels.inputs + channel) * side * side + tap]
                }
            }
        }
        return layer
    }

    /// The same weights in float64.
    public func iterable() -> any IterableMap { converted(to: Double.self) }

    /// Hidden images, their widest, and what the coarsest sees.
    public var facts: MapFacts {
        let field = shape.receptiveField
        return MapFacts(
            depth: shape.layerSizes.count - 1, width: shape.levels.map { max($0.channelCount, $0.decoderChannelCount) }.max(),
            activation: shape.activation.rawValue, parameterCount: parameterCount,
            properties: [
                "strides": shape.levels.map { "\($0.stride)" }.joined(separator: ", "), "upsampling": shape.upsampling.rawValue,
                "skip connections": shape.hasSkips ? "yes" : "no", "receptive field": "\(field.height)×\(field.width)",
                "sees the whole picture": field.coversPicture ? "yes" : "no",
            ])
    }
}

extension UNetShape.Kind {
    /// As tensors are named.
    var name: String {
        switch self {
        case .down(let level): "down.\(level)"
        case .up(let level): "up.\(level)"
        case .skip(let level): "skip.\(level)"
        }
    }
}

extension UNetShape {
    /// Pixels that a convolution gives as channels of one.
    func cellCount(of kind: Kind) -> Int {
        if case .up(let level) = kind, upsampling == .subpixel { return levels[level].stride * levels[level].stride }
        return 1
    }

    /// Larger pictures than this are not stored by anyone, and tables of them would not fit.
    private static let largestSide = 4096
    private static let largestPixelCount = 1 << 22
    /// Beyond these no picture of that size is made coarser.
    private static let largestStride = 4096
    private static let largestLevelCount = 12

    /// The shape that the metadata and tensors of a file describe.
    init(from file: Safetensors) throws(SafetensorsError) {
        func side(_ key: String) throws(SafetensorsError) -> Int {
            let text = try file.entry(key)
            guard let value = Int(text), (1...Self.largestSide).contains(value) else { throw .unsupported(entry: key, found: text) }
            return value
        }
        let (height, width) = (try side("height"), try side("width"))
        guard height * width <= Self.largestPixelCount else { throw .unsupported(entry: "height", found: "\(height) of width \(width)") }
        let strideText = try file.entry("strides")
        let strides = strideText.split(separator: " ").compactMap { Int($0) }
        guard !strides.isEmpty, strides.count <= Self.largestLevelCount, strides.count == strideText.split(separator: " ").count,
            strides.allSatisfy({ (1...Self.largestStride).contains($0) })
        else { throw .unsupported(entry: "strides", found: strideText) }
        let upsamplingName = try file.entry("upsampling")
        guard let upsampling = Upsampling(rawValue: upsamplingName) else { throw .unsupported(entry: "upsampling", found: upsamplingName) }
        let activationName = try file.entry("activation")
        guard let activation = Activation(rawValue: activationName) else { throw .unsupported(entry: "activation", found: activationName) }
        var levels: [Level] = []
        var channelCount = 0
        for (index, stride) in strides.enumerated() {
            let (_, down) = try file.float32("down.\(index).weight", rank: 4)
            let (_, up) = try file.float32("up.\(index).weight", rank: 4)
            let cells = upsampling == .subpixel ? stride * stride : 1
            guard down[0] >= 1, down[1] >= 1, down[2] >= 1, down[2] == down[3] else {
                throw .wrongTensor(name: "down.\(index).weight", reason: "shape \(down) is no square kernel")
            }
            guard up[0] >= cells, up[0] % cells == 0 else {
                throw .wrongTensor(name: "up.\(index).weight", reason: "\(up[0]) outputs for cells of \(cells) pixels")
            }
            if index == 0 { channelCount = down[1] }
            levels.append(Level(channelCount: down[0], stride: stride, kernelSize: down[2], decoderChannelCount: up[0] / cells))
        }
        guard levels[0].decoderChannelCount == channelCount else {
            throw .wrongTensor(name: "up.0.weight", reason: "\(levels[0].decoderChannelCount) channels for a picture of \(channelCount)")
        }
        self.init(
            raster: Raster(height: height, width: width, channels: channelCount), levels: levels, upsampling: upsampling,
            hasSkips: file.tensors.contains { $0.name.hasPrefix("skip.") }, activation: activation)
        guard tableEntryCount <= Self.largestTableEntryCount else {
            throw .unsupported(entry: "height", found: "\(height) of width \(width) with kernels that large")
        }
    }

    /// Beyond this, tables of what convolutions read would take gigabytes.
    public static let largestTableEntryCount = 1 << 23
}
