internal import EngramKernels
internal import EngramMedia
internal import EngramSystem
internal import Glibc

/// The pictures of a drop that is to be completed, with their masks, before any is decoded.
struct InpaintDrop {
    /// One picture.
    struct Item {
        /// Its path within the drop.
        let name: String
        let picturePath: String
        /// nil: its alpha says what is missing.
        let maskPath: String?
        /// The picture as it was; nil where nobody gave it.
        let originalPath: String?
    }

    let items: [Item]
    /// Why it is taken for this.
    let reason: String
    /// What was passed over, in sentences.
    let notes: [String]

    /// Finds pictures and masks: one picture with a mask beside it or with missing pixels of its own, or a folder: of pictures that have
    /// masks, each its own or one for all beside the folder.
    /// - Throws: `Failure` for a folder that cannot be read.
    init(_ drop: DropContents) throws {
        let beside = drop.companions.first { $0.hasSuffix(MaskName.suffix) }.map { drop.path(ofCompanion: $0) }
        guard drop.isFolder else {
            let original = drop.companions.first { $0.hasSuffix(Self.originalSuffix) }.map { drop.path(ofCompanion: $0) }
            items = [Item(name: drop.name, picturePath: drop.path, maskPath: beside, originalPath: original)]
            reason = beside == nil ? "some of its pixels have alpha 0" : "a mask lies beside it"
            notes = []
            return
        }
        let names = try Self.pictureNames(in: drop.path)
        let present = Set(names)
        let pictures = names.filter { !Self.isCompanion($0, among: present) }
        items = pictures.compactMap { name in
            let own = MaskName.of(name)
            let mask = present.contains(own) ? drop.path + "/" + own : beside
            let original = Self.stem(of: name) + Self.originalSuffix
            guard mask != nil else { return nil }
            return Item(
                name: name, picturePath: drop.path + "/" + name, maskPath: mask,
                originalPath: present.contains(original) ? drop.path + "/" + original : nil)
        }
        let passed = pictures.filter { name in beside == nil && !present.contains(MaskName.of(name)) }
        notes =
            passed.isEmpty
            ? []
            : [
                "\(passed.count) \(passed.count == 1 ? "picture has" : "pictures have") no mask and \(passed.count == 1 ? "is" : "are") left out: "
                    + passed.prefix(Self.namedCount).joined(separator: ", ") + (passed.count > Self.namedCount ? " and others." : ".")
            ]
        reason =
            beside == nil ? "it is a folder in which pictures have masks" : "it is a folder of pictures with one mask for all beside it"
    }

    /// Refuses pictures that would be filled into the same file.
    /// - Throws: `Failure` that names two of them.
    func checkNames() throws(Failure) {
        var names: [String: String] = [:]
        for item in items {
            let stem = Self.stem(of: item.name)
            if let other = names.updateValue(item.name, forKey: stem) {
                throw Failure(
                    stage: .decode, code: "equal-names", file: item.name,
                    expected: "pictures whose names differ before the ending, since each is filled into its name with .png",
                    found: "\(other) too", remedy: "Rename one of them with its mask.")
            }
        }
    }

    /// Names that a sentence lists.
    private static let namedCount = 10

    /// The pixel that `inpaint.explain` names by row and column from 1, in a picture that it is missing from; nil for the least certain one,
    /// and in folders for pictures that it is not missing from.
    /// - Parameters:
    ///   - setting: Two numbers with a comma; nil: none.
    ///   - total: Pictures of the drop.
    /// - Throws: `Failure` for what is no pixel, or no missing one of the only picture.
    static func explainedPixel(_ setting: String?, in picture: KnownPicture, named name: String, total: Int) throws(Failure) -> Int? {
        guard let setting else { return nil }
        let numbers = setting.split(separator: ",").map { Int($0.filter { $0 != " " }) }
        guard numbers.count == 2, let row = numbers[0], let column = numbers[1], row > 0, column > 0 else {
            throw Failure(
                stage: .settings, code: "bad-pixel", place: "inpaint.explain", expected: "a row and a column from 1, such as 12,40",
                found: "\"\(setting.prefix(60))\"", remedy: "Correct the setting and drop the picture again.")
        }
        let isInside = row <= picture.height && column <= picture.width
        let pixel = (row - 1) * picture.width + column - 1
        if isInside, !picture.isKnown(pixel) { return pixel }
        guard total == 1 else { return nil }
        throw Failure(
            stage: .settings, code: "bad-pixel", file: name, place: "inpaint.explain", expected: "a pixel that is missing",
            found: isInside
                ? "row \(row), column \(column), which is known" : "row \(row), column \(column) of \(picture.height) and \(picture.width)",
            remedy: "Name a pixel of a hole, or leave the setting out for the least certain one.")
    }

    /// What ends the name of a picture's original.
    private static let originalSuffix = "_GT.png"

    /// Whether a drop is this: a mask lies beside it or, in a folder, beside a picture of it, or the picture has pixels of alpha 0.
    static func claims(_ drop: DropContents) throws -> Bool {
        if drop.companions.contains(where: { $0.hasSuffix(MaskName.suffix) }) { return true }
        guard drop.isFolder else {
            guard isPicture(drop.path) || isPicture(drop.name) else { return false }
            // A file that cannot be read is told of by the job that it would otherwise be for.
            return (try? MaskedPicture.hasTransparentPixels(drop.path, limits: drop.settings.mediaLimits)) ?? false
        }
        let names = Set(try pictureNames(in: drop.path))
        return names.contains { !$0.hasSuffix(MaskName.suffix) && names.contains(MaskName.of($0)) }
    }

    /// Names of pictures in a folder, in natural order; not those of folders within.
    private static func pictureNames(in path: String) throws -> [String] {
        guard let stream = opendir(path) else {
            throw Failure(stage: .decode, code: "unreadable", file: path, expected: "a folder that can be read", found: "none")
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let raw = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if let name = String(validating: raw, as: UTF8.self), !name.hasPrefix("."), isPicture(name) { names.append(name) }
        }
        return names.sorted(by: NaturalOrder.precedes)
    }

    /// Masks and originals of other pictures.
    private static func isCompanion(_ name: String, among names: Set<String>) -> Bool {
        for suffix in [MaskName.suffix, originalSuffix] where name.hasSuffix(suffix) {
            let stem = String(name.dropLast(suffix.count))
            if ["png", "PNG", "jpg", "JPG", "jpeg"].contains(where: { names.contains(stem + "." + $0) }) { return true }
        }
        return false
    }

    private static func isPicture(_ name: String) -> Bool {
        [".png", ".jpg", ".jpeg"].contains { name.lowercased().hasSuffix($0) }
    }

    /// A name without the ending of a picture.
    static func stem(of name: String) -> String {
        let ending = [".png", ".jpg", ".jpeg"].first { name.lowercased().hasSuffix($0) }
        return String(name.dropLast(ending?.count ?? 0))
    }
}
