import EngramKernels
import EngramNumerics
import Foundation

/// Kernels of convolutional networks, and pictures completed by them, one command a line.
///
/// `kernel SIDE LEVELS TIMES` answers with seconds for each computation; `fill HEIGHT WIDTH CHANNELS PATH` with how long the picture took
/// and what came of it, where PATH holds float64 values, pixels with their channels, and then a byte for each pixel: 1 is known.
struct PicturesService {
    init(_ options: inout Options) throws { try options.requireAllUsed() }

    func serve() throws {
        try Reply.send(["threads": .count(BLASLibrary.threadCount)])
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "kernel": try kernel(words)
            case "fill": try fill(words)
            default: throw BenchmarkError("A command is 'kernel' or 'fill', found '\(line)'.")
            }
        }
    }

    private func kernel(_ words: [String]) throws {
        guard words.count == 4, let side = Int(words[1]), let levels = Int(words[2]), let times = Int(words[3]), times > 0 else {
            throw BenchmarkError("'kernel' needs a side, levels and how often.")
        }
        let network = try ConvolutionalNetwork.hourglass(levels: levels)
        let began = ContinuousClock.now
        var corner = 0.0
        for _ in 0..<times { corner = try ConvolutionalKernel(network, side: side).tensor()[0, 0, 1, 2] }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        try Reply.send(["seconds": .number(seconds / Double(times)), "corner": .number(corner)])
    }

    private func fill(_ words: [String]) throws {
        guard words.count >= 5, let height = Int(words[1]), let width = Int(words[2]), let channels = Int(words[3]) else {
            throw BenchmarkError("'fill' needs height, width, channels and a file.")
        }
        let data = try Data(contentsOf: URL(fileURLWithPath: words[4...].joined(separator: " ")))
        let count = height * width
        guard data.count == 8 * count * channels + count else { throw BenchmarkError("The file of 'fill' has \(data.count) bytes.") }
        let values = (0..<count * channels).map { index in
            Double(bitPattern: (0..<8).reduce(UInt64(0)) { $0 | UInt64(data[8 * index + $1]) << (8 * UInt64($1)) })
        }
        let picture = KnownPicture(
            values: Matrix(rowCount: count, columnCount: channels, elements: values),
            isKnown: (0..<count).map { data[8 * count * channels + $0] == 1 }, height: height, width: width)
        let (clock, processor) = (ContinuousClock.now, Self.processorSeconds())
        let completion = try PictureCompletion(of: picture, holes: PictureHoles(picture))
        let (seconds, used) = ((ContinuousClock.now - clock) / .seconds(1), Self.processorSeconds() - processor)
        let biharmonic = try BiharmonicFill(picture)
        func decibels(_ matrix: Matrix<Double>) -> Double {
            PictureQuality(
                of: matrix.map { (min(max($0, 0), 1) * 255).rounded() / 255 }, against: picture.values, height: height, width: width,
                range: 1
            ).peakSignalToNoise
        }
        try Reply.send([
            "seconds": .number(seconds), "processor_seconds": .number(used), "psnr": .number(decibels(completion.values)),
            "biharmonic": .number(decibels(biharmonic.values)), "levels": .count(completion.choice.levels),
            "upsampling": .text(completion.choice.upsampling.rawValue), "smoothing": .count(completion.choice.smoothing),
            "iterations": .count(completion.iterationCount),
        ])
    }

    /// Seconds that all threads of this process have used of the processors.
    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
