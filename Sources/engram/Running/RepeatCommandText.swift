/// The command that repeats a run from a published folder.
enum RepeatCommandText {
    /// Returns a command for a shell, to be run where the drop and the published `settings.yml` lie. It names no other path, so that the
    /// same drop gives the same report wherever it is processed.
    static func text(dropName: String, threadCount: Int) -> String {
        // `--` would end the options; a name that begins with a dash becomes a path instead.
        let source = dropName.hasPrefix("-") ? "./" + dropName : dropName
        let words = ["engram", "process", source, "--output=\(dropName)-again", "--settings=settings.yml", "--threads=\(threadCount)"]
        return words.map(quoted).joined(separator: " ")
    }

    /// Returns `word` as a POSIX shell reads it back unchanged: bare where that is safe, in single quotes otherwise.
    static func quoted(_ word: String) -> String {
        let isSafe = word.unicodeScalars.allSatisfy { scalar in
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", "/", "=", ":", ",", "@", "%", "+": true
            default: false
            }
        }
        if isSafe, !word.isEmpty, !word.hasPrefix("=") { return word }
        // Nothing is special between single quotes but the quote itself, which has to stand outside.
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
