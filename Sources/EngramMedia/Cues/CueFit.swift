/// Brings one decoded file to the layout of a memory; each format's folder has its part.
package struct CueFit {
    let memory: SampleSet
    let options: CueReadOptions

    /// Size and colour of what the memory holds, where it can be shown as a picture.
    var picture: ImageFormat? { memory.previewFormat }

    /// Values of the medium as the memory has them.
    func onMemoryScale(_ values: [Float]) -> [Float] { memory.scaling?.values(ofMedium: values) ?? values }

    func unfit(_ name: String, _ found: String) -> MediaError {
        .unfitCue(
            file: name, property: "kind", memory: memory.format.kind.kindName, found: found,
            remedy: "Ask with media of the memory's own kind.")
    }

    func shapeText(_ sizes: [Int]) -> String { sizes.isEmpty ? "single numbers" : sizes.map(String.init).joined(separator: " x ") }

    func plain(_ code: Double) -> String { Int(exactly: code).map(String.init) ?? "\(code)" }
}
