import ArgumentParser

/// How much of the work is shown.
struct DisplayOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Show no progress: only results, and errors.")
    var quiet = false

    /// Where progress is shown.
    func display() -> LiveDisplay { StandardStreams.display(isQuiet: quiet) }
}
