internal import EngramMedia
internal import EngramNumerics
internal import Foundation

/// The data sets of the published experiments, read from one folder.
struct ExperimentData {
    /// Samples with a description for the report.
    struct Samples {
        /// Shape `[n, d]`.
        var matrix: Matrix<Float>
        /// What they are.
        var description: String
    }

    /// Where data sets lie.
    let folder: String

    /// The shipped samples, seen from the root of the repository.
    static let shippedFolder = "Examples/drops"

    /// 100 digits, ten of each, in the order 0 … 9, 0 … 9.
    func hundredDigits() throws -> Samples {
        let path = try existing(["mnist/mnist100-images-idx3-ubyte", "digits-idx3-ubyte"], of: "100 images of MNIST")
        return Samples(matrix: try read(path), description: "100 images of MNIST, ten of each digit")
    }

    /// The first `count` training images of MNIST.
    func trainingDigits(_ count: Int) throws -> Samples {
        let path = try existing(["mnist/train-images-idx3-ubyte.gz", "mnist/train-images-idx3-ubyte"], of: "the training images of MNIST")
        return Samples(
            matrix: try prefix(of: read(path), count, path: path), description: "the first \(count) training images of MNIST")
    }

    /// The first `count` test images of MNIST.
    func testDigits(_ count: Int) throws -> Samples {
        let path = try existing(["mnist/t10k-images-idx3-ubyte.gz", "mnist/t10k-images-idx3-ubyte"], of: "the test images of MNIST")
        return Samples(matrix: try prefix(of: read(path), count, path: path), description: "the first \(count) test images of MNIST")
    }

    /// The first `count` images of CIFAR-10 in gray.
    func grayPhotographs(_ count: Int) throws -> Samples {
        let path = try existing(["cifar/gray"], of: "gray images of CIFAR-10")
        return Samples(matrix: try prefix(of: read(path), count, path: path), description: "the first \(count) images of CIFAR-10 in gray")
    }

    /// The first `count` images of CIFAR-10 in colour.
    func smallColourPhotographs(_ count: Int) throws -> Samples {
        let path = try existing(["cifar/color"], of: "colour images of CIFAR-10")
        return Samples(
            matrix: try prefix(of: read(path), count, path: path), description: "the first \(count) images of CIFAR-10 in colour")
    }

    /// The first `count` colour photographs of 64 × 64.
    func colourPhotographs(_ count: Int) throws -> Samples {
        let path = try existing(["images64"], of: "colour photographs of 64 × 64")
        return Samples(
            matrix: try prefix(of: read(path), count, path: path),
            description: "\(count) colour photographs of 64 × 64, which stand for ImageNet-64")
    }

    /// Photographs that squares can be cut from.
    func foreignPictures(side: Int) throws -> ForeignPictures {
        let names = ["kate.png", "library.png", "vase.png", "barbara_GT.png", "boat_GT.png", "couple_GT.png", "hill_GT.png", "man_GT.png"]
        return try ForeignPictures(paths: names.map { try existing(["inpaint/" + $0], of: "larger photographs") }, side: side)
    }

    /// The first `count` frames of the film.
    func film(_ count: Int) throws -> Samples {
        let path = try existing(["steamboat"], of: "the frames of 'Steamboat Willie'")
        let all = try read(path)
        return Samples(
            matrix: try prefix(of: all, count, path: path),
            description: "\(count) of the \(all.rowCount) frames of 128 × 128 that one loop of the published video holds")
    }

    /// The first `count` seconds of speech, one window each, with the film's rate of samples kept.
    func speech(_ count: Int) throws -> Samples {
        let path = try existing(["speech/LJ001-0001.wav", "speech.wav"], of: "a recording of speech")
        let all = try read(path)
        return Samples(
            matrix: try prefix(of: all, count, path: path),
            description: "\(count) s of speech at \(all.columnCount) Hz (LJ Speech, in place of the published recording)")
    }

    private func existing(_ names: [String], of what: String) throws -> String {
        for name in names {
            let path = folder + "/" + name
            if FileManager.default.fileExists(atPath: path) { return path }
        }
        throw ExperimentError.missingData(what: what, lookedFor: names, folder: folder)
    }

    private func read(_ path: String) throws -> Matrix<Float> {
        do {
            let set = try MediaReader.read(path: path)
            return Matrix(rowCount: set.count, columnCount: set.dimension, elements: set.values)
        } catch {
            throw ExperimentError.unusableData(path: path, reason: "\(error)")
        }
    }

    private func prefix(of matrix: Matrix<Float>, _ count: Int, path: String) throws -> Matrix<Float> {
        guard matrix.rowCount >= count else {
            throw ExperimentError.unusableData(path: path, reason: "\(count) samples are needed, it has \(matrix.rowCount).")
        }
        return matrix.rows(at: 0..<count)
    }
}
